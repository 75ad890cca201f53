package io.jiucang.title;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** {@code docs/rules.md} and {@code docs/law.md} against the code and its tests. */
class RulesPageTest {

    private static final String TESTS = "title/src/test/java/io/jiucang/title/";
    private static final List<List<String>> RULES = Page.rows("docs/rules.md").stream()
            .filter(row -> row.size() == 5 && row.get(1).startsWith("`"))
            .toList();

    @Test
    void everyRuleHasItsRow() {
        assertThat(RULES.stream().map(row -> row.getFirst() + " " + row.get(1)))
                .containsExactlyElementsOf(Arrays.stream(Rule.values())
                        .map(rule -> rule.inLaw() + " `" + rule.name() + "`")
                        .toList());
    }

    @Test
    void theCodeNamedHoldsTheRule() {
        for (List<String> row : RULES) {
            String rule = row.get(1).replace("`", "");
            for (String type : row.get(3).split(", ", -1)) {
                assertThat(Page.read("title/src/main/java/io/jiucang/title/" + type + ".java"))
                        .as(type)
                        .containsPattern("\\b" + rule + "\\b");
            }
        }
    }

    @Test
    void theTestsNamedExist() {
        for (List<String> row : RULES) {
            for (String test : row.get(4).split("; ", -1)) {
                String[] parts = test.split(": ", 2);
                assertThat(Page.read(TESTS + parts[0] + ".java"))
                        .as(test)
                        .containsAnyOf("@DisplayName(\"" + parts[1] + "\")", "void " + parts[1] + "()");
            }
        }
    }

    /** Those marked L, but for what only a running service can show. */
    @Test
    void theCasesOfTheLawAreTestsOfThatName() {
        Set<String> cases = Page.rows("docs/law.md").stream()
                .filter(row -> row.size() == 3 && row.getFirst().equals("L"))
                .map(row -> row.get(1))
                .collect(Collectors.toSet());
        String tests = Page.testSources().stream().map(RulesPageTest::read).collect(joining("\n"));
        Set<String> named = Pattern.compile("@DisplayName\\(\"([^\"]*)\"\\)")
                .matcher(tests)
                .results()
                .map(name -> name.group(1))
                .collect(Collectors.toSet());
        assertThat(named).containsExactlyInAnyOrderElementsOf(cases);
    }

    private static String read(Path file) {
        return Page.read(file.toString());
    }
}
