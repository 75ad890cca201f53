package io.jiucang.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.EncryptionMethod;
import com.nimbusds.jose.JWEAlgorithm;
import com.nimbusds.jose.JWEHeader;
import com.nimbusds.jose.JWEObject;
import com.nimbusds.jose.Payload;
import com.nimbusds.jose.crypto.RSAEncrypter;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import io.jiucang.delivery.DeliveryRejected.Reason;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class EnvelopeTest {

    private static final String HEADER = "{\"alg\":\"RSA-OAEP-256\",\"enc\":\"A256GCM\",\"kid\":\"sf-1\"}";

    private static RSAKey key;

    @BeforeAll
    static void generateKey() throws Exception {
        key = new RSAKeyGenerator(2048).keyID("sf-1").generate();
    }

    private static String base64(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    private static String base64(String text) {
        return base64(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String parts(String header, int key, int iv, int ciphertext, int tag) {
        return String.join(
                ".",
                base64(header),
                base64(new byte[key]),
                base64(new byte[iv]),
                base64(new byte[ciphertext]),
                base64(new byte[tag]));
    }

    private static void assertRefused(String compact, Reason reason) {
        assertThatThrownBy(() -> Envelope.parse(compact))
                .as(compact)
                .isInstanceOfSatisfying(
                        DeliveryRejected.class, e -> assertThat(e.reason()).isEqualTo(reason));
    }

    @Test
    void readsWhatAStandardLibrarySeals() throws Exception {
        JWEObject jwe = new JWEObject(
                new JWEHeader.Builder(JWEAlgorithm.RSA_OAEP_256, EncryptionMethod.A256GCM)
                        .keyID("sf-1")
                        .build(),
                new Payload("泸州市江阳区国窖广场"));
        jwe.encrypt(new RSAEncrypter(key));
        String compact = jwe.serialize();
        Envelope envelope = Envelope.parse(compact);
        assertThat(envelope.kid()).isEqualTo("sf-1");
        assertThat(envelope.encryptedKeyLength()).isEqualTo(256);
        assertThat(envelope.sha256())
                .isEqualTo(HexFormat.of()
                        .formatHex(MessageDigest.getInstance("SHA-256")
                                .digest(compact.getBytes(StandardCharsets.US_ASCII))));
        assertThat(envelope.toString()).doesNotContain(compact);
    }

    @Test
    void takesTheLongestAddress() {
        assertThat(Envelope.parse(parts(HEADER, 512, 12, 4096, 16)).encryptedKeyLength())
                .isEqualTo(512);
    }

    static Stream<String> malformed() {
        String good = parts(HEADER, 256, 12, 20, 16);
        String[] parts = good.split("\\.", -1);
        return Stream.of(
                "",
                ".",
                "....",
                "not a JWE",
                good + ".",
                good.substring(0, good.lastIndexOf('.')),
                // Truncated in the tag: still Base64url, but a shorter tag.
                good.substring(0, good.length() - 4),
                good + "=",
                good.replace(parts[4], parts[4] + "=="),
                // A stray bit in the last character.
                good.substring(0, good.length() - 1) + "B",
                good.replace('A', '+'),
                " " + good,
                good + "\n",
                parts(HEADER, 0, 12, 20, 16),
                parts(HEADER, 256, 16, 20, 16),
                parts(HEADER, 256, 12, 0, 16),
                parts(HEADER, 256, 12, 4097, 16),
                parts(HEADER, 256, 12, 20, 12),
                parts(HEADER, 7000, 12, 20, 16),
                parts("[]", 256, 12, 20, 16),
                parts("null", 256, 12, 20, 16),
                parts("{", 256, 12, 20, 16),
                parts(HEADER + " x", 256, 12, 20, 16),
                parts(HEADER.replace("\"sf-1\"", "\" \""), 256, 12, 20, 16),
                parts(HEADER.replace("\"sf-1\"", "7"), 256, 12, 20, 16),
                parts("{\"alg\":\"none\"," + HEADER.substring(1), 256, 12, 20, 16));
    }

    @ParameterizedTest
    @MethodSource("malformed")
    void refusesWhatIsNoCompactJwe(String compact) {
        assertRefused(compact, Reason.ENVELOPE_MALFORMED);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{\"alg\":\"RSA-OAEP\",\"enc\":\"A256GCM\",\"kid\":\"sf-1\"}",
                "{\"alg\":\"dir\",\"enc\":\"A256GCM\",\"kid\":\"sf-1\"}",
                "{\"alg\":\"RSA-OAEP-256\",\"enc\":\"A128GCM\",\"kid\":\"sf-1\"}",
                "{\"alg\":\"RSA-OAEP-256\",\"enc\":\"A256CBC-HS512\",\"kid\":\"sf-1\"}",
                "{\"alg\":\"RSA-OAEP-256\",\"enc\":\"A256GCM\"}",
                "{\"alg\":\"RSA-OAEP-256\",\"enc\":\"A256GCM\",\"kid\":\"sf-1\",\"zip\":\"DEF\"}",
                "{\"alg\":\"RSA-OAEP-256\",\"enc\":\"A256GCM\",\"kid\":\"sf-1\",\"crit\":[\"x\"]}",
                "{\"alg\":\"RSA-OAEP-256\",\"enc\":\"A256GCM\",\"kid\":\"sf-1\",\"address\":\"somewhere\"}",
                "{\"alg\":[\"RSA-OAEP-256\"],\"enc\":\"A256GCM\",\"kid\":\"sf-1\"}"
            })
    void refusesAnyOtherWayOfSealing(String header) {
        assertRefused(parts(header, 256, 12, 20, 16), Reason.ENVELOPE_ALGORITHM_REFUSED);
    }

    @Test
    void refusesEveryTruncation() {
        String good = parts(HEADER, 256, 12, 20, 16);
        for (int length = 0; length < good.length(); length++) {
            assertRefused(good.substring(0, length), Reason.ENVELOPE_MALFORMED);
        }
        assertThat(Arrays.stream(good.split("\\.")).count()).isEqualTo(5);
    }
}
