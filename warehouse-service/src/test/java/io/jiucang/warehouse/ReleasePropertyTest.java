package io.jiucang.warehouse;

import static io.jiucang.warehouse.WarehouseFixtures.BIN;
import static io.jiucang.warehouse.WarehouseFixtures.GTIN;
import static io.jiucang.warehouse.WarehouseFixtures.PLAN;
import static io.jiucang.warehouse.WarehouseFixtures.SCAN;
import static io.jiucang.warehouse.WarehouseFixtures.SITE;
import static io.jiucang.warehouse.WarehouseFixtures.box;
import static org.assertj.core.api.Assertions.assertThat;

import io.jiucang.events.WarehouseEvent.CasesReleased;
import io.jiucang.events.WarehouseEvent.ReleaseCancelled;
import io.jiucang.events.WarehouseEvent.ReleaseRefused;
import io.jiucang.events.WarehouseEvent.ReleasedCase;
import io.jiucang.events.value.OrderId;
import io.jiucang.events.value.ReleaseId;
import io.jiucang.events.value.TokenId;
import io.jiucang.events.value.VaultId;
import io.jiucang.warehouse.WarehouseCommand.CancelRelease;
import io.jiucang.warehouse.WarehouseCommand.PickCase;
import io.jiucang.warehouse.WarehouseCommand.RefuseRelease;
import io.jiucang.warehouse.WarehouseCommand.ReleaseCases;
import io.jiucang.warehouse.WarehouseCommand.ReportDamage;
import io.jiucang.warehouse.WarehouseCommand.RequestRelease;
import io.jiucang.warehouse.WarehouseCommand.ShelveCase;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
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

/** Whatever scanners, buyers and chance do, in any order. */
class ReleasePropertyTest {

    private static final int RELEASES = 3;
    private static final int TOKENS = 3;
    private static final int BOXES = 8;

    private final List<Object> events = new ArrayList<>();

    @Property(tries = 200)
    void everyTokenHasOneOutcomeAndNoBoxServesTwo(@ForAll("steps") List<Step> steps) {
        play(steps);

        List<ReleasedCase> cases = of(CasesReleased.class).stream()
                .flatMap(event -> event.cases().stream())
                .toList();
        assertThat(cases).extracting(ReleasedCase::boxCode).doesNotHaveDuplicates();
        List<TokenId> refused = of(ReleaseRefused.class).stream()
                .flatMap(event -> event.tokens().stream())
                .toList();
        List<TokenId> outcomes = new ArrayList<>(refused);
        cases.forEach(released -> outcomes.add(released.tokenId()));
        assertThat(outcomes).doesNotHaveDuplicates();
        Set<ReleaseId> begun = new HashSet<>();
        of(CasesReleased.class).forEach(event -> begun.add(event.releaseId()));
        of(ReleaseRefused.class).forEach(event -> begun.add(event.releaseId()));
        assertThat(of(ReleaseCancelled.class))
                .extracting(ReleaseCancelled::releaseId)
                .doesNotHaveDuplicates()
                .noneMatch(begun::contains);
        for (int release = 0; release < RELEASES; release++) {
            ReleaseId id = id(release);
            assertThat(cases.stream()
                            .map(ReleasedCase::tokenId)
                            .filter(tokens(id)::contains)
                            .toList())
                    .as("tokens in their order, none left out")
                    .isEqualTo(tokens(id).subList(0, (int) cases.stream()
                            .filter(released -> tokens(id).contains(released.tokenId()))
                            .count()));
        }
    }

    @Provide
    Arbitrary<List<Step>> steps() {
        Arbitrary<Integer> release = Arbitraries.integers().between(0, RELEASES - 1);
        Arbitrary<Step> scan = Arbitraries.integers()
                .between(0, BOXES - 1)
                .list()
                .ofMinSize(1)
                .ofMaxSize(4)
                .flatMap(boxes -> release.map(of -> new Step.Scan(of, boxes)));
        Arbitrary<Step> damage = Arbitraries.integers().between(0, BOXES - 1).map(Step.Damage::new);
        Arbitrary<Step> cancel = release.map(Step.Cancel::new);
        Arbitrary<Step> refuse = release.map(Step.Refuse::new);
        return Arbitraries.frequencyOf(Tuple.of(6, scan), Tuple.of(1, damage), Tuple.of(1, cancel), Tuple.of(1, refuse))
                .list()
                .ofMaxSize(20);
    }

    sealed interface Step {
        record Scan(int release, List<Integer> boxes) implements Step {}

        record Damage(int box) implements Step {}

        record Cancel(int release) implements Step {}

        record Refuse(int release) implements Step {}
    }

    private void play(List<Step> steps) {
        events.clear();
        Configuration axon = DefaultConfigurer.defaultConfiguration(false)
                .configureEmbeddedEventStore(config -> new InMemoryEventStorageEngine())
                .configureAggregate(StockCase.class)
                .configureAggregate(Release.class)
                .buildConfiguration();
        axon.start();
        try {
            axon.eventStore()
                    .subscribe(batch ->
                            batch.stream().map(EventMessage::getPayload).forEach(events::add));
            CommandGateway commands = axon.commandGateway();
            IntStream.range(0, BOXES).forEach(box -> commands.sendAndWait(new ShelveCase(box(box), SITE, BIN)));
            IntStream.range(0, RELEASES).forEach(release -> commands.sendAndWait(request(id(release))));
            steps.forEach(step -> attempt(commands, step));
        } finally {
            axon.shutdown();
        }
    }

    private static void attempt(CommandGateway commands, Step step) {
        try {
            switch (step) {
                case Step.Scan(int release, List<Integer> boxes) ->
                    commands.sendAndWait(new ReleaseCases(
                            id(release),
                            boxes.stream()
                                    .map(box ->
                                            commands.<CasePicked>sendAndWait(new PickCase(box(box), id(release), SCAN)))
                                    .toList()));
                case Step.Damage(int box) -> commands.sendAndWait(new ReportDamage(box(box), "x"));
                case Step.Cancel(int release) -> commands.sendAndWait(new CancelRelease(id(release)));
                case Step.Refuse(int release) -> commands.sendAndWait(new RefuseRelease(id(release), "x"));
            }
        } catch (WarehouseRejected refused) {
            // Whatever is refused, the rules must hold.
            assertThat(refused).hasMessageMatching(".+");
        }
    }

    private static RequestRelease request(ReleaseId id) {
        return new RequestRelease(id, new OrderId(id.value()), PLAN, new VaultId(id.value()), SITE, GTIN, tokens(id));
    }

    private static List<TokenId> tokens(ReleaseId release) {
        return LongStream.rangeClosed(1, TOKENS)
                .mapToObj(serial -> new TokenId(new VaultId(release.value()), serial))
                .toList();
    }

    private static ReleaseId id(int release) {
        return new ReleaseId("019aa0c0-0000-7000-8000-00000000000" + release);
    }

    private <E> List<E> of(Class<E> type) {
        return events.stream().filter(type::isInstance).map(type::cast).toList();
    }
}
