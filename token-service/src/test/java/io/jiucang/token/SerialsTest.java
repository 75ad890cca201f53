package io.jiucang.token;

import static io.jiucang.token.TokenFixtures.range;
import static io.jiucang.token.TokenFixtures.serials;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.jiucang.events.value.SerialRange;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** Serials, held against plain sets of numbers. */
class SerialsTest {

    @Property
    void addsRemovesAndIntersectsAsSetsDo(@ForAll("sets") Set<Long> left, @ForAll("sets") Set<Long> right) {
        Set<Long> difference = new TreeSet<>(left);
        difference.removeAll(right);
        Set<Long> common = new TreeSet<>(left);
        common.retainAll(right);

        assertThat(elements(of(left).minus(of(right)))).isEqualTo(difference);
        assertThat(elements(of(left).and(of(right)))).isEqualTo(common);
        assertThat(of(left).containsAll(of(right))).isEqualTo(left.containsAll(right));
        assertThat(of(left).minus(of(right)).plus(of(common))).isEqualTo(of(left));
    }

    @Property
    void takesTheLowestSerialsAndNoOthers(@ForAll("sets") Set<Long> set, @ForAll @IntRange(max = 40) int count) {
        if (count > set.size()) {
            assertThatIllegalArgumentException().isThrownBy(() -> of(set).first(count));
        } else {
            assertThat(elements(of(set).first(count)))
                    .isEqualTo(set.stream().sorted().limit(count).collect(Collectors.toCollection(TreeSet::new)));
        }
    }

    @Property
    void needsNoMoreRangesThanThereAreRuns(@ForAll("sets") Set<Long> set) {
        long runs = set.stream().filter(serial -> !set.contains(serial - 1)).count();

        assertThat(of(set).ranges()).hasSize((int) runs);
        assertThat(of(set).count()).isEqualTo(set.size());
    }

    @Test
    void refusesASerialTwice() {
        assertThatIllegalArgumentException().isThrownBy(() -> serials(range(1, 3), range(3, 4)));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> serials(range(1, 3)).plus(serials(range(2, 2))));
    }

    @Test
    void refusesRangesThatAreNotApart() {
        assertThatIllegalArgumentException().isThrownBy(() -> new Serials(List.of(range(1, 3), range(4, 5))));
        assertThatIllegalArgumentException().isThrownBy(() -> new Serials(List.of(range(5, 6), range(1, 2))));
    }

    @Test
    void holdsAHundredThousandSerialsAsOneRange() {
        Serials all = Serials.of(range(1, 100_000));

        assertThat(all.ranges()).hasSize(1);
        assertThat(all.first(6)).isEqualTo(serials(range(1, 6)));
        assertThat(all.minus(serials(range(50, 50))).ranges()).containsExactly(range(1, 49), range(51, 100_000));
    }

    @Provide
    Arbitrary<Set<Long>> sets() {
        return Arbitraries.longs().between(1, 40).set().ofMaxSize(30);
    }

    private static Serials of(Set<Long> set) {
        return Serials.of(
                set.stream().map(serial -> new SerialRange(serial, serial)).toList());
    }

    private static Set<Long> elements(Serials serials) {
        return serials.ranges().stream()
                .flatMapToLong(range -> LongStream.rangeClosed(range.from(), range.to()))
                .boxed()
                .collect(Collectors.toCollection(TreeSet::new));
    }
}
