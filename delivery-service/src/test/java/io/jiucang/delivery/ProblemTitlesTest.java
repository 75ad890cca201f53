package io.jiucang.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Properties;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.core.io.ClassPathResource;

class ProblemTitlesTest {

    @ParameterizedTest
    @ValueSource(strings = {"problems/delivery.properties", "problems/delivery_zh.properties"})
    void nameEachReasonAndNoOther(String file) throws IOException {
        Properties titles = new Properties();
        try (Reader reader =
                new InputStreamReader(new ClassPathResource(file).getInputStream(), StandardCharsets.UTF_8)) {
            titles.load(reader);
        }
        assertThat(titles.stringPropertyNames())
                .isEqualTo(Arrays.stream(DeliveryRejected.Reason.values())
                        .map(reason -> "problem." + reason)
                        .collect(Collectors.toSet()));
        assertThat(titles.values())
                .allSatisfy(title -> assertThat(title.toString()).isNotBlank());
    }
}
