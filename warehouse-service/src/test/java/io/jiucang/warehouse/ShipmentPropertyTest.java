package io.jiucang.warehouse;

import static io.jiucang.warehouse.WarehouseFixtures.BIN;
import static io.jiucang.warehouse.WarehouseFixtures.COURIER;
import static io.jiucang.warehouse.WarehouseFixtures.PICKUP;
import static io.jiucang.warehouse.WarehouseFixtures.SITE;
import static io.jiucang.warehouse.WarehouseFixtures.token;
import static org.assertj.core.api.Assertions.assertThat;

import io.jiucang.events.DeliveryEvent.DeliveredCase;
import io.jiucang.events.WarehouseEvent.CasesReturned;
import io.jiucang.events.WarehouseEvent.CasesShipped;
import io.jiucang.events.WarehouseEvent.ShipmentCancellationRefused;
import io.jiucang.events.WarehouseEvent.ShipmentCancelled;
import io.jiucang.events.value.TokenId;
import io.jiucang.warehouse.WarehouseCommand.CancelShipment;
import io.jiucang.warehouse.WarehouseCommand.ExpectReturn;
import io.jiucang.warehouse.WarehouseCommand.NoteLock;
import io.jiucang.warehouse.WarehouseCommand.NoteUnlock;
import io.jiucang.warehouse.WarehouseCommand.RequestShipment;
import io.jiucang.warehouse.WarehouseCommand.ReturnCases;
import io.jiucang.warehouse.WarehouseCommand.ShipCases;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import org.axonframework.commandhandling.gateway.CommandGateway;
import org.axonframework.config.Configuration;
import org.axonframework.config.DefaultConfigurer;
import org.axonframework.eventhandling.EventMessage;
import org.axonframework.eventsourcing.eventstore.inmemory.InMemoryEventStorageEngine;

/** Whatever couriers, owners, scanners and the network do, in any order. */
class ShipmentPropertyTest {

    private static final int CASES = 3;

    private final Set<TokenId> locked = new HashSet<>();
    private final Set<TokenId> shipped = new HashSet<>();
    private final Set<TokenId> returned = new HashSet<>();
    private final Set<TokenId> cancelled = new HashSet<>();
    private boolean requested;

    @Property(tries = 300)
    void everyCaseLeavesOnceOrNeverAndEveryCancellationIsAnswered(@ForAll("steps") List<WarehouseCommand> steps) {
        Stream.of(locked, shipped, returned, cancelled).forEach(Set::clear);
        requested = false;
        Configuration axon = DefaultConfigurer.defaultConfiguration(false)
                .configureEmbeddedEventStore(config -> new InMemoryEventStorageEngine())
                .configureAggregate(Shipment.class)
                .buildConfiguration();
        axon.start();
        try {
            List<Object> events = new ArrayList<>();
            axon.eventStore()
                    .subscribe(batch ->
                            batch.stream().map(EventMessage::getPayload).forEach(events::add));
            for (WarehouseCommand step : steps) {
                events.clear();
                attempt(axon.commandGateway(), step);
                follow(step);
                events.forEach(this::judge);
                if (step instanceof CancelShipment cancel) {
                    assertThat(answered(events)).containsExactlyInAnyOrderElementsOf(cancel.tokens());
                }
            }
        } finally {
            axon.shutdown();
        }
    }

    private static void attempt(CommandGateway commands, WarehouseCommand step) {
        try {
            commands.sendAndWait(step);
        } catch (WarehouseRejected refused) {
            // Whatever is refused, the rules must hold.
            assertThat(refused).hasMessageMatching(".+");
        }
    }

    /** What delivery-service and token-service have told. */
    private void follow(WarehouseCommand step) {
        switch (step) {
            case NoteLock lock -> locked.add(lock.tokenId());
            case NoteUnlock unlock -> locked.remove(unlock.tokenId());
            case RequestShipment _ -> requested = true;
            default -> {}
        }
    }

    /** What this service has told. */
    private void judge(Object event) {
        switch (event) {
            case CasesShipped leaving -> {
                assertThat(requested).as("requested").isTrue();
                assertThat(locked).containsAll(tokens(leaving.cases()));
                tokens(leaving.cases())
                        .forEach(token ->
                                assertThat(shipped.add(token)).as("leaves once").isTrue());
            }
            case CasesReturned coming -> {
                assertThat(shipped).containsAll(tokens(coming.cases()));
                tokens(coming.cases())
                        .forEach(token -> assertThat(returned.add(token))
                                .as("comes back once")
                                .isTrue());
            }
            case ShipmentCancelled kept -> cancelled.addAll(kept.tokens());
            case ShipmentCancellationRefused gone -> assertThat(shipped).containsAll(gone.tokens());
            default -> assertThat(event).isInstanceOf(ShipmentEvent.class);
        }
        assertThat(Collections.disjoint(shipped, cancelled))
                .as("shipped %s, cancelled %s", shipped, cancelled)
                .isTrue();
    }

    private static List<TokenId> answered(List<Object> events) {
        return events.stream()
                .flatMap(event -> switch (event) {
                    case ShipmentCancelled kept -> kept.tokens().stream();
                    case ShipmentCancellationRefused gone -> gone.tokens().stream();
                    default -> Stream.<TokenId>empty();
                })
                .toList();
    }

    private static List<TokenId> tokens(List<DeliveredCase> cases) {
        return cases.stream().map(DeliveredCase::tokenId).toList();
    }

    @Provide
    Arbitrary<List<WarehouseCommand>> steps() {
        Arbitrary<Integer> one = Arbitraries.integers().between(1, CASES);
        Arbitrary<List<Integer>> some = one.list().uniqueElements().ofMinSize(1);
        Arbitrary<WarehouseCommand> request = Arbitraries.just(new RequestShipment(
                PICKUP,
                "顺丰",
                Stream.of(1, 2, 3).map(WarehouseFixtures::stored).toList(),
                Instant.parse("2026-11-24T04:00:00Z")));
        return Arbitraries.frequencyOf(
                        Tuple.of(2, request),
                        Tuple.of(4, one.map(number -> new NoteLock(PICKUP, token(number)))),
                        Tuple.of(1, one.map(number -> new NoteUnlock(PICKUP, token(number)))),
                        Tuple.of(
                                4,
                                some.map(numbers -> new ShipCases(
                                        PICKUP,
                                        COURIER,
                                        numbers.stream()
                                                .map(WarehouseFixtures::dispatched)
                                                .toList()))),
                        Tuple.of(2, some.map(numbers -> new CancelShipment(PICKUP, tokensOf(numbers)))),
                        Tuple.of(1, some.map(numbers -> new ExpectReturn(PICKUP, tokensOf(numbers)))),
                        Tuple.of(
                                1,
                                some.map(numbers -> new ReturnCases(
                                        PICKUP,
                                        SITE,
                                        BIN,
                                        numbers.stream()
                                                .map(WarehouseFixtures::box)
                                                .toList()))))
                .list()
                .ofMaxSize(25);
    }

    private static List<TokenId> tokensOf(List<Integer> numbers) {
        return numbers.stream().map(WarehouseFixtures::token).toList();
    }
}
