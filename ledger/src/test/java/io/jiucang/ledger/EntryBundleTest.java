package io.jiucang.ledger;

import static io.jiucang.ledger.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import io.jiucang.ledger.LedgerException.Reason;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EntryBundleTest {

    @Test
    void putsABigEndianLengthBeforeEachEntry() {
        EntryBundle bundle = new EntryBundle(
                List.of(Entry.of(new byte[] {'a', 'b'}), Entry.of(new byte[0]), Entry.of(new byte[0x0102])));
        byte[] bytes = bundle.format();
        assertThat(HexFormat.of().formatHex(bytes)).startsWith("0002" + "6162" + "0000" + "0102" + "00");
        assertThat(bytes).hasSize(2 + 2 + 2 + 2 + 0x0102);
        assertThat(EntryBundle.parse(bytes)).isEqualTo(bundle);
    }

    @Test
    void carriesTheLongestEntry() {
        EntryBundle bundle = new EntryBundle(List.of(Entry.of(new byte[65_535])));
        assertThat(EntryBundle.parse(bundle.format())).isEqualTo(bundle);
        assertRefused(Reason.ENTRY_TOO_LONG, () -> Entry.of(new byte[65_536]));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "00", "0001", "000261", "00016100"})
    void refusesWhatIsCutShort(String hex) {
        assertRefused(
                Reason.MALFORMED_ENTRY_BUNDLE,
                () -> EntryBundle.parse(HexFormat.of().parseHex(hex)));
    }

    @Test
    void holdsAtMost256Entries() {
        assertThat(EntryBundle.parse(new byte[2 * 256]).entries()).hasSize(256);
        assertRefused(Reason.MALFORMED_ENTRY_BUNDLE, () -> EntryBundle.parse(new byte[2 * 257]));
        assertRefused(
                Reason.MALFORMED_ENTRY_BUNDLE, () -> new EntryBundle(Collections.nCopies(257, Entry.of(new byte[0]))));
    }
}
