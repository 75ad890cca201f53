package io.jiucang.title.event;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.cloudevents.CloudEvent;
import io.jiucang.events.DomainEvent;
import io.jiucang.events.EventJson;
import io.jiucang.events.EventTypes;
import io.jiucang.events.PaymentEvent.PaymentCaptured;
import io.jiucang.events.envelope.EventMetadata;
import io.jiucang.events.envelope.EventSigner;
import io.jiucang.events.envelope.EventVerifier;
import io.jiucang.events.envelope.KeyDirectory;
import io.jiucang.events.envelope.SignedEvents;
import io.jiucang.events.envelope.VerifiedEvent;
import io.jiucang.events.value.Ids;
import io.jiucang.events.value.Money;
import io.jiucang.events.value.OrderId;
import io.jiucang.events.value.PaymentId;
import io.jiucang.events.value.Sha256;
import io.jiucang.ledger.Hash;
import io.jiucang.title.Answers;
import io.jiucang.title.Page;
import io.jiucang.title.event.Opening.Closed;
import io.jiucang.title.event.Opening.NotTheLawsBusiness;
import io.jiucang.title.event.Opening.Open;
import io.jiucang.title.event.Opening.Outcome;
import io.jiucang.title.receipt.SignedAnswer;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Contract and law call an event by the same name. */
class OpeningTest {

    private static final String CONTRACTS = "common-events/src/test/resources/approved/";

    /** Their contracts do not carry yet what the law asks of them. */
    private static final Set<String> NOT_YET = Set.of("CasesShipped", "DeliveryCompleted", "TokenBurned");

    private static final SignedAnswer RECEIPT = Answers.signed("{\"trade_state\":\"SUCCESS\"}");

    @Test
    void everyEventOfTheLawThatIsToldIsOpened() {
        Set<String> law = records(LawEvent.class).map(Class::getSimpleName).collect(Collectors.toSet());
        assertThat(EventTypes.all())
                .filteredOn(event -> law.contains(event.getSimpleName()) && !NOT_YET.contains(event.getSimpleName()))
                .isNotEmpty()
                .allSatisfy(event -> assertThat(opened(event)).hasValue(event.getSimpleName()));
    }

    @Test
    void nothingElseIs() {
        Set<String> law = records(LawEvent.class).map(Class::getSimpleName).collect(Collectors.toSet());
        assertThat(law).containsAll(NOT_YET);
        assertThat(EventTypes.all())
                .filteredOn(event -> !law.contains(event.getSimpleName()) || NOT_YET.contains(event.getSimpleName()))
                .allSatisfy(event -> assertThat(opened(event)).isEmpty());
    }

    @Test
    void aCaptureIsOpenedWithItsReceipt() {
        PaymentCaptured captured = captured(RECEIPT.sha256().hex());
        assertThat(open(
                        captured,
                        hash -> hash.equals(RECEIPT.sha256()) ? Optional.of(RECEIPT.bytes()) : Optional.empty()))
                .isInstanceOfSatisfying(Open.class, open -> {
                    assertThat(open.leaf().index()).isEqualTo(7);
                    LawEvent.PaymentCaptured meaning =
                            (LawEvent.PaymentCaptured) open.leaf().event();
                    assertThat(meaning.order()).isEqualTo(captured.orderId());
                    assertThat(meaning.receipt()).isEqualTo(RECEIPT.sha256());
                    assertThat(meaning.answer().bytes()).isEqualTo(RECEIPT.bytes());
                });
    }

    @Test
    void aCaptureStaysClosedWithoutItsReceiptOrWithAnother() {
        PaymentCaptured captured = captured(RECEIPT.sha256().hex());
        Closed closed = new Closed(RECEIPT.sha256());
        assertThat(open(captured, hash -> Optional.empty())).isEqualTo(closed);
        assertThat(open(captured, hash -> Optional.of(Answers.signed("{}").bytes())))
                .isEqualTo(closed);
    }

    /** Whoever told it may name any bytes: they are no receipt, and the event must neither stop a reader nor be left out. */
    @Test
    void aCaptureThatNamesBytesOfAnotherFormIsUnreadable() {
        byte[] other = "no answer".getBytes(UTF_8);
        assertThat(open(captured(Sha256.hex(other)), hash -> Optional.of(other)))
                .isInstanceOfSatisfying(
                        Open.class, open -> assertThat(open.leaf().event()).isInstanceOf(LawEvent.Unreadable.class));
    }

    @Test
    void nothingIsMeantByAnEventWithoutItsEvidence() {
        PaymentCaptured captured = captured(RECEIPT.sha256().hex());
        assertThat(Opening.evidenceOf(captured)).hasValue(RECEIPT.sha256());
        assertThatIllegalArgumentException().isThrownBy(() -> Opening.meaning(captured));
    }

    private static PaymentCaptured captured(String receipt) {
        return new PaymentCaptured(
                new PaymentId(Ids.next()),
                new OrderId(Ids.next()),
                Money.cny(588_000),
                "4200001234202611270123456789",
                Instant.parse("2026-11-27T09:59:59Z"),
                receipt);
    }

    private static Outcome open(DomainEvent event, Function<Hash, Optional<byte[]>> evidence) {
        return Opening.open(7, verified(event), evidence);
    }

    private static VerifiedEvent verified(DomainEvent event) {
        EventSigner signer = new EventSigner(new byte[32]);
        CloudEvent signed = signer.sign(SignedEvents.toCloudEvent(
                event,
                new EventMetadata(
                        Ids.next(), "subject", Instant.parse("2026-11-27T10:00:00Z"), 0, Ids.next(), null, null)));
        return new EventVerifier(KeyDirectory.of(List.of(new KeyDirectory.Key(
                        signed.getSource(), signer.publicKey(), Instant.parse("2099-01-01T00:00:00Z")))))
                .verify(signed);
    }

    private static Stream<Class<?>> records(Class<?> type) {
        return type.isSealed()
                ? Arrays.stream(type.getPermittedSubclasses()).flatMap(OpeningTest::records)
                : Stream.of(type);
    }

    private static Optional<String> opened(Class<? extends DomainEvent> event) {
        String approved = Page.read(CONTRACTS + EventTypes.typeOf(event) + ".json");
        return switch (Opening.open(
                7, verified(EventJson.read(approved.getBytes(UTF_8), event)), hash -> Optional.empty())) {
            case Open open -> Optional.of(open.leaf().event().getClass().getSimpleName());
            case NotTheLawsBusiness _ -> Optional.empty();
            // It is the law's business, and waits for what it names.
            case Closed _ -> Optional.of(event.getSimpleName());
        };
    }
}
