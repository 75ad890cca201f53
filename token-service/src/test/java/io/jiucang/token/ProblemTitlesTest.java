package io.jiucang.token;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;
import java.util.Properties;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProblemTitlesTest {

    @ParameterizedTest
    @ValueSource(strings = {"/problems/token.properties", "/problems/token_zh.properties"})
    void nameEveryReasonAndNoOther(String file) throws IOException {
        Properties titles = new Properties();
        try (Reader reader = new InputStreamReader(
                Objects.requireNonNull(getClass().getResourceAsStream(file)), StandardCharsets.UTF_8)) {
            titles.load(reader);
        }

        assertThat(titles.stringPropertyNames())
                .containsExactlyInAnyOrderElementsOf(Arrays.stream(TokenRejected.Reason.values())
                        .map(reason -> "problem." + reason)
                        .toList());
        assertThat(titles.values())
                .allSatisfy(title -> assertThat((String) title).isNotBlank());
    }
}
