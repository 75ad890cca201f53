package io.jiucang.simulators.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWEAlgorithm;
import com.nimbusds.jose.JWEObject;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.crypto.RSADecrypter;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.SignedJWT;
import io.jiucang.title.statement.Act;
import io.jiucang.title.statement.Statement;
import io.jiucang.title.statement.Statements;
import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Date;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class DeviceTest {

    private static final String ENVIRONMENT = "https://test.jiucang.example";
    private static final String ORIGIN = "test.jiucang.example/ledger";
    private static final Instant NOW = Instant.parse("2026-11-22T04:00:00Z");
    private static final String ADDRESS = "四川省泸州市江阳区酒城大道 1 号";

    private static RSAKey carrier;

    private final Device device = Device.create(ENVIRONMENT, ORIGIN, Clock.fixed(NOW, ZoneOffset.UTC));

    @BeforeAll
    static void makeCarrierKey() throws JOSEException {
        carrier = new RSAKeyGenerator(2048)
                .algorithm(JWEAlgorithm.RSA_OAEP_256)
                .keyIDFromThumbprint(true)
                .notBeforeTime(Date.from(NOW))
                .expirationTime(Date.from(NOW.plusSeconds(1)))
                .generate();
    }

    @Test
    void sealsAnAddressForTheCarrier() throws Exception {
        JWEObject jwe = JWEObject.parse(device.seal(ADDRESS, jwk(carrier)));

        assertThat(jwe.getHeader().toJSONObject())
                .isEqualTo(Map.of("alg", "RSA-OAEP-256", "enc", "A256GCM", "kid", carrier.getKeyID()));
        jwe.decrypt(new RSADecrypter(carrier));
        assertThat(jwe.getPayload().toString()).startsWith(ADDRESS).hasSize(512 - bytes(ADDRESS) + ADDRESS.length());
        assertThat(jwe.getPayload().toString().strip()).isEqualTo(ADDRESS);
    }

    @Test
    void sealsTheSameAddressEachTimeUnderAnotherKey() {
        String[] one = device.seal(ADDRESS, jwk(carrier)).split("\\.", -1);
        String[] other = device.seal(ADDRESS, jwk(carrier)).split("\\.", -1);

        assertThat(one).hasSize(5);
        assertThat(other[0]).isEqualTo(one[0]);
        IntStream.range(1, 5).forEach(part -> assertThat(other[part]).isNotEqualTo(one[part]));
    }

    @Test
    void sealsShortAndLongAddressesToOneLength() {
        assertThat(device.seal("x", jwk(carrier)))
                .hasSameSizeAs(device.seal("x".repeat(512), jwk(carrier)))
                .hasSizeLessThan(device.seal("x".repeat(513), jwk(carrier)).length());
    }

    @Test
    void takesAddressesUpToTheirLimitInBytes() {
        String longest = "址".repeat(4096 / 3) + "x";

        assertThat(device.seal(longest, jwk(carrier))).isNotEmpty();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> device.seal(longest + "x", jwk(carrier)))
                .withMessageContaining("4096");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "\n\t "})
    void refusesABlankAddress(String blank) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> device.seal(blank, jwk(carrier)))
                .withMessageContaining("1 to 4096 bytes");
    }

    static Stream<Arguments> carrierKeysNobodyShouldUse() throws JOSEException {
        return Stream.of(
                Arguments.of("private", carrier.toJSONObject()),
                Arguments.of("its thumbprint", jwk(new RSAKey.Builder(carrier).keyID("sf-1"))),
                Arguments.of("its thumbprint", jwk(new RSAKey.Builder(carrier).keyID(null))),
                Arguments.of("shorter", jwk(tooShort())),
                Arguments.of("RSA-OAEP-256", jwk(new RSAKey.Builder(carrier).algorithm(JWEAlgorithm.RSA_OAEP_512))),
                Arguments.of("RSA-OAEP-256", jwk(new RSAKey.Builder(carrier).algorithm(null))),
                Arguments.of(
                        "not valid yet", jwk(new RSAKey.Builder(carrier).notBeforeTime(Date.from(NOW.plusSeconds(1))))),
                Arguments.of("not valid yet", jwk(new RSAKey.Builder(carrier).notBeforeTime(null))),
                Arguments.of("any more", jwk(new RSAKey.Builder(carrier).expirationTime(Date.from(NOW)))),
                Arguments.of("any more", jwk(new RSAKey.Builder(carrier).expirationTime(null))),
                Arguments.of("RSA JWK", jwk(new ECKeyGenerator(Curve.P_256).generate())),
                Arguments.of("RSA JWK", Map.of()));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("carrierKeysNobodyShouldUse")
    void refusesToSealFor(String why, Map<String, Object> key) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> device.seal(ADDRESS, key))
                .withMessageContaining(why);
    }

    @Test
    void makesHandoverCodesThatNobodyGuesses() {
        List<String> tokens = IntStream.rangeClosed(1, 1000)
                .mapToObj(serial -> "vault." + serial)
                .toList();
        Map<String, HandoverCode> codes = Device.newHandoverCodes(tokens);

        assertThat(codes.keySet()).containsExactlyElementsOf(tokens);
        assertThat(codes.values())
                .doesNotHaveDuplicates()
                .allSatisfy(code -> assertThat(code.text()).matches("[0-9A-HJKMNP-TV-Z]{16}"));
        // Each of the 32 characters stands at each of the 16 places: all 80 bits vary.
        Set<String> seen = new HashSet<>();
        codes.values()
                .forEach(code -> IntStream.range(0, 16)
                        .forEach(place -> seen.add(place + ":" + code.text().charAt(place))));
        assertThat(seen).hasSize(16 * 32);
    }

    @Test
    void keepsTheCodeOutOfLogs() {
        assertThat(new HandoverCode("0123456789ABCDEF")).hasToString("HandoverCode");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "0123456789ABCDE", "0123456789ABCDEF0", "0123456789ABCDEI", "0123456789abcdef"})
    void refusesWhatIsNoHandoverCode(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new HandoverCode(text))
                .withMessage("not a handover code of 16 characters");
    }

    @Test
    void asksForAnotherPickupPassword() throws Exception {
        assertThat(claims(device.pickupPasswordIntent()))
                .containsExactlyInAnyOrderEntriesOf(Map.of(
                        "iss",
                        ENVIRONMENT,
                        "sub",
                        device.kid(),
                        "act",
                        "set-pickup-password",
                        "iat",
                        NOW.getEpochSecond(),
                        "exp",
                        NOW.plusSeconds(300).getEpochSecond()));
    }

    @Test
    void provesItsKeyToTheAccountThatItIsFor() throws Exception {
        assertThat(claims(device.proofOfPossession("li")))
                .containsEntry("act", "register-key")
                .containsEntry("sub", "li");
    }

    @Test
    void speaksForTheWalletThatItsKeyBegan() {
        Statement<Act.WalletBirth> birth = Statements.read(device.birth(), Act.WalletBirth.class);

        assertThat(birth.kid()).isEqualTo(device.kid());
        assertThat(birth.spoken().sub()).isEqualTo(device.wallet()).isEqualTo(device.kid());
        assertThat(birth.spoken().iss()).isEqualTo(ORIGIN);
        assertThat(birth.spoken().iat()).isEqualTo(NOW);
        assertThat(birth.act().recovery()).isEmpty();
        assertThat(birth.isSignedBy(birth.act().key())).isTrue();
    }

    @Test
    void speaksForTheWalletThatItsKeyJoined() {
        Device another = device.another();
        Statement<Act.KeyEndorsement> endorsement =
                Statements.read(device.endorsement(another), Act.KeyEndorsement.class);
        Statement<Act.KeyRevocation> revocation =
                Statements.read(another.revocation(device.kid()), Act.KeyRevocation.class);

        assertThat(another.wallet()).isEqualTo(device.wallet()).isNotEqualTo(another.kid());
        assertThat(endorsement.kid()).isEqualTo(device.kid());
        assertThat(endorsement.act().key().thumbprint()).isEqualTo(another.kid());
        assertThat(revocation.kid()).isEqualTo(another.kid());
        assertThat(revocation.spoken().sub()).isEqualTo(device.wallet());
        assertThat(revocation.act().key()).isEqualTo(device.kid());
        assertThat(revocation.isSignedBy(endorsement.act().key())).isTrue();
    }

    @Test
    void isTheSameDeviceAfterARestart() throws Exception {
        Device restored = Device.restore(ENVIRONMENT, ORIGIN, device.save(), Clock.fixed(NOW, ZoneOffset.UTC));

        assertThat(restored.kid()).isEqualTo(device.kid());
        assertThat(restored.wallet()).isEqualTo(device.kid());
        assertThat(claims(restored.pickupPasswordIntent())).containsEntry("sub", device.kid());
        assertThatThrownBy(() -> Device.restore(ENVIRONMENT, ORIGIN, "{}", Clock.systemUTC()))
                .isInstanceOf(IllegalArgumentException.class);
    }

    /** Verified, and without {@code jti}, which no two share. */
    private Map<String, Object> claims(String jws) throws ParseException, JOSEException {
        ECKey key = ECKey.parse(device.save());
        SignedJWT jwt = SignedJWT.parse(jws);
        assertThat(jwt.verify(new ECDSAVerifier(key))).isTrue();
        JWSHeader header = jwt.getHeader();
        assertThat(header.toJSONObject())
                .isEqualTo(Map.of("alg", "ES256", "kid", key.computeThumbprint().toString()));
        Map<String, Object> claims = new HashMap<>(jwt.getPayload().toJSONObject());
        assertThat(claims.remove("jti")).isInstanceOf(String.class).isNotEqualTo("");
        return claims;
    }

    private static RSAKey.Builder tooShort() throws JOSEException {
        return new RSAKey.Builder(new RSAKeyGenerator(1024, true)
                .algorithm(JWEAlgorithm.RSA_OAEP_256)
                .keyIDFromThumbprint(true)
                .notBeforeTime(Date.from(NOW))
                .expirationTime(Date.from(NOW.plusSeconds(1)))
                .generate());
    }

    private static Map<String, Object> jwk(RSAKey.Builder key) {
        return jwk(key.build());
    }

    private static Map<String, Object> jwk(JWK key) {
        return key.toPublicJWK().toJSONObject();
    }

    private static int bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }
}
