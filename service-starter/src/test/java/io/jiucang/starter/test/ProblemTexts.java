package io.jiucang.starter.test;

import static org.assertj.core.api.Assertions.assertThat;

import io.jiucang.starter.RejectionReason;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Properties;

/** Checks that each refusal can be told to people. */
public final class ProblemTexts {

    private static final String HAN = "(?s).*\\p{IsHan}.*";

    private ProblemTexts() {}

    /**
     * Every reason has a title in English and in Chinese, and there is no title without a reason.
     *
     * @param service whose {@code problems/<service>.properties} and {@code problems/<service>_zh.properties} are meant
     */
    public static <R extends Enum<R> & RejectionReason> void assertComplete(Class<R> reasons, String service) {
        List<String> keys = Arrays.stream(reasons.getEnumConstants())
                .map(reason -> "problem." + reason.name())
                .toList();
        Properties english = read("problems/" + service + ".properties");
        Properties chinese = read("problems/" + service + "_zh.properties");

        assertThat(english.stringPropertyNames()).as("English titles").containsExactlyInAnyOrderElementsOf(keys);
        assertThat(chinese.stringPropertyNames()).as("Chinese titles").containsExactlyInAnyOrderElementsOf(keys);
        assertThat(english.values())
                .allSatisfy(title -> assertThat((String) title).isNotBlank().doesNotMatch(HAN));
        assertThat(chinese.values())
                .allSatisfy(title -> assertThat((String) title).matches(HAN));
    }

    private static Properties read(String resource) {
        try (InputStream in = ProblemTexts.class.getClassLoader().getResourceAsStream(resource)) {
            assertThat(in).as(resource).isNotNull();
            Properties properties = new Properties();
            try (Reader reader = new InputStreamReader(in, StandardCharsets.UTF_8)) {
                properties.load(reader);
            }
            return properties;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
