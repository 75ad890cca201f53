package io.jiucang.events.envelope;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.jiucang.events.EventRefused;
import io.jiucang.events.EventRefused.Reason;
import io.jiucang.events.value.Sha256;
import java.util.Locale;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class EvidenceRecordsTest {

    private static final byte[] RECEIPT = "a receipt\n".getBytes(UTF_8);

    @Test
    void readsWhatWasSentUnderItsOwnHash() {
        ProducerRecord<String, byte[]> sent = EvidenceRecords.toRecord(RECEIPT);
        assertThat(sent.topic()).isEqualTo("evidence.v1");
        assertThat(sent.key()).isEqualTo(Sha256.hex(RECEIPT));
        assertThat(EvidenceRecords.content(came(sent.key(), sent.value()))).isEqualTo(RECEIPT);
    }

    @Test
    void refusesOtherBytesUnderAName() {
        assertRefused(Sha256.hex(RECEIPT), "another\n".getBytes(UTF_8), Reason.NOT_ITS_HASH);
        assertRefused(Sha256.hex(RECEIPT), null, Reason.NOT_ITS_HASH);
        assertRefused(null, RECEIPT, Reason.NOT_ITS_HASH);
        assertRefused(Sha256.hex(RECEIPT).toUpperCase(Locale.ROOT), RECEIPT, Reason.NOT_ITS_HASH);
    }

    @Test
    void limitsTheirSizeWhenTheyAreSentAndWhenTheyAreRead() {
        byte[] largest = new byte[EvidenceRecords.LARGEST];
        ProducerRecord<String, byte[]> sent = EvidenceRecords.toRecord(largest);
        assertThat(EvidenceRecords.content(came(sent.key(), sent.value()))).isEqualTo(largest);

        byte[] larger = new byte[EvidenceRecords.LARGEST + 1];
        assertThatExceptionOfType(IllegalArgumentException.class).isThrownBy(() -> EvidenceRecords.toRecord(larger));
        assertRefused(Sha256.hex(larger), larger, Reason.TOO_LARGE);
    }

    private static void assertRefused(@Nullable String key, byte @Nullable [] value, Reason reason) {
        assertThatExceptionOfType(EventRefused.class)
                .isThrownBy(() -> EvidenceRecords.content(came(key, value)))
                .extracting(EventRefused::reason)
                .isEqualTo(reason);
    }

    @SuppressWarnings("NullAway") // Whoever writes to the topic may leave out either.
    private static ConsumerRecord<String, byte[]> came(@Nullable String key, byte @Nullable [] value) {
        return new ConsumerRecord<>("evidence.v1", 0, 0, key, value);
    }
}
