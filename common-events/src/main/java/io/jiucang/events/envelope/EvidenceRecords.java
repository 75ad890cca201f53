package io.jiucang.events.envelope;

import static io.jiucang.events.EventRefused.Reason.NOT_ITS_HASH;
import static io.jiucang.events.EventRefused.Reason.TOO_LARGE;

import io.jiucang.events.EventRefused;
import io.jiucang.events.Topics;
import io.jiucang.events.value.Sha256;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * Bytes that an event names by their SHA-256 alone, since they may name a person, as records of {@link Topics#EVIDENCE}: the
 * key is that name, 64 lower-case hex digits, the value the bytes. They prove themselves, so nobody signs them.
 */
public final class EvidenceRecords {

    /** In bytes. A receipt has one or two thousand. */
    public static final int LARGEST = 1 << 16;

    private EvidenceRecords() {}

    /** @throws IllegalArgumentException if there are more bytes than {@link #LARGEST} */
    public static ProducerRecord<String, byte[]> toRecord(byte[] content) {
        if (content.length > LARGEST) {
            throw new IllegalArgumentException("evidence of " + content.length + " bytes");
        }
        return new ProducerRecord<>(Topics.EVIDENCE, Sha256.hex(content), content);
    }

    /**
     * The bytes in a record, which are those that its key names.
     *
     * @throws EventRefused with {@link EventRefused.Reason#TOO_LARGE} or {@link EventRefused.Reason#NOT_ITS_HASH}
     */
    public static byte[] content(ConsumerRecord<String, byte[]> record) {
        byte[] content = record.value();
        if (content == null) {
            throw new EventRefused(NOT_ITS_HASH, "no bytes at all");
        }
        if (content.length > LARGEST) {
            throw new EventRefused(TOO_LARGE, content.length + " bytes");
        }
        String sha256 = Sha256.hex(content);
        if (!sha256.equals(record.key())) {
            throw new EventRefused(NOT_ITS_HASH, "SHA-256 is " + sha256);
        }
        return content;
    }
}
