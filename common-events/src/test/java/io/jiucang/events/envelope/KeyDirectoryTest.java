package io.jiucang.events.envelope;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KeyDirectoryTest {

    private static final String DOCUMENT = """
            {"keys":[{"source":"urn:jiucang:order-service","keyId":"order-2026","algorithm":"Ed25519",\
            "publicKey":"O2onvM62pC1io6jQKm8Nc2UyFXcd4kOmOsBIoYtZ2ik=",\
            "validFrom":"2026-01-01T00:00:00Z","validUntil":"2027-01-01T00:00:00Z"}]}""";
    private static final URI ORDER = URI.create("urn:jiucang:order-service");

    @Test
    void readsWhatItWrites() {
        EventSigner signer = new EventSigner(new byte[32], "order-2026");
        byte[] json = KeyDirectory.write(List.of(new KeyDirectory.Key(
                ORDER,
                signer.keyId(),
                KeyDirectory.Algorithm.ED25519,
                signer.publicKey(),
                Instant.parse("2026-01-01T00:00:00Z"),
                Instant.parse("2027-01-01T00:00:00Z"))));
        assertThat(new String(json, StandardCharsets.UTF_8)).isEqualTo(DOCUMENT);
        assertThat(KeyDirectory.read(json).find(ORDER, "order-2026")).isPresent();
    }

    @Test
    void findsAKeyForItsSourceOnly() {
        KeyDirectory keys = KeyDirectory.read(DOCUMENT.getBytes(StandardCharsets.UTF_8));
        assertThat(keys.find(URI.create("urn:jiucang:token-service"), "order-2026"))
                .isEmpty();
        assertThat(keys.find(ORDER, "order-2027")).isEmpty();
    }

    @Test
    void aKeyIsValidFromItsFirstSecondUntilBeforeItsLast() {
        KeyDirectory.TrustedKey key = KeyDirectory.read(DOCUMENT.getBytes(StandardCharsets.UTF_8))
                .find(ORDER, "order-2026")
                .orElseThrow();
        assertThat(key.isValidAt(Instant.parse("2025-12-31T23:59:59Z"))).isFalse();
        assertThat(key.isValidAt(Instant.parse("2026-01-01T00:00:00Z"))).isTrue();
        assertThat(key.isValidAt(Instant.parse("2026-12-31T23:59:59Z"))).isTrue();
        assertThat(key.isValidAt(Instant.parse("2027-01-01T00:00:00Z"))).isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "}]} | }",
                "}]} | },null]}",
                "}]} | }],\"comment\":\"x\"}",
                "}]} | }]} {}",
                "{\"keys\" | {\"keys\":[],\"keys\"",
                "\"Ed25519\" | \"ES256\"",
                "\"Ed25519\" | 0",
                "\"order-2026\" | \"\"",
                "\"order-2026\" | null",
                "\"keyId\":\"order-2026\", | ~~",
                "\"keyId\" | \"id\"",
                "\"publicKey\" | \"private\":\"x\",\"publicKey\"",
                "O2onvM62pC1io6jQKm8Nc2UyFXcd4kOmOsBIoYtZ2ik= | O2onvM62pC1io6jQKm8Nc2UyFXcd4kOmOsBIoYtZ2g==",
                "O2onvM62pC1io6jQKm8Nc2UyFXcd4kOmOsBIoYtZ2ik= | AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
                "O2onvM62pC1io6jQKm8Nc2UyFXcd4kOmOsBIoYtZ2ik= | /////////////////////////////////////////w==",
                "2026-01-01T00:00:00Z | 2026-01-01T00:00:00.5Z",
                "2026-01-01T00:00:00Z | 2027-01-01T00:00:00Z",
                "2026-01-01T00:00:00Z | 2026-01-01",
                "\"2027-01-01T00:00:00Z\" | null",
            })
    void refusesADocumentThatIsNotExactlyADirectory(String part, String replacement) {
        String document = DOCUMENT.replace(part, replacement);
        assertThat(document).isNotEqualTo(DOCUMENT);
        assertThatThrownBy(() -> KeyDirectory.read(document.getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("not a key directory");
    }

    @Test
    void refusesTwoKeysOfOneName() {
        String entry =
                DOCUMENT.substring(DOCUMENT.indexOf('['), DOCUMENT.indexOf(']')).substring(1);
        String twice = DOCUMENT.replace(entry, entry + "," + entry);
        assertThatThrownBy(() -> KeyDirectory.read(twice.getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("two keys");
        String ofTwoSources = DOCUMENT.replace(entry, entry + "," + entry.replace("order-service", "token-service"));
        assertThat(KeyDirectory.read(ofTwoSources.getBytes(StandardCharsets.UTF_8))
                        .find(ORDER, "order-2026"))
                .isPresent();
    }
}
