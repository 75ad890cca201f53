package io.jiucang.title.statement;

import static org.assertj.core.api.Assertions.assertThat;

import io.jiucang.title.Page;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** {@code docs/statements.md} says what the codec takes. */
class StatementsPageTest {

    private static final List<List<String>> ROWS = Page.rows("docs/statements.md");

    @Test
    void everyActStandsOnThePageAsItIs() {
        List<List<String>> acts = ROWS.stream()
                .filter(row -> row.getFirst().startsWith("`jiucang-"))
                .toList();
        assertThat(acts)
                .containsExactlyElementsOf(Arrays.stream(ActType.values())
                        .map(type -> List.of("`" + type.typ() + "`", speakers(type), claims(type)))
                        .toList());
    }

    @Test
    void everyClaimIsExplainedOnce() {
        List<String> explained = ROWS.stream()
                .filter(row -> row.size() == 3 && row.getFirst().matches("`[a-zA-Z]+`"))
                .map(row -> row.getFirst().replace("`", ""))
                .toList();
        Set<String> claims = new TreeSet<>(Arrays.stream(ActType.values())
                .flatMap(type -> names(type.record()))
                .toList());
        claims.addAll(names(Spoken.class).toList());
        assertThat(explained).containsExactlyInAnyOrderElementsOf(claims);
    }

    private static String speakers(ActType type) {
        return type.speakers().stream()
                .map(speaker -> speaker.name().toLowerCase(Locale.ROOT))
                .collect(Collectors.joining(", "));
    }

    private static String claims(ActType type) {
        return names(type.record()).sorted().map(name -> "`" + name + "`").collect(Collectors.joining(" "));
    }

    private static Stream<String> names(Class<?> type) {
        return Arrays.stream(type.getRecordComponents()).map(RecordComponent::getName);
    }
}
