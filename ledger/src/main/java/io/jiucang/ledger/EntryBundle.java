package io.jiucang.ledger;

import io.jiucang.ledger.LedgerException.Reason;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** The content of {@code tile/entries/<N>[.p/<W>]} (C2SP tlog-tiles): 1 to 256 entries, each behind its uint16 length. */
public record EntryBundle(List<Entry> entries) {

    /** @throws LedgerException {@code MALFORMED_ENTRY_BUNDLE} unless there are 1 to 256 entries */
    public EntryBundle {
        if (entries.isEmpty() || entries.size() > TilePath.FULL_WIDTH) {
            throw malformed("a bundle has 1 to 256 entries, not " + entries.size());
        }
        entries = List.copyOf(entries);
    }

    /** @throws LedgerException {@code MALFORMED_ENTRY_BUNDLE} */
    public static EntryBundle parse(byte[] bytes) {
        List<Entry> entries = new ArrayList<>();
        ByteBuffer in = ByteBuffer.wrap(bytes);
        while (in.hasRemaining()) {
            if (entries.size() == TilePath.FULL_WIDTH) {
                throw malformed("more than 256 entries");
            }
            if (in.remaining() < Short.BYTES) {
                throw malformed("a length is cut short");
            }
            byte[] entry = new byte[Short.toUnsignedInt(in.getShort())];
            if (in.remaining() < entry.length) {
                throw malformed("entry " + entries.size() + " is cut short");
            }
            in.get(entry);
            entries.add(Entry.of(entry));
        }
        return new EntryBundle(entries);
    }

    public byte[] format() {
        ByteBuffer out = ByteBuffer.allocate(
                entries.stream().mapToInt(e -> Short.BYTES + e.length()).sum());
        for (Entry entry : entries) {
            out.putShort((short) entry.length()).put(entry.bytes());
        }
        return out.array();
    }

    private static LedgerException malformed(String why) {
        return new LedgerException(Reason.MALFORMED_ENTRY_BUNDLE, why);
    }
}
