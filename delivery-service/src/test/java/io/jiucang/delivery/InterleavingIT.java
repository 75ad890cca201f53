package io.jiucang.delivery;

import static io.jiucang.starter.test.TestPlatform.COURIER;
import static io.jiucang.starter.test.TestPlatform.LI;
import static org.assertj.core.api.Assertions.assertThat;

import io.cloudevents.CloudEvent;
import io.jiucang.events.DeliveryEvent.DeliveryRequested;
import io.jiucang.events.DeliveryEvent.PickupEnded;
import io.jiucang.events.DomainEvent;
import io.jiucang.events.TokenEvent.LockRefusal;
import io.jiucang.events.TokenEvent.TokenLockRefused;
import io.jiucang.events.TokenEvent.TokenLocked;
import io.jiucang.events.TokenEvent.TokenUnlocked;
import io.jiucang.events.WarehouseEvent.CaseDamaged;
import io.jiucang.events.WarehouseEvent.CasesShipped;
import io.jiucang.events.value.TokenId;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Consumers side by side come to what one comes to who reads everything in turn: each pickup is decided, and once. */
class InterleavingIT extends DeliveryTestbed {

    @ParameterizedTest
    @ValueSource(longs = {1, 2})
    void comeToWhatOneComesTo(long seed) {
        Pickups oneByOne = new Pickups(new Random(seed), service::publishInTurn);
        Pickups interleaved = new Pickups(new Random(seed), service::publishAtOnce);

        assertThat(interleaved.outcome()).isEqualTo(oneByOne.outcome());
    }

    /** Of some pickups every token can be locked, of others one cannot; of what was asked of the warehouse, some leaves. */
    private static final class Pickups {

        private final List<Order> orders =
                IntStream.range(0, 6).mapToObj(i -> Order.of(3).authorised()).toList();

        Pickups(Random random, Consumer<List<CloudEvent>> telling) {
            List<CloudEvent> locking = new ArrayList<>();
            List<CloudEvent> leaving = new ArrayList<>();
            for (int i = 0; i < orders.size(); i++) {
                Order order = orders.get(i);
                boolean refused = i % 3 == 0;
                for (TokenId token : order.cellar().tokens()) {
                    if (refused && token.serial() == 2) {
                        locking.add(signed(new TokenLockRefused(token, order.id(), LockRefusal.NOT_AVAILABLE), token));
                    } else {
                        locking.add(signed(new TokenLocked(token, LI, order.id(), NO_LOCK), token));
                    }
                    if (refused && token.serial() == 1) {
                        leaving.add(signed(new TokenUnlocked(token, LI, order.id()), token));
                    }
                }
                if (!refused) {
                    leaving.add(signed(
                            new CasesShipped(order.id(), COURIER, order.cellar().delivered(1, 2, 3)), order.id()));
                    leaving.add(signed(
                            new CaseDamaged(order.cellar().box(3), "luzhou-1", "A-3", "label torn"),
                            order.cellar().box(3)));
                }
            }
            Collections.shuffle(locking, random);
            telling.accept(locking);
            Collections.shuffle(leaving, random);
            telling.accept(leaving);
        }

        List<Map<String, Object>> outcome() {
            List<DeliveryRequested> requested = service.published(DeliveryRequested.class);
            List<PickupEnded> cancelled = service.published(PickupEnded.class);
            return orders.stream()
                    .map(order -> Map.<String, Object>of(
                            "status", order.status(),
                            "requested",
                                    requested.stream()
                                            .filter(event -> event.pickupId().equals(order.id()))
                                            .count(),
                            "cancelled",
                                    cancelled.stream()
                                            .filter(event -> event.pickupId().equals(order.id()))
                                            .count(),
                            "sagas", count("""
                                    select count(*) from association_value_entry where association_value = ?""", order.id().value()),
                            "free", count("""
                                    select count(*) from custody_case where vault_id = ? and locked_for is null""", order.cellar().vault().value()),
                            "away", count("""
                                    select count(*) from custody_case where vault_id = ? and bin is null""", order.cellar().vault().value()),
                            "parked", count("select count(*) from parked_event")))
                    .toList();
        }

        private static CloudEvent signed(DomainEvent event, Object subject) {
            return service.platform().signed(event, subject.toString());
        }
    }
}
