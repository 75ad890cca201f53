package io.jiucang.events.envelope;

import static io.jiucang.events.EventRefused.Reason.ALTERED;
import static io.jiucang.events.EventRefused.Reason.BAD_SIGNATURE;
import static io.jiucang.events.EventRefused.Reason.KEY_NOT_VALID;
import static io.jiucang.events.EventRefused.Reason.MALFORMED;
import static io.jiucang.events.EventRefused.Reason.MATERIAL_INVALID;
import static io.jiucang.events.EventRefused.Reason.NOT_CANONICAL;
import static io.jiucang.events.EventRefused.Reason.UNKNOWN_KEY;
import static io.jiucang.events.EventRefused.Reason.UNKNOWN_TYPE;
import static io.jiucang.events.EventRefused.Reason.UNREADABLE_DATA;
import static io.jiucang.events.EventRefused.Reason.UNSIGNED;
import static io.jiucang.events.EventRefused.Reason.WRONG_SOURCE;
import static io.jiucang.events.EventRefused.Reason.WRONG_TOPIC;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cloudevents.CloudEvent;
import io.cloudevents.core.v1.CloudEventBuilder;
import io.jiucang.events.DomainEvent;
import io.jiucang.events.EventRefused;
import io.jiucang.events.EventSamples;
import io.jiucang.events.OrderEvent;
import io.jiucang.events.Topics;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Headers;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class EventVerifierTest {

    private static final URI ORDER = Topics.sourceOf("order");
    private static final Instant NEW_YEAR = Instant.parse("2027-01-01T00:00:00Z");
    private static final EventSigner OLD = signer(1);
    private static final EventSigner NEW = signer(2);
    private static final EventSigner TOKEN = signer(3);
    private static final EventSigner STRANGER = signer(4);
    private static final EventVerifier VERIFIER = new EventVerifier(KeyDirectory.of(List.of(
            key(ORDER, OLD, "2027-01-01T00:00:00Z"),
            key(ORDER, NEW, "2028-01-01T00:00:00Z"),
            key(Topics.sourceOf("token"), TOKEN, "2027-01-01T00:00:00Z"))));
    private static final DomainEvent PAID = new OrderEvent.OrderPaid(EventSamples.ORDER, EventSamples.PAYMENT);

    @Test
    void anEventArrivesAsItWasSent() {
        ProducerRecord<String, byte[]> sent = SignedEvents.toRecord(OLD.sign(event()));
        assertThat(sent.topic()).isEqualTo("order.events.v1");
        assertThat(sent.key()).isEqualTo(EventSamples.ORDER.value());

        VerifiedEvent verified = VERIFIER.verify(received(sent));

        assertThat(verified.event()).isEqualTo(event());
        assertThat(verified.domainEvent()).isEqualTo(PAID);
        assertThat(verified.keyIds()).containsExactly(OLD.keyId());
        assertThat(verified.dsseMaterial()).isEqualTo(SignedEvents.dsseMaterial(OLD.sign(event())));
    }

    @Test
    void aResendIsTheSameBytes() {
        ProducerRecord<String, byte[]> once = SignedEvents.toRecord(OLD.sign(event()));
        ProducerRecord<String, byte[]> again = SignedEvents.toRecord(signer(1).sign(event()));
        assertThat(again.value()).isEqualTo(once.value());
        assertThat(again.headers()).isEqualTo(once.headers());
    }

    @Test
    void carriesTheAttributesOfTheContract() {
        Headers headers = SignedEvents.toRecord(OLD.sign(event())).headers();
        assertThat(Arrays.stream(headers.toArray())
                        .map(h -> h.key() + "=" + new String(h.value(), StandardCharsets.UTF_8)))
                .filteredOn(header -> !header.startsWith("ce_dssematerial"))
                .containsExactlyInAnyOrder(
                        "ce_specversion=1.0",
                        "ce_id=" + EventSamples.EVENT_ID,
                        "ce_source=urn:jiucang:order-service",
                        "ce_type=io.jiucang.order.OrderPaid.v1",
                        "ce_subject=" + EventSamples.ORDER,
                        "ce_time=2026-11-22T04:00:00Z",
                        "content-type=application/json",
                        "ce_sequence=0000000000000000042",
                        "ce_correlationid=purchase-1",
                        "ce_causationid=payment-1",
                        "ce_traceparent=00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
    }

    @Test
    void optionalAttributesMayBeAbsent() {
        CloudEvent event = SignedEvents.toCloudEvent(
                PAID,
                new EventMetadata(
                        EventSamples.EVENT_ID, "s", Instant.parse("2026-11-22T04:00:00.999Z"), 0, "c", null, null));
        assertThat(VERIFIER.verify(OLD.sign(event)).event().getExtensionNames())
                .containsExactlyInAnyOrder("sequence", "correlationid");
        assertThat(event.getTime()).isEqualTo(OffsetDateTime.parse("2026-11-22T04:00:00Z"));
    }

    static List<Consumer<CloudEventBuilder>> alterations() {
        return List.of(
                event -> event.withId("019aa0c0-0000-7000-8000-000000000008"),
                event -> event.withType("io.jiucang.order.OrderCancelled.v1"),
                event -> event.withSubject("another"),
                event -> event.withSubject(null),
                event -> event.withDataContentType("application/xml"),
                event -> event.withDataSchema(URI.create("https://example.com/schema")),
                event -> event.withTime(OffsetDateTime.parse("2026-11-22T04:00:01Z")),
                event -> event.withData("{}".getBytes(StandardCharsets.UTF_8)),
                event -> event.withoutData(),
                event -> event.withExtension("sequence", "0000000000000000043"),
                event -> event.withoutExtension("sequence"),
                event -> event.withExtension("correlationid", "another"),
                event -> event.withExtension("causationid", "another"),
                event -> event.withoutExtension("causationid"),
                event -> event.withExtension("traceparent", "another"));
    }

    @ParameterizedTest
    @MethodSource("alterations")
    void noticesEveryAlteration(Consumer<CloudEventBuilder> alteration) {
        CloudEventBuilder altered = new CloudEventBuilder(OLD.sign(event()));
        alteration.accept(altered);
        assertRefused(ALTERED, () -> VERIFIER.verify(altered.build()));
    }

    @Test
    void anotherSourceHasOtherKeys() {
        CloudEvent altered = new CloudEventBuilder(OLD.sign(event()))
                .withSource(Topics.sourceOf("token"))
                .build();
        assertRefused(UNKNOWN_KEY, () -> VERIFIER.verify(altered));
    }

    @Test
    void noticesEveryChangedBitOfTheMaterial() {
        CloudEvent signed = OLD.sign(event());
        byte[] material = SignedEvents.dsseMaterial(signed);
        for (int bit = 0; bit < material.length * 8; bit++) {
            byte[] changed = material.clone();
            changed[bit / 8] ^= (byte) (1 << bit % 8);
            CloudEvent event = with(signed, changed);
            assertThatThrownBy(() -> VERIFIER.verify(event)).as("bit " + bit).isInstanceOf(EventRefused.class);
        }
    }

    @Test
    void dropsWhatWasNotSigned() {
        CloudEvent signed = OLD.sign(event());
        CloudEvent carried = new CloudEventBuilder(signed)
                .withExtension("partitionkey", "x")
                .withTime(OffsetDateTime.parse("2026-11-22T05:00:00.7+01:00"))
                .build();
        assertThat(VERIFIER.verify(carried).event()).isEqualTo(event());
    }

    @Test
    void refusesWhatIsNotSigned() {
        assertRefused(UNSIGNED, () -> VERIFIER.verify(event()));
        assertRefused(UNSIGNED, () -> VERIFIER.verify(with(event(), new byte[0])));
        assertRefused(UNKNOWN_KEY, () -> VERIFIER.verify(STRANGER.sign(event())));
        assertRefused(UNKNOWN_KEY, () -> VERIFIER.verify(TOKEN.sign(event())));
        assertRefused(BAD_SIGNATURE, () -> VERIFIER.verify(impostor(OLD).sign(event())));
    }

    @ParameterizedTest
    @CsvSource({
        "2026-12-31T23:59:59Z, old, true",
        "2026-12-31T23:59:59Z, new, true",
        "2027-01-01T00:00:00Z, old, false",
        "2027-01-01T00:00:00Z, new, true",
        "2028-01-01T00:00:00Z, new, false"
    })
    void keysCountUntilTheirEnd(Instant time, String key, boolean valid) {
        EventSigner signer = key.equals("old") ? OLD : NEW;
        CloudEvent signed = signer.sign(event(PAID, time));
        if (valid) {
            assertThat(VERIFIER.verify(signed).keyIds()).containsExactly(signer.keyId());
        } else {
            assertRefused(KEY_NOT_VALID, () -> VERIFIER.verify(signed));
        }
    }

    @Test
    void unsignedFractionsOfASecondDoNotMoveAnEventBeforeAnEnd() {
        CloudEvent late = new CloudEventBuilder(OLD.sign(event(PAID, NEW_YEAR)))
                .withTime(NEW_YEAR.plusMillis(999).atOffset(ZoneOffset.UTC))
                .build();
        assertRefused(KEY_NOT_VALID, () -> VERIFIER.verify(late));
    }

    /** For the extension one valid signature of several is enough; for us there is one, or anybody could make a new leaf. */
    @Test
    void anEventBearsOneSignature() {
        Instant rotation = Instant.parse("2026-12-15T00:00:00Z");
        CloudEvent both = signedBy(event(PAID, rotation), OLD, NEW);
        assertThat(VERIFIER.authenticate(both, rotation).keyIds()).isEqualTo(Set.of(OLD.keyId(), NEW.keyId()));
        assertRefused(NOT_CANONICAL, () -> VERIFIER.verify(both));
        assertRefused(NOT_CANONICAL, () -> VERIFIER.verify(signedBy(event(), STRANGER, OLD)));
        assertRefused(NOT_CANONICAL, () -> VERIFIER.verify(signedBy(event(), OLD, NEW)));
    }

    @Test
    void noSignatureOfAKnownKeyMayBeFalse() {
        assertRefused(BAD_SIGNATURE, () -> VERIFIER.verify(signedBy(event(), OLD, impostor(NEW))));
        assertRefused(BAD_SIGNATURE, () -> VERIFIER.verify(signedBy(event(), impostor(NEW), OLD)));
        assertRefused(UNKNOWN_KEY, () -> VERIFIER.verify(signedBy(event(), STRANGER, TOKEN)));
        assertRefused(KEY_NOT_VALID, () -> VERIFIER.verify(signedBy(event(PAID, NEW_YEAR), STRANGER, OLD)));
        assertRefused(MATERIAL_INVALID, () -> VERIFIER.verify(signedBy(event(), OLD, OLD)));
        assertRefused(UNKNOWN_KEY, () -> VERIFIER.verify(signedBy(event())));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "{ | [{",
                "} | ",
                "dsse/v0.1\" | dsse/v0.2\"",
                "\"payloadType\" | \"payloadtype\"",
                "\"payload\" | \"pay\"",
                "\"payload\":\" | \"payload\":\"*",
                "\"sig\":\" | \"sig\":\"*",
                "\"sig\" | \"signature\"",
                "\"keyid\":\" | \"keyid\":1,\"x\":\"",
                "\"signatures\":[ | \"signatures\":{},\"other\":[",
                "{\"payloadType\" | {\"payload\":\"\",\"payloadType\""
            })
    void refusesWhatIsNoEnvelope(String part, String replacement) {
        CloudEvent signed = OLD.sign(event());
        String envelope = new String(SignedEvents.dsseMaterial(signed), StandardCharsets.UTF_8);
        String changed = envelope.replace(part, replacement == null ? "" : replacement);
        assertThat(changed).isNotEqualTo(envelope);
        assertRefused(MATERIAL_INVALID, () -> VERIFIER.verify(with(signed, changed.getBytes(StandardCharsets.UTF_8))));
    }

    @Test
    void refusesMaterialInAnotherEncoding() {
        CloudEvent signed = OLD.sign(event());
        String envelope = new String(SignedEvents.dsseMaterial(signed), StandardCharsets.UTF_8);
        byte[] notUtf8 = envelope.replace(OLD.keyId(), "order-\u00e9").getBytes(StandardCharsets.ISO_8859_1);
        assertRefused(
                MATERIAL_INVALID, () -> VERIFIER.verify(with(signed, envelope.getBytes(StandardCharsets.UTF_16BE))));
        assertRefused(MATERIAL_INVALID, () -> VERIFIER.verify(with(signed, notUtf8)));
        assertRefused(
                MATERIAL_INVALID,
                () -> VERIFIER.verify(new CloudEventBuilder(signed)
                        .withExtension("dssematerial", 7)
                        .build()));
    }

    @Test
    void readsEnvelopesOfOtherImplementations() {
        CloudEvent signed = OLD.sign(event());
        String envelope = new String(SignedEvents.dsseMaterial(signed), StandardCharsets.UTF_8);
        String other = envelope.replace("{\"payloadType\"", "{ \"new\": {\"a\": [1]},\n \"payloadType\"")
                .replace('+', '-')
                .replace("\"sig\"", "\"ext\":null,\"sig\"");
        // "https://…" in payloadType stands outside of Base64.
        String urlSafe = other.substring(0, other.indexOf("\"payload\""))
                + other.substring(other.indexOf("\"payload\"")).replace('/', '_');
        CloudEvent rewritten = with(signed, urlSafe.getBytes(StandardCharsets.UTF_8));
        assertThat(VERIFIER.authenticate(rewritten, Instant.parse("2026-11-22T04:00:00Z"))
                        .event())
                .isEqualTo(event());
        assertRefused(NOT_CANONICAL, () -> VERIFIER.verify(rewritten));
    }

    @Test
    void everyAttributeIsSignedAndNamedInOrder() {
        List<String> names = event().getExtensionNames().stream().sorted().toList();
        assertThat(VERIFIER.verify(signedBy(event(), names, OLD)).leafHash()).hasSize(32);
        assertRefused(NOT_CANONICAL, () -> VERIFIER.verify(signedBy(event(), names.reversed(), OLD)));
        assertRefused(
                NOT_CANONICAL,
                () -> VERIFIER.verify(signedBy(
                        event(),
                        Stream.concat(names.stream(), Stream.of("absent")).toList(),
                        OLD)));
    }

    /** Even its source does not write what it signs in two ways. */
    @Test
    void refusesWhatIsSignedInOtherWordsThanItsSourceWrites() {
        List<String> names = event().getExtensionNames().stream().sorted().toList();
        String payload =
                new String(VerificationMaterial.of(event(), names).toJson(), StandardCharsets.UTF_8).replace(",", ", ");
        assertRefused(
                NOT_CANONICAL, () -> VERIFIER.verify(signedBy(event(), payload.getBytes(StandardCharsets.UTF_8), OLD)));
    }

    /** Whoever acts on an event stores what it is called by. */
    @ParameterizedTest
    @ValueSource(strings = {"\u0000", "s\u0000", "\u001b[2J", "\u202e"})
    void refusesWhatCannotBeStoredOrShown(String subject) {
        CloudEvent event = new CloudEventBuilder(event()).withSubject(subject).build();
        assertRefused(MALFORMED, () -> VERIFIER.verify(OLD.sign(event)));
        CloudEvent tooLong =
                new CloudEventBuilder(event()).withSubject("s".repeat(256)).build();
        assertRefused(MALFORMED, () -> VERIFIER.verify(OLD.sign(tooLong)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"1", "-000000000000000001", "9223372036854775808", "000000000000000000x"})
    void refusesASequenceThatIsNoNumber(String sequence) {
        CloudEvent event = new CloudEventBuilder(event())
                .withExtension("sequence", sequence)
                .build();
        assertRefused(MALFORMED, () -> VERIFIER.verify(OLD.sign(event)));
    }

    @Test
    void aServiceSpeaksForItselfOnly() {
        CloudEvent event = new CloudEventBuilder(event())
                .withSource(Topics.sourceOf("token"))
                .build();
        assertRefused(WRONG_SOURCE, () -> VERIFIER.verify(TOKEN.sign(event)));
        CloudEvent foreign =
                new CloudEventBuilder(event()).withType("com.example.Thing").build();
        assertRefused(WRONG_SOURCE, () -> VERIFIER.verify(OLD.sign(foreign)));
    }

    @Test
    void anEventBelongsOnItsSourcesTopicUnderItsSubject() {
        ProducerRecord<String, byte[]> sent = SignedEvents.toRecord(OLD.sign(event()));
        assertRefused(WRONG_TOPIC, () -> VERIFIER.verify(received("payment.events.v1", sent.key(), sent)));
        assertRefused(WRONG_TOPIC, () -> VERIFIER.verify(received(sent.topic(), "another", sent)));
        assertRefused(WRONG_TOPIC, () -> VERIFIER.verify(received(sent.topic(), null, sent)));
    }

    @Test
    void aTypeThisVersionDoesNotKnowIsAuthenticButUnread() {
        CloudEvent newer = new CloudEventBuilder(event())
                .withType("io.jiucang.order.OrderPaid.v2")
                .build();
        VerifiedEvent verified = VERIFIER.verify(OLD.sign(newer));
        assertThat(verified.event()).isEqualTo(newer);
        assertRefused(UNKNOWN_TYPE, verified::domainEvent);
    }

    @Test
    void dataThatIsNotItsTypesIsAuthenticButUnreadable() {
        CloudEvent noData = new CloudEventBuilder(event()).withoutData().build();
        CloudEvent wrongData = new CloudEventBuilder(event())
                .withData("{}".getBytes(StandardCharsets.UTF_8))
                .build();
        assertRefused(UNREADABLE_DATA, VERIFIER.verify(OLD.sign(noData))::domainEvent);
        assertRefused(UNREADABLE_DATA, VERIFIER.verify(OLD.sign(wrongData))::domainEvent);
    }

    static List<Consumer<CloudEventBuilder>> breaches() {
        return List.of(
                event -> event.withId("7"),
                event -> event.withSubject(null),
                event -> event.withTime(null),
                event -> event.withDataContentType("text/json"),
                event -> event.withDataSchema(URI.create("https://example.com/schema")),
                event -> event.withoutExtension("sequence"),
                event -> event.withExtension("sequence", ""),
                event -> event.withExtension("sequence", 42),
                event -> event.withoutExtension("correlationid"));
    }

    @ParameterizedTest
    @MethodSource("breaches")
    void refusesProperlySignedEventsThatBreachTheContract(Consumer<CloudEventBuilder> breach) {
        CloudEventBuilder event = new CloudEventBuilder(event());
        breach.accept(event);
        assertRefused(MALFORMED, () -> VERIFIER.verify(OLD.sign(event.build())));
    }

    @Test
    void refusesTimesBeyondRfc3339() {
        for (OffsetDateTime time : List.of(OffsetDateTime.MIN, OffsetDateTime.MAX)) {
            CloudEvent event =
                    new CloudEventBuilder(OLD.sign(event())).withTime(time).build();
            assertRefused(MALFORMED, () -> VERIFIER.verify(event));
        }
    }

    @Test
    void refusesAnEventWhoseSequenceIsNotSigned() {
        CloudEvent event = event();
        CloudEvent signed = signedBy(event, List.of("correlationid"), OLD);
        assertRefused(MALFORMED, () -> VERIFIER.verify(signed));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ce_id=second",
                "CE_ID=second",
                "ce_datacontenttype=application/json",
                "Content-Type=application/json",
                "ce_bad name=x",
                "ce_null"
            })
    void refusesHeadersThatAreNotOneCloudEvent(String header) {
        ConsumerRecord<String, byte[]> record = received(SignedEvents.toRecord(OLD.sign(event())));
        int value = header.indexOf('=');
        if (value < 0) {
            record.headers().add(header, null);
        } else {
            record.headers()
                    .add(header.substring(0, value), header.substring(value + 1).getBytes(StandardCharsets.UTF_8));
        }
        assertRefused(MALFORMED, () -> VERIFIER.verify(record));
    }

    @ParameterizedTest
    @CsvSource({
        "ce_specversion, 0.3",
        "ce_specversion, 1.1",
        "ce_specversion, ",
        "ce_id, ",
        "ce_source, not a uri",
        "ce_time, yesterday",
        "ce_type, ",
        "content-type, application/cloudevents+json"
    })
    void refusesMissingAndMalformedAttributes(String name, @Nullable String value) {
        ConsumerRecord<String, byte[]> record = received(SignedEvents.toRecord(OLD.sign(event())));
        record.headers().remove(name);
        if (value != null) {
            record.headers().add(name, value.getBytes(StandardCharsets.UTF_8));
        }
        assertRefused(MALFORMED, () -> VERIFIER.verify(record));
    }

    @Test
    void refusesARecordOfSomethingElse() {
        assertRefused(
                MALFORMED, () -> VERIFIER.verify(new ConsumerRecord<>("order.events.v1", 0, 0, "k", new byte[3])));
    }

    @Test
    void signsOnlyWithAKeyOfTheRightLength() {
        assertThatThrownBy(() -> new EventSigner(new byte[31])).isInstanceOf(IllegalArgumentException.class);
    }

    static CloudEvent event() {
        return event(PAID, Instant.parse("2026-11-22T04:00:00Z"));
    }

    private static CloudEvent event(DomainEvent event, Instant time) {
        return SignedEvents.toCloudEvent(
                event,
                new EventMetadata(
                        EventSamples.EVENT_ID,
                        EventSamples.ORDER.value(),
                        time,
                        42,
                        "purchase-1",
                        "payment-1",
                        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"));
    }

    private static EventSigner signer(int seed) {
        return new EventSigner(seed(seed));
    }

    private static EventSigner impostor(EventSigner honest) {
        return EventSigner.claiming(honest.keyId(), seed(9));
    }

    private static byte[] seed(int seed) {
        byte[] bytes = new byte[32];
        Arrays.fill(bytes, (byte) seed);
        return bytes;
    }

    private static KeyDirectory.Key key(URI source, EventSigner signer, String until) {
        return new KeyDirectory.Key(source, signer.publicKey(), Instant.parse(until));
    }

    private static CloudEvent signedBy(CloudEvent event, EventSigner... signers) {
        return signedBy(event, event.getExtensionNames().stream().sorted().toList(), signers);
    }

    private static CloudEvent signedBy(CloudEvent event, List<String> extensions, EventSigner... signers) {
        return signedBy(event, VerificationMaterial.of(event, extensions).toJson(), signers);
    }

    private static CloudEvent signedBy(CloudEvent event, byte[] payload, EventSigner... signers) {
        List<Dsse.Signature> signatures = new ArrayList<>();
        for (EventSigner signer : signers) {
            signatures.add(signer.sign(VerificationMaterial.PAYLOAD_TYPE, payload));
        }
        return with(event, new Dsse(VerificationMaterial.PAYLOAD_TYPE, payload, signatures).toJson());
    }

    private static CloudEvent with(CloudEvent event, byte[] material) {
        return new CloudEventBuilder(event)
                .withExtension("dssematerial", material)
                .build();
    }

    private static ConsumerRecord<String, byte[]> received(ProducerRecord<String, byte[]> sent) {
        return received(sent.topic(), sent.key(), sent);
    }

    @SuppressWarnings("NullAway") // Kafka's key may be null; its constructor just does not say so.
    private static ConsumerRecord<String, byte[]> received(
            String topic, @Nullable String key, ProducerRecord<String, byte[]> sent) {
        ConsumerRecord<String, byte[]> record = new ConsumerRecord<>(topic, 0, 0, key, sent.value());
        sent.headers().forEach(record.headers()::add);
        return record;
    }

    private static void assertRefused(EventRefused.Reason reason, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        EventRefused.class,
                        refused -> assertThat(refused.reason()).isEqualTo(reason));
    }
}
