package io.jiucang.token;

import static io.jiucang.token.TokenFixtures.BUYER;
import static io.jiucang.token.TokenFixtures.ORDER;
import static io.jiucang.token.TokenFixtures.OTHER_BUYER;
import static io.jiucang.token.TokenFixtures.PLAN;
import static io.jiucang.token.TokenFixtures.VAULT;
import static io.jiucang.token.TokenFixtures.boxCode;
import static io.jiucang.token.TokenFixtures.casesReleased;
import static io.jiucang.token.TokenFixtures.range;
import static io.jiucang.token.TokenFixtures.saleRecorded;
import static io.jiucang.token.TokenFixtures.serials;
import static io.jiucang.token.TokenFixtures.signed;
import static io.jiucang.token.TokenFixtures.token;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jiucang.events.TokenEvent.ReservationReleased;
import io.jiucang.events.envelope.VerifiedEvent;
import io.jiucang.events.value.LedgerReference;
import io.jiucang.events.value.OrderId;
import io.jiucang.starter.inbox.SignedEvent;
import io.jiucang.token.Ledger.EventAnchored;
import io.jiucang.token.Ledger.Leaf;
import io.jiucang.token.Reservations.Reservation;
import io.jiucang.token.TokenCommand.AttachBoxCode;
import io.jiucang.token.TokenCommand.GrantTitle;
import io.jiucang.token.TokenSettings.Patience;
import io.jiucang.token.TokenSettings.WalletTokenSettings;
import io.jiucang.token.VaultCommand.SellTokens;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.axonframework.test.saga.FixtureExecutionResult;
import org.axonframework.test.saga.SagaTestFixture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TitleSagaTest {

    private static final Duration PATIENCE = Duration.ofDays(3);

    private final SagaTestFixture<TitleSaga> saga = new SagaTestFixture<>(TitleSaga.class);
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final Map<OrderId, Reservation> reservations = new HashMap<>();
    private final Map<String, LedgerReference> ledger = new HashMap<>();

    private final VerifiedEvent sale = signed(saleRecorded(BUYER, range(1, 2)));
    private final VerifiedEvent release = signed(casesReleased(1, 2));

    @BeforeEach
    void provide() {
        Reservations reserved = order -> Optional.ofNullable(reservations.get(order));
        Ledger proven = leaf -> Optional.ofNullable(ledger.get(leaf.eventId()));
        saga.registerResource(reserved);
        saga.registerResource(proven);
        saga.registerResource(meters);
        saga.registerResource(new TokenSettings(
                new WalletTokenSettings(Path.of("wallet-tokens.pem")), new Patience(PATIENCE), new Patience(PATIENCE)));
        reserved(serials(range(1, 2)), Serials.NONE, false);
    }

    @Test
    void sellsWhatWasReservedAndWaits() {
        when(sale)
                .expectDispatchedCommands(new SellTokens(VAULT, ORDER, BUYER, serials(range(1, 2))))
                .expectActiveSagas(1)
                .expectScheduledDeadline(PATIENCE, ORDER);
    }

    @Test
    void attachesBoxCodesBeforeTheSaleIsKnown() {
        anchored(release);

        when(release).expectDispatchedCommands(attach(1), attach(2)).expectActiveSagas(1);
    }

    @Test
    void passesTitleOnceBothAreProven() {
        given(sale);
        given(release);
        anchored(sale);
        poke(sale);
        anchored(release);

        saga.whenPublishingA(new EventAnchored(hash(release)))
                .expectDispatchedCommands(grant(1, release), grant(2, release))
                .expectActiveSagas(0)
                .expectNoScheduledDeadlines();
    }

    @Test
    void passesTitleWhenTheReleaseCameFirst() {
        given(release);
        anchored(release);
        poke(release);
        anchored(sale);

        when(sale)
                .expectDispatchedCommands(
                        new SellTokens(VAULT, ORDER, BUYER, serials(range(1, 2))), grant(1, release), grant(2, release))
                .expectActiveSagas(0);
    }

    @Test
    void passesTitleWhenTheSaleIsProvenLast() {
        given(sale);
        given(release);
        anchored(release);
        poke(release);
        anchored(sale);

        saga.whenPublishingA(new EventAnchored(hash(sale)))
                .expectDispatchedCommands(grant(1, release), grant(2, release))
                .expectActiveSagas(0);
    }

    @Test
    void grantsNothingThatTheLedgerDoesNotProve() {
        given(sale);
        given(release);
        anchored(sale);

        saga.whenPublishingA(new EventAnchored(hash(release)))
                .expectNoDispatchedCommands()
                .expectActiveSagas(1);
    }

    @Test
    void passesTitleReleaseByRelease() {
        VerifiedEvent first = signed(casesReleased(1));
        VerifiedEvent second = signed(casesReleased(2));
        given(sale);
        anchored(sale);
        anchored(first);
        anchored(second);

        when(first).expectDispatchedCommands(attach(1), grant(1, first)).expectActiveSagas(1);
        reserved(serials(range(1, 2)), serials(range(1, 1)), true);
        when(second).expectDispatchedCommands(attach(2), grant(2, second)).expectActiveSagas(0);
    }

    @Test
    void endsWhenTheRestIsWithdrawn() {
        VerifiedEvent first = signed(casesReleased(1));
        anchored(sale);
        anchored(first);
        given(sale);
        given(first);

        saga.whenPublishingA(new ReservationReleased(VAULT, PLAN, ORDER, List.of(range(2, 2))))
                .expectNoDispatchedCommands()
                .expectActiveSagas(0)
                .expectNoScheduledDeadlines();
    }

    @Test
    void endsWhenTheOrderIsCancelled() {
        given(sale);

        saga.whenPublishingA(new ReservationReleased(VAULT, PLAN, ORDER, List.of(range(1, 2))))
                .expectActiveSagas(0)
                .expectNoScheduledDeadlines();
    }

    @Test
    void sellsOnlyWhatTheOrderStillHas() {
        reserved(serials(range(2, 2)), Serials.NONE, false);

        when(sale)
                .expectDispatchedCommands(new SellTokens(VAULT, ORDER, BUYER, serials(range(2, 2))))
                .expectActiveSagas(1);
    }

    @Test
    void endsAtOnceForASaleWhoseOrderIsCancelledAlready() {
        reserved(Serials.NONE, Serials.NONE, false);

        when(sale).expectNoDispatchedCommands().expectActiveSagas(0).expectNoScheduledDeadlines();
    }

    @Test
    void endsAtOnceForWhatWasToldBefore() {
        reserved(serials(range(1, 2)), serials(range(1, 2)), true);

        when(sale).expectNoDispatchedCommands().expectActiveSagas(0);
        when(release).expectDispatchedCommands(attach(1), attach(2)).expectActiveSagas(0);
    }

    @Test
    void refusesTheSaleOfWhatWasNotReserved() {
        for (VerifiedEvent wrong :
                List.of(signed(saleRecorded(OTHER_BUYER, range(1, 2))), signed(saleRecorded(BUYER, range(2, 3))))) {
            assertThatThrownBy(() -> given(wrong)).hasRootCauseInstanceOf(IllegalStateException.class);
        }
        reservations.clear();
        assertThatThrownBy(() -> given(sale)).hasRootCauseInstanceOf(IllegalStateException.class);
    }

    @Test
    void refusesTheReleaseOfATokenThatIsNotTheOrders() {
        VerifiedEvent wrong = signed(casesReleased(2, 3));

        assertThatThrownBy(() -> given(wrong)).hasRootCauseInstanceOf(IllegalStateException.class);
    }

    @Test
    void tellsAgainAndAgainThatTitlesAreOverdue() {
        given(sale);

        saga.whenTimeElapses(PATIENCE).expectActiveSagas(1).expectScheduledDeadline(PATIENCE, ORDER);
        assertThat(meters.counter("jiucang.title.overdue").count()).isEqualTo(1);
    }

    private void reserved(Serials held, Serials released, boolean sold) {
        reservations.put(ORDER, new Reservation(ORDER, VAULT, PLAN, BUYER, held, released, sold));
    }

    private void given(VerifiedEvent event) {
        saga.givenAPublished(event.domainEvent(), Map.of(SignedEvent.METADATA, event));
    }

    private FixtureExecutionResult when(VerifiedEvent event) {
        return saga.whenPublishingA(event.domainEvent(), Map.of(SignedEvent.METADATA, event));
    }

    private void poke(VerifiedEvent event) {
        saga.givenAPublished(new EventAnchored(hash(event)));
    }

    private void anchored(VerifiedEvent event) {
        ledger.put(id(event), reference(event));
    }

    private static LedgerReference reference(VerifiedEvent event) {
        return new LedgerReference(id(event), 3, 8);
    }

    private static String hash(VerifiedEvent event) {
        return Leaf.of(event).hash();
    }

    private static String id(VerifiedEvent event) {
        return event.event().getId();
    }

    private static AttachBoxCode attach(long serial) {
        return new AttachBoxCode(token(serial), PLAN, ORDER, boxCode(serial));
    }

    private GrantTitle grant(long serial, VerifiedEvent released) {
        return new GrantTitle(token(serial), ORDER, BUYER, reference(sale), reference(released));
    }
}
