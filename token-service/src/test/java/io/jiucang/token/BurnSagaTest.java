package io.jiucang.token;

import static io.jiucang.token.TokenFixtures.BUYER;
import static io.jiucang.token.TokenFixtures.PICKUP;
import static io.jiucang.token.TokenFixtures.boxCode;
import static io.jiucang.token.TokenFixtures.code;
import static io.jiucang.token.TokenFixtures.deliveryCompleted;
import static io.jiucang.token.TokenFixtures.signed;
import static io.jiucang.token.TokenFixtures.token;
import static org.assertj.core.api.Assertions.assertThat;

import io.jiucang.events.DeliveryEvent.DeliveryCompleted;
import io.jiucang.events.envelope.VerifiedEvent;
import io.jiucang.events.value.HandoverCode;
import io.jiucang.events.value.LedgerReference;
import io.jiucang.events.value.TokenId;
import io.jiucang.starter.inbox.SignedEvent;
import io.jiucang.token.Ledger.EventAnchored;
import io.jiucang.token.Ledger.Leaf;
import io.jiucang.token.TokenCommand.BurnToken;
import io.jiucang.token.TokenSettings.Patience;
import io.jiucang.token.TokenSettings.WalletTokenSettings;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.axonframework.test.saga.FixtureExecutionResult;
import org.axonframework.test.saga.SagaTestFixture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class BurnSagaTest {

    private static final Duration PATIENCE = Duration.ofDays(3);

    private final SagaTestFixture<BurnSaga> saga = new SagaTestFixture<>(BurnSaga.class);
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final Map<String, LedgerReference> ledger = new HashMap<>();
    private final Set<DeliveryCompleted> proven = new HashSet<>();
    private final Map<TokenId, HandoverCode> codes =
            new HashMap<>(Map.of(token(1), code(1), token(2), code(2), token(3), code(3)));

    private final VerifiedEvent delivery = signed(deliveryCompleted(1, 2));

    @BeforeEach
    void provide() {
        Ledger found = leaf -> Optional.ofNullable(ledger.get(leaf.eventId()));
        saga.registerResource(found);
        DeliveryProofs proofs = event -> proven.contains(event) ? Optional.of(codes) : Optional.empty();
        saga.registerResource(proofs);
        saga.registerResource(meters);
        saga.registerResource(
                new TokenSettings(new WalletTokenSettings(Path.of("wallet-tokens.pem")), new Patience(PATIENCE)));
        proven.add((DeliveryCompleted) delivery.domainEvent());
    }

    @Test
    void waitsUntilTheDeliveryIsInTheLedger() {
        when(delivery).expectNoDispatchedCommands().expectActiveSagas(1).expectScheduledDeadline(PATIENCE, PICKUP);
    }

    @Test
    void burnsOnceTheDeliveryIsProven() {
        given(delivery);
        anchored(delivery);

        saga.whenPublishingA(new EventAnchored(hash(delivery)))
                .expectDispatchedCommands(burn(1, delivery), burn(2, delivery))
                .expectActiveSagas(0)
                .expectNoScheduledDeadlines();
    }

    @Test
    void burnsAtOnceWhatTheLedgerHasTold() {
        anchored(delivery);

        when(delivery)
                .expectDispatchedCommands(burn(1, delivery), burn(2, delivery))
                .expectActiveSagas(0);
    }

    @Test
    void burnsNothingThatTheLedgerDoesNotProve() {
        given(delivery);

        saga.whenPublishingA(new EventAnchored(hash(delivery)))
                .expectNoDispatchedCommands()
                .expectActiveSagas(1);
    }

    @Test
    void burnsNothingWithoutTheCouriersProof() {
        proven.clear();
        anchored(delivery);

        when(delivery).expectNoDispatchedCommands().expectActiveSagas(0).expectNoScheduledDeadlines();
        assertThat(refusals("PROOF_INVALID")).isEqualTo(1);
    }

    @Test
    void burnsPartByPart() {
        VerifiedEvent first = signed(deliveryCompleted(1));
        VerifiedEvent second = signed(deliveryCompleted(2));
        VerifiedEvent forged = signed(deliveryCompleted(3));
        proven.add((DeliveryCompleted) first.domainEvent());
        proven.add((DeliveryCompleted) second.domainEvent());
        given(first);
        given(second);
        given(forged);
        anchored(second);
        anchored(forged);

        saga.whenPublishingA(new EventAnchored(hash(second)))
                .expectDispatchedCommands(burn(2, second))
                .expectActiveSagas(1);
        anchored(first);
        saga.whenPublishingA(new EventAnchored(hash(first)))
                .expectDispatchedCommands(burn(1, first))
                .expectActiveSagas(0);
        assertThat(refusals("PROOF_INVALID")).isEqualTo(1);
    }

    @Test
    void burnsTheOthersWhenOneTokenIsNotThePickups() {
        saga.setCallbackBehavior((command, metaData) -> {
            if (command instanceof BurnToken burn && burn.tokenId().equals(token(1))) {
                throw new TokenRejected(TokenRejected.Reason.TOKEN_NOT_IN_PICKUP, "unlocked");
            }
            return null;
        });
        anchored(delivery);

        when(delivery)
                .expectDispatchedCommands(burn(1, delivery), burn(2, delivery))
                .expectActiveSagas(0);
        assertThat(refusals("TOKEN_NOT_IN_PICKUP")).isEqualTo(1);
    }

    @Test
    void leavesItToTheTokenToJudgeItsCode() {
        codes.put(token(2), code(9));
        anchored(delivery);

        when(delivery)
                .expectDispatchedCommands(
                        burn(1, delivery),
                        new BurnToken(token(2), PICKUP, BUYER, boxCode(2), code(9), reference(delivery)));
    }

    @Test
    void tellsAgainAndAgainThatTheLedgerIsLate() {
        given(delivery);

        saga.whenTimeElapses(PATIENCE).expectActiveSagas(1).expectScheduledDeadline(PATIENCE, PICKUP);
        assertThat(meters.counter("jiucang.burn.overdue").count()).isEqualTo(1);
    }

    private double refusals(String reason) {
        return meters.counter(BurnSaga.REFUSED, "reason", reason).count();
    }

    private void given(VerifiedEvent event) {
        saga.givenAPublished(event.domainEvent(), Map.of(SignedEvent.METADATA, event));
    }

    private FixtureExecutionResult when(VerifiedEvent event) {
        return saga.whenPublishingA(event.domainEvent(), Map.of(SignedEvent.METADATA, event));
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

    private static BurnToken burn(long serial, VerifiedEvent delivery) {
        return new BurnToken(token(serial), PICKUP, BUYER, boxCode(serial), code(serial), reference(delivery));
    }
}
