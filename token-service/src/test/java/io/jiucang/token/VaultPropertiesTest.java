package io.jiucang.token;

import static io.jiucang.token.TokenFixtures.DURING_SALE;
import static io.jiucang.token.TokenFixtures.VAULT;
import static io.jiucang.token.TokenFixtures.createSalesPlan;
import static org.assertj.core.api.Assertions.assertThat;

import io.jiucang.events.TokenEvent;
import io.jiucang.events.TokenEvent.RefusalReason;
import io.jiucang.events.TokenEvent.ReservationRefused;
import io.jiucang.events.TokenEvent.ReservationReleased;
import io.jiucang.events.TokenEvent.TokensReserved;
import io.jiucang.events.TokenEvent.TokensSold;
import io.jiucang.events.value.Ids;
import io.jiucang.events.value.OrderId;
import io.jiucang.events.value.SerialRange;
import io.jiucang.token.VaultCommand.ReleaseTokens;
import io.jiucang.token.VaultCommand.ReserveTokens;
import io.jiucang.token.VaultCommand.SellTokens;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.LongStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.axonframework.commandhandling.gateway.CommandGateway;
import org.axonframework.config.Configuration;
import org.axonframework.config.DefaultConfigurer;
import org.axonframework.eventsourcing.eventstore.inmemory.InMemoryEventStorageEngine;

/** I1 through any history of one vault: minted = unsold + reserved + sold, and no serial is out twice. */
class VaultPropertiesTest {

    private static final int CASES = 20;
    private static final int LIMIT = 6;
    private static final int BUYERS = 4;

    enum Act {
        RESERVE,
        SELL,
        RELEASE_ALL,
        RELEASE_SOME
    }

    /** @param pick chooses the buyer, or one of the orders there are by then */
    record Step(Act act, int pick, int quantity) {}

    @Property(tries = 100)
    void keepsItsBooks(@ForAll("histories") List<Step> history) {
        Configuration axon = DefaultConfigurer.defaultConfiguration(false)
                .configureEmbeddedEventStore(c -> new InMemoryEventStorageEngine())
                .configureAggregate(Vault.class)
                .buildConfiguration();
        Books books = new Books();
        axon.eventStore().subscribe(events -> events.forEach(event -> books.enter(event.getPayload())));
        axon.start();
        try {
            CommandGateway vault = axon.commandGateway();
            vault.sendAndWait(createSalesPlan(CASES, LIMIT));
            history.forEach(step -> books.take(step, vault));
            books.sellOut(vault);
        } finally {
            axon.shutdown();
        }
    }

    @Provide
    Arbitrary<List<Step>> histories() {
        return Combinators.combine(
                        Arbitraries.of(Act.class),
                        Arbitraries.integers().between(0, 1000),
                        Arbitraries.integers().between(1, LIMIT + 1))
                .as(Step::new)
                .list()
                .ofMaxSize(60);
    }

    /** What an outsider concludes from the vault's events, serial by serial. */
    private static final class Books {

        private final Map<Long, OrderId> holders = new HashMap<>();
        private final Set<Long> sold = new HashSet<>();
        private final Map<OrderId, String> buyers = new LinkedHashMap<>();
        private long asked;

        void take(Step step, CommandGateway vault) {
            if (step.act == Act.RESERVE) {
                reserve("buyer-" + step.pick % BUYERS, step.quantity, vault);
                return;
            }
            List<OrderId> orders = List.copyOf(buyers.keySet());
            OrderId order = orders.isEmpty() ? new OrderId(Ids.next()) : orders.get(step.pick % orders.size());
            Serials held = heldBy(order);
            if (held.isEmpty()) {
                return;
            }
            switch (step.act) {
                case SELL -> {
                    if (held.tokens(VAULT).noneMatch(token -> sold.contains(token.serial()))) {
                        vault.sendAndWait(new SellTokens(
                                VAULT,
                                TokenFixtures.tokensSold(order, held.ranges().toArray(SerialRange[]::new))));
                    }
                }
                case RELEASE_ALL -> vault.sendAndWait(new ReleaseTokens(VAULT, order, held));
                case RELEASE_SOME ->
                    vault.sendAndWait(
                            new ReleaseTokens(VAULT, order, held.first(Math.min(step.quantity, held.count()))));
                case RESERVE -> throw new IllegalStateException("taken above");
            }
        }

        /** What the events leave unsold is to be had to the last case, and not one more. */
        void sellOut(CommandGateway vault) {
            for (int i = 0; holders.size() < CASES; i++) {
                int before = holders.size();
                reserve("late buyer " + i, Math.min(LIMIT, CASES - before), vault);
                assertThat(holders.size()).isGreaterThan(before);
            }
            reserve("too late", 1, vault);
            assertThat(holders).hasSize(CASES);
        }

        private void reserve(String buyer, long quantity, CommandGateway vault) {
            asked = quantity;
            vault.sendAndWait(
                    new ReserveTokens(VAULT, new OrderId(Ids.next()), buyer, quantity, heldBy(buyer), DURING_SALE));
        }

        void enter(Object payload) {
            switch ((TokenEvent) payload) {
                case TokensReserved event -> {
                    assertThat(SerialRange.sizeOf(event.serials())).isEqualTo(asked);
                    buyers.put(event.orderId(), event.buyer());
                    serials(event.serials()).forEach(serial -> {
                        assertThat(serial).isBetween(1L, (long) CASES);
                        assertThat(holders.put(serial, event.orderId())).isNull();
                    });
                    assertThat(heldBy(event.buyer())).isLessThanOrEqualTo(LIMIT);
                }
                case ReservationRefused event ->
                    assertThat(event.reason())
                            .isEqualTo(
                                    heldBy(event.buyer()) + asked > LIMIT
                                            ? RefusalReason.BUYER_LIMIT_EXCEEDED
                                            : RefusalReason.SOLD_OUT)
                            .satisfies(reason -> assertThat(reason == RefusalReason.BUYER_LIMIT_EXCEEDED
                                            || asked > CASES - holders.size())
                                    .isTrue());
                case TokensSold event ->
                    serials(event.serials()).forEach(serial -> {
                        assertThat(holders).containsEntry(serial, event.orderId());
                        assertThat(sold.add(serial)).isTrue();
                    });
                case ReservationReleased event ->
                    serials(event.serials()).forEach(serial -> {
                        assertThat(holders.remove(serial)).isEqualTo(event.orderId());
                        sold.remove(serial);
                    });
                case TokenEvent other -> {}
            }
        }

        private Serials heldBy(OrderId order) {
            return Serials.of(holders.entrySet().stream()
                    .filter(held -> held.getValue().equals(order))
                    .map(held -> new SerialRange(held.getKey(), held.getKey()))
                    .toList());
        }

        private long heldBy(String buyer) {
            return holders.values().stream()
                    .filter(order -> buyer.equals(buyers.get(order)))
                    .count();
        }

        private static List<Long> serials(List<SerialRange> ranges) {
            return ranges.stream()
                    .flatMapToLong(range -> LongStream.rangeClosed(range.from(), range.to()))
                    .boxed()
                    .toList();
        }
    }
}
