package io.jiucang.starter.law;

import io.jiucang.events.envelope.EvidenceRecords;
import io.jiucang.ledger.Hash;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Bytes that have come, each under its SHA-256, and by which no leaf was judged yet. Whoever can write to Kafka can send
 * anything: only the newest are held, at most {@link #MOST} bytes, and what a flood pushes out has to be read again.
 */
final class EarlyEvidence {

    /** Some ten thousand receipts. */
    static final int MOST = 1 << 24;

    /** About what an entry takes besides its content, or tiny ones without number would fit. */
    private static final int ENTRY = 256;

    private final Map<Hash, byte[]> contents = new LinkedHashMap<>();
    private int size;

    void add(Hash sha256, byte[] content) {
        if (contents.putIfAbsent(sha256, content) != null) {
            return;
        }
        size += sizeOf(content);
        Iterator<byte[]> oldest = contents.values().iterator();
        while (size > MOST) {
            size -= sizeOf(oldest.next());
            oldest.remove();
        }
    }

    boolean has(Hash sha256) {
        return contents.containsKey(sha256);
    }

    Optional<byte[]> take(Hash sha256) {
        Optional<byte[]> content = Optional.ofNullable(contents.remove(sha256));
        content.ifPresent(taken -> size -= sizeOf(taken));
        return content;
    }

    /** Whether the next one may push out another. */
    boolean isFull() {
        return size > MOST - EvidenceRecords.LARGEST - ENTRY;
    }

    private static int sizeOf(byte[] content) {
        return content.length + ENTRY;
    }
}
