package io.jiucang.ledger;

import static io.jiucang.ledger.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import io.jiucang.ledger.LedgerException.Reason;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TilePathTest {

    @ParameterizedTest
    @CsvSource({
        "tile/0/000, 0, 0, 256",
        "tile/0/x001/x234/067, 0, 1234067, 256",
        "tile/63/x001/000.p/255, 63, 1000, 255",
        "tile/entries/999.p/1, -1, 999, 1",
        "tile/7/x018/x446/x744/x073/x709/x551/615, 7, -1, 256",
    })
    void readsAndWritesTheCanonicalPath(String text, int level, long index, int width) {
        TilePath path = new TilePath(level, index, width);
        assertThat(TilePath.parse(text)).isEqualTo(path);
        assertThat(path.format()).isEqualTo(text);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "tile",
                "/tile/0/000",
                "tile/0/000/",
                "tile/00/000",
                "tile/01/000",
                "tile/64/000",
                "tile/-1/000",
                "tile/data/000",
                "tile/Entries/000",
                "tile/0/0",
                "tile/0/0000",
                "tile/0/x000/001",
                "tile/0/x001",
                "tile/0/001/002",
                "tile/0/X001/002",
                "tile/0/000.p/0",
                "tile/0/000.p/01",
                "tile/0/000.p/256",
                "tile/0/000.p",
                "tile/0/000.p/",
                "tile/0/000.p/1/",
                "tile/0/x000.p/1",
                "tile/0/x018/x446/x744/x073/x709/x551/616",
                "tile/0/x001/x018/x446/x744/x073/x709/x551/615",
                "tile/0/٠٠١",
                "tile/0/000\n",
            })
    void refusesEveryOtherSpelling(String text) {
        assertRefused(Reason.MALFORMED_TILE_PATH, () -> TilePath.parse(text));
    }

    @ParameterizedTest
    @CsvSource({
        "tile/0/000.p/1, 0, false",
        "tile/0/000.p/1, 1, true",
        "tile/entries/000.p/2, 1, false",
        "tile/entries/000, 256, true",
        "tile/0/273.p/112, 70000, true",
        "tile/0/273.p/113, 70000, false",
        "tile/0/274.p/1, 70000, false",
        "tile/0/x018/x446/x744/x073/x709/x551/615, 70000, false",
        "tile/1/001.p/17, 70000, true",
        "tile/1/001.p/18, 70000, false",
        "tile/2/000.p/1, 70000, true",
        "tile/3/000.p/1, 70000, false",
        "tile/7/000.p/255, 18446744073709551615, true",
        "tile/7/000, 18446744073709551615, false",
        "tile/8/000.p/1, 18446744073709551615, false",
    })
    void knowsWhetherATreeHasIt(String path, String size, boolean within) {
        assertThat(TilePath.parse(path).isWithin(Long.parseUnsignedLong(size))).isEqualTo(within);
    }

    @Property
    void formatsWhatItParses(
            @ForAll @IntRange(min = -1, max = 63) int level,
            @ForAll long index,
            @ForAll @IntRange(min = 1, max = 256) int width) {
        TilePath path = new TilePath(level, index, width);
        assertThat(TilePath.parse(path.format())).isEqualTo(path);
    }

    @Property
    void hasARightEdgeThatIsWithinItsSizeAndNoSmallerOne(@ForAll long size) {
        for (TilePath path : TilePath.rightEdge(size)) {
            assertThat(path.isFull()).isFalse();
            assertThat(path.isWithin(size)).isTrue();
            assertThat(path.isWithin(size - (1L << (8 * path.level())))).isFalse();
        }
    }
}
