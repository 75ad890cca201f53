package io.jiucang.token;

import static io.jiucang.token.TokenFixtures.BUYER;
import static io.jiucang.token.TokenFixtures.OTHER_BUYER;
import static io.jiucang.token.TokenFixtures.boxCode;
import static io.jiucang.token.TokenFixtures.code;
import static io.jiucang.token.TokenFixtures.hashlock;
import static io.jiucang.token.TokenFixtures.token;
import static org.assertj.core.api.Assertions.assertThat;

import io.jiucang.events.TokenEvent;
import io.jiucang.events.TokenEvent.TokenBurned;
import io.jiucang.events.TokenEvent.TokenLocked;
import io.jiucang.events.TokenEvent.TokenUnlocked;
import io.jiucang.events.value.BoxCode;
import io.jiucang.events.value.HandoverCode;
import io.jiucang.events.value.Ids;
import io.jiucang.events.value.LedgerReference;
import io.jiucang.events.value.PickupId;
import io.jiucang.token.TokenCommand.BurnToken;
import io.jiucang.token.TokenCommand.GrantTitle;
import io.jiucang.token.TokenCommand.LockForPickup;
import io.jiucang.token.TokenCommand.UnlockFromPickup;
import io.jiucang.token.TokenView.State;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
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
import org.jspecify.annotations.Nullable;

/** I3 through any history of one token: {@code HELD ⇄ PICKUP_PENDING → BURNED}, for one pickup at a time, by its code. */
class PickupPropertiesTest {

    private static final LedgerReference PROVEN = new LedgerReference(Ids.next(), 1, 2);
    private static final List<PickupId> PICKUPS =
            Stream.generate(() -> new PickupId(Ids.next())).limit(4).toList();

    enum Act {
        LOCK,
        LOCK_BY_ANOTHER,
        UNLOCK,
        BURN,
        BURN_ANOTHER_CASE,
        BURN_BY_ANOTHER_CODE
    }

    record Step(Act act, PickupId pickup) {}

    @Property(tries = 200)
    void isInOneStateAtATime(@ForAll("histories") List<Step> history) {
        Configuration axon = DefaultConfigurer.defaultConfiguration(false)
                .configureEmbeddedEventStore(c -> new InMemoryEventStorageEngine())
                .configureAggregate(Token.class)
                .buildConfiguration();
        Books books = new Books();
        axon.eventStore().subscribe(events -> events.forEach(event -> books.enter((TokenEvent) event.getPayload())));
        axon.start();
        try {
            CommandGateway commands = axon.commandGateway();
            commands.sendAndWait(new GrantTitle(token(1), TokenFixtures.granted(1, boxCode(1))));
            history.forEach(step -> books.take(step, commands));
        } finally {
            axon.shutdown();
        }
    }

    @Provide
    Arbitrary<List<Step>> histories() {
        return Combinators.combine(Arbitraries.of(Act.class), Arbitraries.of(PICKUPS))
                .as(Step::new)
                .list()
                .ofMaxSize(40);
    }

    /** What an outsider concludes from the token's events. */
    private static final class Books {

        private State state = State.HELD;
        private @Nullable PickupId pickup;
        private final Set<PickupId> ended = new HashSet<>();

        void take(Step step, CommandGateway commands) {
            State before = state;
            boolean its = step.pickup.equals(pickup);
            boolean rejected = !sent(step, commands);

            switch (step.act) {
                case LOCK ->
                    assertThat(step.pickup.equals(pickup))
                            .isEqualTo(its || (before == State.HELD && !ended.contains(step.pickup)));
                case LOCK_BY_ANOTHER, BURN_ANOTHER_CASE, BURN_BY_ANOTHER_CODE ->
                    assertThat(state).isEqualTo(before);
                case UNLOCK -> assertThat(state).isEqualTo(its ? State.HELD : before);
                case BURN -> assertThat(state).isEqualTo(its ? State.BURNED : before);
            }
            assertThat(rejected)
                    .isEqualTo(
                            switch (step.act) {
                                case LOCK, LOCK_BY_ANOTHER, UNLOCK -> false;
                                case BURN -> !its;
                                case BURN_ANOTHER_CASE, BURN_BY_ANOTHER_CODE -> true;
                            });
        }

        private static boolean sent(Step step, CommandGateway commands) {
            try {
                commands.sendAndWait(
                        switch (step.act) {
                            case LOCK ->
                                new LockForPickup(
                                        token(1),
                                        step.pickup,
                                        BUYER,
                                        hashlock(step.pickup, token(1), codeOf(step.pickup)));
                            case LOCK_BY_ANOTHER ->
                                new LockForPickup(
                                        token(1),
                                        step.pickup,
                                        OTHER_BUYER,
                                        hashlock(step.pickup, token(1), codeOf(step.pickup)));
                            case UNLOCK -> new UnlockFromPickup(token(1), step.pickup);
                            case BURN -> burn(step.pickup, boxCode(1), codeOf(step.pickup));
                            case BURN_ANOTHER_CASE -> burn(step.pickup, boxCode(2), codeOf(step.pickup));
                            case BURN_BY_ANOTHER_CODE -> burn(step.pickup, boxCode(1), codeOfTheNext(step.pickup));
                        });
                return true;
            } catch (TokenRejected rejected) {
                return false;
            }
        }

        private static BurnToken burn(PickupId pickup, BoxCode boxCode, HandoverCode code) {
            return new BurnToken(token(1), pickup, BUYER, boxCode, code, PROVEN);
        }

        /** Each pickup's own, so that the code of one that has ended opens nothing. */
        private static HandoverCode codeOf(PickupId pickup) {
            return code(PICKUPS.indexOf(pickup));
        }

        private static HandoverCode codeOfTheNext(PickupId pickup) {
            return code((PICKUPS.indexOf(pickup) + 1) % PICKUPS.size());
        }

        void enter(TokenEvent event) {
            switch (event) {
                case TokenLocked locked -> {
                    assertThat(state).isEqualTo(State.HELD);
                    assertThat(ended).doesNotContain(locked.pickupId());
                    state = State.PICKUP_PENDING;
                    pickup = locked.pickupId();
                }
                case TokenUnlocked unlocked -> {
                    assertThat(state).isEqualTo(State.PICKUP_PENDING);
                    assertThat(unlocked.pickupId()).isEqualTo(pickup);
                    state = State.HELD;
                    ended.add(unlocked.pickupId());
                    pickup = null;
                }
                case TokenBurned burned -> {
                    assertThat(state).isEqualTo(State.PICKUP_PENDING);
                    assertThat(burned.pickupId()).isEqualTo(pickup);
                    state = State.BURNED;
                    pickup = null;
                }
                case TokenEvent other -> {}
            }
        }
    }
}
