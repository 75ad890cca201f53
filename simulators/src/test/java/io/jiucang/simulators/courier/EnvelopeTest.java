package io.jiucang.simulators.courier;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.CompressionAlgorithm;
import com.nimbusds.jose.EncryptionMethod;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWEAlgorithm;
import com.nimbusds.jose.JWEHeader;
import com.nimbusds.jose.JWEObject;
import com.nimbusds.jose.Payload;
import com.nimbusds.jose.crypto.RSAEncrypter;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.util.Base64URL;
import io.jiucang.simulators.device.Device;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.ParseException;
import java.time.Clock;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.lifecycle.AfterContainer;

/** What a device seals opens to the same address under the carrier's key, and to nothing otherwise. */
class EnvelopeTest {

    private static final String ENVIRONMENT = "https://test.jiucang.example";
    private static final String ORIGIN = "test.jiucang.example/ledger";
    private static final Device DEVICE = Device.create(ENVIRONMENT, ORIGIN, Clock.systemUTC());

    private static final Path DIRECTORY = temporaryDirectory();
    private static final Courier COURIER =
            Courier.open(DIRECTORY, ENVIRONMENT, ORIGIN, "sf", "zhang", Clock.systemUTC());
    private static final Courier COMPETITOR =
            Courier.open(DIRECTORY, ENVIRONMENT, ORIGIN, "ems", "zhao", Clock.systemUTC());
    private static final String SEALED = seal("四川省泸州市江阳区酒城大道 1 号");

    @AfterContainer
    static void deleteTheirKeys() throws IOException {
        try (Stream<Path> files = Files.walk(DIRECTORY)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    @Property(tries = 100)
    void opensForItsCarrierAlone(@ForAll("addresses") String address) {
        String envelope = seal(address);

        assertThat(COURIER.readAddress(envelope)).isEqualTo(address.strip());
        assertUnreadable(COMPETITOR, envelope);
        // Nor under a header that names the competitor's key.
        assertUnreadable(COMPETITOR, competitorsHeader() + envelope.substring(envelope.indexOf('.')));
    }

    @Property(tries = 500)
    void staysShutIfOneCharacterWasChanged(@ForAll @IntRange(max = 10_000) int place, @ForAll("ascii") char other) {
        int index = place % SEALED.length();
        if (SEALED.charAt(index) != other) {
            assertUnreadable(COURIER, SEALED.substring(0, index) + other + SEALED.substring(index + 1));
        }
    }

    @Property(tries = 200)
    void staysShutIfCutShort(@ForAll @IntRange(max = 10_000) int length) {
        assertUnreadable(COURIER, SEALED.substring(0, length % SEALED.length()));
    }

    @Property(tries = 500)
    void takesNothingElse(@ForAll String text, @ForAll List<byte[]> parts) {
        assertUnreadable(COURIER, text);
        assertUnreadable(
                COURIER,
                String.join(
                        ".",
                        parts.stream()
                                .map(part -> Base64URL.encode(part).toString())
                                .toList()));
    }

    @Property(tries = 500)
    void takesNoOtherHeader(@ForAll("headers") String header) {
        assertUnreadable(COURIER, Base64URL.encode(header) + SEALED.substring(SEALED.indexOf('.')));
    }

    /** The tag's last character has four bits that lenient decoders ignore. */
    @Example
    void hasOneTextOnly() {
        String others = "AQgw";
        String last = SEALED.substring(SEALED.length() - 1);
        assertThat(others).contains(last);
        assertUnreadable(COURIER, SEALED.substring(0, SEALED.length() - 1) + (char) (last.charAt(0) + 1));
        assertUnreadable(COURIER, SEALED + "=");
    }

    @Example
    void holdsAText() throws Exception {
        assertUnreadable(COURIER, encrypt(plainHeader(), new Payload(new byte[] {(byte) 0xff})));
        assertThat(COURIER.readAddress(encrypt(plainHeader(), new Payload("x"))))
                .isEqualTo("x");
    }

    /** What could be opened is still refused: one algorithm, so that nobody is talked into a weaker one. */
    @Example
    void takesNoOtherAlgorithmEvenForItsOwnKey() throws Exception {
        assertUnreadable(
                COURIER,
                encrypt(new JWEHeader.Builder(JWEAlgorithm.RSA_OAEP_512, EncryptionMethod.A256GCM)
                        .keyID(kid(COURIER))
                        .build()));
        assertUnreadable(
                COURIER,
                encrypt(new JWEHeader.Builder(JWEAlgorithm.RSA_OAEP_256, EncryptionMethod.A128GCM)
                        .keyID(kid(COURIER))
                        .build()));
        assertUnreadable(
                COURIER,
                encrypt(new JWEHeader.Builder(JWEAlgorithm.RSA_OAEP_256, EncryptionMethod.A256GCM)
                        .keyID(kid(COURIER))
                        .compressionAlgorithm(CompressionAlgorithm.DEF)
                        .build()));
        assertUnreadable(
                COURIER, encrypt(new JWEHeader.Builder(JWEAlgorithm.RSA_OAEP_256, EncryptionMethod.A256GCM).build()));
    }

    @Provide
    Arbitrary<String> addresses() {
        return Arbitraries.strings()
                .withCharRange(' ', '\ud7ff')
                .ofMinLength(1)
                .ofMaxLength(4096 / 3)
                .filter(text -> !text.isBlank());
    }

    @Provide
    Arbitrary<Character> ascii() {
        return Arbitraries.chars().range(' ', '~');
    }

    @Provide
    Arbitrary<String> headers() {
        return Arbitraries.of("alg", "enc", "kid", "zip", "RSA-OAEP-256", "A256GCM", "dir", kid(COURIER), "{", "}", ":")
                .list()
                .ofMaxSize(9)
                .map(words -> "{"
                        + String.join(
                                ",",
                                words.stream().map(word -> "\"" + word + "\":1").toList()) + "}");
    }

    private static Path temporaryDirectory() {
        try {
            return Files.createTempDirectory("couriers");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void assertUnreadable(Courier reader, String envelope) {
        assertThatThrownBy(() -> reader.readAddress(envelope)).isInstanceOf(EnvelopeUnreadable.class);
    }

    private static String seal(String address) {
        return DEVICE.seal(address, COURIER.publicJwks().getFirst());
    }

    private static String competitorsHeader() {
        return new JWEHeader.Builder(JWEAlgorithm.RSA_OAEP_256, EncryptionMethod.A256GCM)
                .keyID(kid(COMPETITOR))
                .build()
                .toBase64URL()
                .toString();
    }

    private static JWEHeader plainHeader() {
        return new JWEHeader.Builder(JWEAlgorithm.RSA_OAEP_256, EncryptionMethod.A256GCM)
                .keyID(kid(COURIER))
                .build();
    }

    private static String encrypt(JWEHeader header) throws JOSEException, ParseException {
        return encrypt(header, new Payload("x"));
    }

    private static String encrypt(JWEHeader header, Payload payload) throws JOSEException, ParseException {
        JWEObject jwe = new JWEObject(header, payload);
        jwe.encrypt(new RSAEncrypter(RSAKey.parse(COURIER.publicJwks().getFirst())));
        return jwe.serialize();
    }

    private static String kid(Courier carrier) {
        return String.valueOf(carrier.publicJwks().getFirst().get("kid"));
    }
}
