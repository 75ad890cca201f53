package io.jiucang.payment;

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

class PaymentRejectedTest {

    @ParameterizedTest
    @ValueSource(strings = {"payment.properties", "payment_zh.properties"})
    void hasATitleForEachReason(String file) throws IOException {
        Properties titles = new Properties();
        try (Reader text = new InputStreamReader(
                Objects.requireNonNull(getClass().getResourceAsStream("/problems/" + file)), StandardCharsets.UTF_8)) {
            titles.load(text);
        }
        assertThat(titles.stringPropertyNames())
                .containsExactlyInAnyOrderElementsOf(Arrays.stream(PaymentRejected.Reason.values())
                        .map(reason -> "problem." + reason.name())
                        .toList());
        assertThat(titles.values())
                .allSatisfy(title -> assertThat((String) title).isNotBlank());
    }
}
