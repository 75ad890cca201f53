package io.jiucang.events.envelope;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import io.cloudevents.CloudEvent;
import io.cloudevents.core.v1.CloudEventBuilder;
import io.jiucang.events.DomainEvent;
import io.jiucang.events.EventJson;
import io.jiucang.events.EventRefused;
import io.jiucang.events.EventTypes;
import io.jiucang.events.Topics;
import io.jiucang.events.value.BoxCode;
import io.jiucang.events.value.TokenId;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Whatever comes from outside is taken in its one meaning or refused with the one exception, never with another. */
class EventsFuzzTest {

    private static final EventSigner SIGNER = new EventSigner(new byte[32]);
    private static final EventVerifier VERIFIER = new EventVerifier(KeyDirectory.of(List.of(new KeyDirectory.Key(
            Topics.sourceOf("order"), SIGNER.publicKey(), Instant.parse("2027-01-01T00:00:00Z")))));
    private static final CloudEvent EVENT = EventVerifierTest.event();
    private static final List<Class<? extends DomainEvent>> TYPES = List.copyOf(EventTypes.all());

    @FuzzTest(maxDuration = "60s")
    void boxCode(FuzzedDataProvider data) {
        parsed(BoxCode::parse, data.consumeRemainingAsString())
                .ifPresent(box -> assertThat(BoxCode.parse(box.toString())).isEqualTo(box));
    }

    @FuzzTest(maxDuration = "60s")
    void tokenId(FuzzedDataProvider data) {
        String text = data.consumeRemainingAsString();
        parsed(TokenId::parse, text).ifPresent(token -> assertThat(token).hasToString(text));
    }

    @FuzzTest(maxDuration = "60s")
    void dsseMaterial(byte[] material) {
        verify(() -> VERIFIER.verify(new CloudEventBuilder(EVENT)
                .withExtension("dssematerial", material)
                .build()));
    }

    @FuzzTest(maxDuration = "60s")
    void signedPayload(byte[] payload) {
        Dsse envelope = new Dsse(
                VerificationMaterial.PAYLOAD_TYPE,
                payload,
                List.of(SIGNER.sign(VerificationMaterial.PAYLOAD_TYPE, payload)));
        verify(() -> VERIFIER.verify(new CloudEventBuilder(EVENT)
                .withExtension("dssematerial", envelope.toJson())
                .build()));
    }

    @FuzzTest(maxDuration = "60s")
    void kafkaHeaders(FuzzedDataProvider data) {
        ConsumerRecord<String, byte[]> record =
                new ConsumerRecord<>("order.events.v1", 0, 0, data.consumeString(40), data.consumeBytes(40));
        SignedEvents.toRecord(SIGNER.sign(EVENT)).headers().forEach(header -> {
            if (data.consumeBoolean()) {
                record.headers().add(header.key(), data.consumeBoolean() ? header.value() : data.consumeBytes(30));
            }
        });
        while (data.remainingBytes() > 0) {
            record.headers().add("ce_" + data.consumeString(10), data.consumeBytes(30));
        }
        verify(() -> VERIFIER.verify(record));
    }

    @FuzzTest(maxDuration = "60s")
    void eventData(FuzzedDataProvider data) {
        Class<? extends DomainEvent> type = data.pickValue(TYPES);
        byte[] json = data.consumeRemainingAsBytes();
        try {
            DomainEvent event = EventJson.read(json, type);
            assertThat(EventJson.read(EventJson.write(event), type)).isEqualTo(event);
        } catch (EventRefused refused) {
            assertThat(refused.reason()).isEqualTo(EventRefused.Reason.UNREADABLE_DATA);
        }
    }

    private static <T> Optional<T> parsed(Function<String, T> parser, String text) {
        try {
            return Optional.of(parser.apply(text));
        } catch (IllegalArgumentException refused) {
            return Optional.empty();
        }
    }

    private static void verify(Supplier<VerifiedEvent> verification) {
        try {
            assertThat(verification.get().event()).isEqualTo(EVENT);
        } catch (EventRefused refused) {
            assertThat(refused.reason()).isNotNull();
        }
    }
}
