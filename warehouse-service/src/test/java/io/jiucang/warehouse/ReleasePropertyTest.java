package io.jiucang.warehouse;

import static io.jiucang.warehouse.WarehouseFixtures.BIN;
import static io.jiucang.warehouse.WarehouseFixtures.GTIN;
import static io.jiucang.warehouse.WarehouseFixtures.SALE;
import static io.jiucang.warehouse.WarehouseFixtures.SCAN;
import static io.jiucang.warehouse.WarehouseFixtures.SITE;
import static io.jiucang.warehouse.WarehouseFixtures.STATEMENT;
import static io.jiucang.warehouse.WarehouseFixtures.box;
import static org.assertj.core.api.Assertions.assertThat;

import io.jiucang.events.WarehouseEvent.CaseStated;
import io.jiucang.events.WarehouseEvent.CasesReleased;
import io.jiucang.events.WarehouseEvent.ReleaseCancelled;
import io.jiucang.events.WarehouseEvent.ReleasedCase;
import io.jiucang.events.value.OrderId;
import io.jiucang.events.value.ReleaseId;
import io.jiucang.events.value.TokenId;
import io.jiucang.events.value.VaultId;
import io.jiucang.warehouse.WarehouseCommand.CancelRelease;
import io.jiucang.warehouse.WarehouseCommand.PickCase;
import io.jiucang.warehouse.WarehouseCommand.ReleaseCases;
import io.jiucang.warehouse.WarehouseCommand.ReportDamage;
import io.jiucang.warehouse.WarehouseCommand.RequestRelease;
import io.jiucang.warehouse.WarehouseCommand.ShelveCase;
import io.jiucang.warehouse.WarehouseCommand.StateCases;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
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
        List<TokenId> outcomes = new ArrayList<>(of(CaseStated.class).stream()
                .flatMap(event -> Release.tokens(Release.word(event)).stream())
                .toList());
        cases.forEach(released -> outcomes.add(released.tokenId()));
        assertThat(outcomes).doesNotHaveDuplicates();
        Set<ReleaseId> begun = new HashSet<>();
        of(CasesReleased.class).forEach(event -> begun.add(event.releaseId()));
        assertThat(of(ReleaseCancelled.class))
                .extracting(ReleaseCancelled::releaseId)
                .doesNotHaveDuplicates()
                .noneMatch(begun::contains);
    }

    @Provide
    Arbitrary<List<Step>> steps() {
        Arbitrary<Integer> release = Arbitraries.integers().between(0, RELEASES - 1);
        Arbitrary<Integer> token = Arbitraries.integers().between(0, TOKENS - 1);
        Arbitrary<Step> scan = Arbitraries.maps(token, Arbitraries.integers().between(0, BOXES - 1))
                .ofMinSize(1)
                .ofMaxSize(TOKENS)
                .flatMap(boxes -> release.map(of -> new Step.Scan(of, boxes)));
        Arbitrary<Step> damage = Arbitraries.integers().between(0, BOXES - 1).map(Step.Damage::new);
        Arbitrary<Step> cancel = release.map(Step.Cancel::new);
        Arbitrary<Step> refuse = release.flatMap(of -> token.map(which -> new Step.Refuse(of, which)));
        Arbitrary<Step> keep = release.flatMap(of -> token.map(which -> new Step.Keep(of, which)));
        return Arbitraries.frequencyOf(
                        Tuple.of(6, scan),
                        Tuple.of(1, damage),
                        Tuple.of(1, cancel),
                        Tuple.of(1, refuse),
                        Tuple.of(2, keep))
                .list()
                .ofMaxSize(20);
    }

    sealed interface Step {
        /** @param boxes by token */
        record Scan(int release, Map<Integer, Integer> boxes) implements Step {}

        record Damage(int box) implements Step {}

        record Cancel(int release) implements Step {}

        record Refuse(int release, int token) implements Step {}

        record Keep(int release, int token) implements Step {}
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
                case Step.Scan(int release, Map<Integer, Integer> boxes) -> {
                    Map<TokenId, CasePicked> cases = new HashMap<>();
                    boxes.forEach((token, box) -> cases.put(
                            tokens(id(release)).get(token),
                            commands.<CasePicked>sendAndWait(new PickCase(box(box), id(release), SCAN))));
                    commands.sendAndWait(new ReleaseCases(id(release), STATEMENT, cases));
                }
                case Step.Damage(int box) -> commands.sendAndWait(new ReportDamage(box(box), "x"));
                case Step.Cancel(int release) -> commands.sendAndWait(new CancelRelease(id(release)));
                case Step.Refuse(int release, int token) ->
                    commands.sendAndWait(new StateCases(
                            id(release),
                            WarehouseFixtures.refused(
                                    id(release), List.of(tokens(id(release)).get(token)))));
                case Step.Keep(int release, int token) ->
                    commands.sendAndWait(new StateCases(
                            id(release),
                            WarehouseFixtures.notReleased(
                                    id(release), List.of(tokens(id(release)).get(token)))));
            }
        } catch (WarehouseRejected refused) {
            // Whatever is refused, the rules must hold.
            assertThat(refused).hasMessageMatching(".+");
        }
    }

    private static RequestRelease request(ReleaseId id) {
        return new RequestRelease(id, new OrderId(id.value()), new VaultId(id.value()), SITE, GTIN, tokens(id), SALE);
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
