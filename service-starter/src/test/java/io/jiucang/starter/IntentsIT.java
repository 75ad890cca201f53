package io.jiucang.starter;

import static io.jiucang.starter.SampleFixtures.ORDERS;
import static io.jiucang.starter.SampleFixtures.meanwhile;
import static io.jiucang.starter.test.TestPlatform.LI;
import static io.jiucang.starter.test.TestPlatform.WANG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jose.util.Base64URL;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import io.jiucang.events.TokenEvent;
import io.jiucang.events.TokenEvent.KeyEndorsed;
import io.jiucang.events.TokenEvent.KeyRevoked;
import io.jiucang.events.TokenEvent.WalletBorn;
import io.jiucang.events.value.Ids;
import io.jiucang.simulators.device.Device;
import io.jiucang.starter.RequestRejected.Reason;
import io.jiucang.starter.SampleApplication.OrderController.Request;
import io.jiucang.starter.test.RealInfrastructure;
import io.jiucang.starter.test.RunningService;
import io.jiucang.starter.test.TestPlatform;
import io.jiucang.starter.wallet.Act;
import io.jiucang.starter.wallet.Intent;
import io.jiucang.starter.wallet.Intents;
import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** Only the owner's own device disposes, only for what it signed, and only once. */
@RealInfrastructure
class IntentsIT {

    private static final Device li = TestPlatform.device("li");
    private static final Device lost = li.another();
    private static final Device wang = TestPlatform.device("wang");
    private static final ECKey lisPhone = key(li);
    private static final ECKey lisLostPhone = key(lost);
    private static final ECKey wangsPhone = key(wang);
    private static final Instant REGISTERED = Instant.parse("2025-01-01T00:00:00Z");
    private static final Duration LIFE = Duration.ofMinutes(5);
    private static final Instant LOST = REGISTERED.plus(Duration.ofDays(1));

    @RegisterExtension
    static final RunningService service = new RunningService(SampleApplication.class, "order");

    @BeforeAll
    static void registerDevices() {
        double voided = voided();
        tell(new WalletBorn(LI, li.birth()), REGISTERED);
        tell(new KeyEndorsed(LI, li.endorsement(lost)), REGISTERED);
        tell(new WalletBorn(WANG, wang.birth()), REGISTERED);
        tell(new KeyRevoked(LI, li.revocation(lost.kid())), LOST);
        assertThat(voided()).isEqualTo(voided);
        // Nobody takes over a key by endorsing it, and none comes back.
        tell(new KeyEndorsed(WANG, wang.endorsement(li)), REGISTERED);
        tell(new KeyEndorsed(LI, li.endorsement(lost)), REGISTERED);
        assertThat(SampleFixtures.count(service, "wallet_key")).isEqualTo(4);
        assertThat(voided()).isEqualTo(voided + 1);
    }

    private static void tell(TokenEvent event, Instant at) {
        TestPlatform platform = service.platform();
        service.publishInTurn(List.of(platform.signed(event, "wallets", platform.signer("token"), at)));
    }

    private static double voided() {
        return SampleFixtures.voided(service);
    }

    @Test
    void givesWhatTheOwnerSigned() {
        String jws = sign(claims());
        assertThat(use(jws))
                .isEqualTo(new Intent(
                        LI, Act.PICKUP, List.of("t1", "t2"), "wang", "u1", Map.of("t1", "cd34"), "ab12", jws));
    }

    static Stream<Arguments> refusals() throws JOSEException {
        return Stream.of(
                refusal("empty", Reason.INTENT_MALFORMED, ""),
                refusal("no JWS", Reason.INTENT_MALFORMED, "a.b.c"),
                refusal("too long", Reason.INTENT_MALFORMED, sign(claims().claim("terms", "x".repeat(16_384)))),
                refusal("padding", Reason.INTENT_MALFORMED, sign(claims()) + "="),
                refusal("a character that is not base64url", Reason.INTENT_MALFORMED, sign(claims()) + "~"),
                refusal("a space", Reason.INTENT_MALFORMED, sign(claims()).replaceFirst("\\.", " .")),
                refusal("white space in the claims", Reason.INTENT_MALFORMED, signed(header(), " " + json(claims()))),
                refusal(
                        "a claim twice",
                        Reason.INTENT_MALFORMED,
                        signed(
                                header(),
                                "{\"sub\":\"Jiefang Road 1\"," + json(claims()).substring(1))),
                refusal(
                        "text in typ",
                        Reason.INTENT_MALFORMED,
                        signed(header().replace("}", ",\"typ\":\"Jiefang Road 1\"}"), json(claims()))),
                refusal("text in jti", Reason.INTENT_MALFORMED, sign(claims().jwtID("Jiefang Road 1"))),
                refusal(
                        "text in a time",
                        Reason.INTENT_MALFORMED,
                        signed(header(), json(claims()).replaceFirst("\"iat\":(\\d+)", "\"iat\":$1.074101"))),
                refusal("a claim more", Reason.INTENT_MALFORMED, sign(claims().claim("note", "Jiefang Road 1"))),
                refusal("a claim of another act", Reason.INTENT_MALFORMED, sign(claims().claim("ageChecked", true))),
                refusal("a claim less", Reason.INTENT_MALFORMED, sign(claims().claim("terms", null))),
                refusal("alg none", Reason.INTENT_MALFORMED, new PlainJWT(claims().build()).serialize()),
                refusal(
                        "RS256",
                        Reason.INTENT_MALFORMED,
                        sign(
                                JWSAlgorithm.RS256,
                                lisPhone.getKeyID(),
                                claims(),
                                new RSASSASigner(new RSAKeyGenerator(2048).generate()))),
                // The public key as an HMAC secret: the classic confusion.
                refusal(
                        "HS256",
                        Reason.INTENT_MALFORMED,
                        sign(
                                JWSAlgorithm.HS256,
                                lisPhone.getKeyID(),
                                claims(),
                                new MACSigner(
                                        lisPhone.toPublicJWK().toJSONString().getBytes(StandardCharsets.UTF_8)))),
                refusal(
                        "no kid",
                        Reason.INTENT_MALFORMED,
                        sign(JWSAlgorithm.ES256, null, claims(), new ECDSASigner(lisPhone))),
                refusal("no jti", Reason.INTENT_MALFORMED, sign(claims().jwtID(null))),
                // A database takes no NUL.
                refusal("NUL in jti", Reason.INTENT_MALFORMED, sign(claims().jwtID("j\0"))),
                refusal(
                        "NUL in kid",
                        Reason.INTENT_MALFORMED,
                        sign(JWSAlgorithm.ES256, "li\0", claims(), new ECDSASigner(lisPhone))),
                refusal("endless jti", Reason.INTENT_MALFORMED, sign(claims().jwtID("j".repeat(129)))),
                refusal("no iat", Reason.INTENT_MALFORMED, sign(claims().issueTime(null))),
                refusal("no exp", Reason.INTENT_MALFORMED, sign(claims().expirationTime(null))),
                refusal(
                        "tokens with nothing",
                        Reason.INTENT_MALFORMED,
                        sign(claims().claim("tokens", Collections.singletonList(null)))),
                refusal("tokens of numbers", Reason.INTENT_MALFORMED, sign(claims().claim("tokens", List.of(1, 2)))),
                refusal("tokens of text", Reason.INTENT_MALFORMED, sign(claims().claim("tokens", "t1"))),
                refusal(
                        "hashlocks with nothing",
                        Reason.INTENT_MALFORMED,
                        sign(claims().claim("hashlocks", Collections.singletonMap("t1", null)))),
                refusal("hashlocks of text", Reason.INTENT_MALFORMED, sign(claims().claim("hashlocks", "t1"))),
                refusal("unknown key", Reason.INTENT_KEY_UNKNOWN, sign(newKey("unknown"), claims())),
                refusal("another owner's key", Reason.INTENT_KEY_UNKNOWN, sign(wangsPhone, claims())),
                refusal("revoked key", Reason.INTENT_KEY_REVOKED, sign(lisLostPhone, claims())),
                refusal(
                        "another key under this kid",
                        Reason.INTENT_SIGNATURE_INVALID,
                        sign(newKey(lisPhone.getKeyID()), claims())),
                refusal("altered", Reason.INTENT_SIGNATURE_INVALID, altered()),
                refusal("another environment", Reason.INTENT_NOT_FOR_THIS, sign(claims().issuer("https://staging"))),
                refusal("no environment", Reason.INTENT_NOT_FOR_THIS, sign(claims().issuer(null))),
                refusal("another subject", Reason.INTENT_NOT_FOR_THIS, sign(claims().subject(WANG))),
                refusal("another act", Reason.INTENT_NOT_FOR_THIS, sign(claims().claim("act", "gift"))),
                refusal("no act", Reason.INTENT_NOT_FOR_THIS, sign(claims().claim("act", null))),
                refusal(
                        "expired",
                        Reason.INTENT_EXPIRED,
                        sign(claims().issueTime(inSeconds(-120)).expirationTime(inSeconds(-1)))),
                refusal(
                        "from the future",
                        Reason.INTENT_EXPIRED,
                        sign(claims().issueTime(inSeconds(120)).expirationTime(inSeconds(300)))),
                refusal("too long a life", Reason.INTENT_EXPIRED, sign(claims().expirationTime(inSeconds(16 * 60)))));
    }

    private static Arguments refusal(String name, Reason reason, String jws) {
        return Arguments.of(name, reason, jws);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("refusals")
    void refuses(String name, Reason reason, String jws) {
        assertRefused(reason, jws);
    }

    /** What came in an event was good or not when it happened, whatever has become of key and intent since. */
    @Test
    void isJudgedAsOfItsEvent() {
        Instant before = LOST.minusSeconds(1);
        assertThat(useAt(lisLostPhone, before, before).owner()).isEqualTo(LI);

        assertRefused(Reason.INTENT_KEY_REVOKED, () -> useAt(lisLostPhone, LOST, LOST));
        assertRefused(Reason.INTENT_KEY_REVOKED, () -> useAt(lisLostPhone, before, LOST));
    }

    /** What is still to be done is not done for whoever may have the device by now. */
    @Test
    void ofADeviceThatWasLostSinceDoesNothingMore() {
        Instant before = LOST.minusSeconds(1);
        assertRefused(
                Reason.INTENT_KEY_REVOKED,
                () -> inTransaction(() -> service.bean(Intents.class)
                        .useRequestedAt(signedAt(lisLostPhone, before), LI, Act.PICKUP, before)));

        Instant then = REGISTERED.plusSeconds(60);
        assertThat(inTransaction(() -> service.bean(Intents.class)
                                .useRequestedAt(signedAt(lisPhone, then), LI, Act.PICKUP, then))
                        .owner())
                .isEqualTo(LI);
    }

    @Test
    void ofADeviceThatJoinedLaterIsRefused() {
        Instant before = REGISTERED.minusSeconds(61);
        assertRefused(Reason.INTENT_KEY_UNKNOWN, () -> useAt(lisPhone, before, before));

        // Two services' clocks may differ by a minute.
        Instant nearly = REGISTERED.minusSeconds(60);
        assertThat(useAt(lisPhone, nearly, nearly).owner()).isEqualTo(LI);
    }

    @Test
    void expiresAsOfItsEvent() {
        Instant issued = REGISTERED.plusSeconds(60);
        Instant expired = issued.plus(LIFE);
        assertRefused(Reason.INTENT_EXPIRED, () -> useAt(lisPhone, issued, expired));
        assertRefused(Reason.INTENT_EXPIRED, () -> useAt(lisPhone, issued, issued.minusSeconds(61)));

        assertThat(useAt(lisPhone, issued, expired.minusMillis(1)).owner()).isEqualTo(LI);
        assertThat(useAt(lisPhone, issued, issued.minusSeconds(60)).owner()).isEqualTo(LI);
    }

    @Test
    void isUsedUp() {
        String once = Ids.next();
        String jws = sign(claims().jwtID(once));
        use(jws);

        assertRefused(Reason.INTENT_REUSED, jws);
        assertRefused(Reason.INTENT_REUSED, sign(claims().jwtID(once).claim("terms", "another")));
    }

    @Test
    void ofTwoOwnersEachHasTheirOwn() {
        String same = Ids.next();
        use(sign(claims().jwtID(same)));

        assertThat(inTransaction(() -> service.bean(Intents.class)
                                .use(sign(wangsPhone, claims().jwtID(same).subject(WANG)), WANG, Act.PICKUP))
                        .owner())
                .isEqualTo(WANG);
    }

    @Test
    void mayBeUsedAgainIfItsUseWasUndone() {
        String jws = sign(claims());
        transaction().executeWithoutResult(status -> {
            service.bean(Intents.class).use(jws, LI, Act.PICKUP);
            status.setRollbackOnly();
        });

        assertThat(use(jws).owner()).isEqualTo(LI);
    }

    @Test
    void ofManyUsesAtOnceOneCounts() throws Exception {
        String jws = sign(claims());
        List<Future<Boolean>> uses = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            uses.add(meanwhile(() -> {
                try {
                    use(jws);
                    return true;
                } catch (RequestRejected e) {
                    assertThat(e.reason()).isEqualTo(Reason.INTENT_REUSED);
                    return false;
                }
            }));
        }

        int counted = 0;
        for (Future<Boolean> use : uses) {
            counted += use.get() ? 1 : 0;
        }
        assertThat(counted).isEqualTo(1);
    }

    @Test
    void isRefusedOverHttpWithItsReason() {
        String jws = sign(claims());

        assertThat(order(jws).status()).isEqualTo(201);
        assertThat(order(jws).reason()).isEqualTo("INTENT_REUSED");
        assertThat(order("x").reason()).isEqualTo("INTENT_MALFORMED");
    }

    private static RunningService.Answer order(String jws) {
        return service.post(ORDERS, new Request(1, Instant.now(), "", jws), LI);
    }

    private static void assertRefused(Reason reason, String jws) {
        assertRefused(reason, () -> use(jws));
    }

    private static void assertRefused(Reason reason, ThrowingCallable use) {
        assertThatThrownBy(use)
                .isInstanceOfSatisfying(
                        RequestRejected.class,
                        refused -> assertThat(refused.reason()).isEqualTo(reason));
    }

    private static Intent use(String jws) {
        return inTransaction(() -> service.bean(Intents.class).use(jws, LI, Act.PICKUP));
    }

    private static Intent useAt(ECKey key, Instant issued, Instant at) {
        String jws = signedAt(key, issued);
        return inTransaction(() -> service.bean(Intents.class).useAt(jws, LI, Act.PICKUP, at));
    }

    private static String signedAt(ECKey key, Instant issued) {
        return sign(key, claims().issueTime(Date.from(issued)).expirationTime(Date.from(issued.plus(LIFE))));
    }

    private static Intent inTransaction(Supplier<Intent> use) {
        Intent intent = transaction().execute(status -> use.get());
        assertThat(intent).isNotNull();
        return intent;
    }

    private static TransactionTemplate transaction() {
        return new TransactionTemplate(service.bean(PlatformTransactionManager.class));
    }

    private static ECKey key(Device device) {
        try {
            return ECKey.parse(device.save());
        } catch (ParseException e) {
            throw new IllegalStateException(e);
        }
    }

    private static ECKey newKey(String kid) {
        try {
            return new ECKeyGenerator(Curve.P_256).keyID(kid).generate();
        } catch (JOSEException e) {
            throw new IllegalStateException(e);
        }
    }

    private static JWTClaimsSet.Builder claims() {
        return new JWTClaimsSet.Builder()
                .issuer(TestPlatform.ENVIRONMENT)
                .subject(LI)
                .claim("act", "pickup")
                .jwtID(Ids.next())
                .issueTime(inSeconds(0))
                .expirationTime(inSeconds(LIFE.toSeconds()))
                .claim("pickup", "u1")
                .claim("to", "wang")
                .claim("tokens", List.of("t1", "t2"))
                .claim("hashlocks", Map.of("t1", "cd34"))
                .claim("terms", "ab12");
    }

    private static String header() {
        return "{\"alg\":\"ES256\",\"kid\":\"" + lisPhone.getKeyID() + "\"}";
    }

    private static String json(JWTClaimsSet.Builder claims) {
        return claims.build().toString();
    }

    /** By li's phone, over exactly these texts. */
    private static String signed(String header, String claims) throws JOSEException {
        String input = Base64URL.encode(header) + "." + Base64URL.encode(claims);
        return input + "."
                + new ECDSASigner(lisPhone)
                        .sign(new JWSHeader(JWSAlgorithm.ES256), input.getBytes(StandardCharsets.US_ASCII));
    }

    private static Date inSeconds(long seconds) {
        return Date.from(Instant.now().plusSeconds(seconds));
    }

    private static String altered() {
        String[] genuine = sign(claims()).split("\\.", -1);
        String[] other = sign(claims().claim("terms", "cd34")).split("\\.", -1);
        return genuine[0] + "." + other[1] + "." + genuine[2];
    }

    private static String sign(JWTClaimsSet.Builder claims) {
        return sign(lisPhone, claims);
    }

    private static String sign(ECKey key, JWTClaimsSet.Builder claims) {
        try {
            return sign(JWSAlgorithm.ES256, key.getKeyID(), claims, new ECDSASigner(key));
        } catch (JOSEException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String sign(
            JWSAlgorithm algorithm, @Nullable String kid, JWTClaimsSet.Builder claims, JWSSigner signer) {
        try {
            SignedJWT jwt =
                    new SignedJWT(new JWSHeader.Builder(algorithm).keyID(kid).build(), claims.build());
            jwt.sign(signer);
            return jwt.serialize();
        } catch (JOSEException e) {
            throw new IllegalStateException(e);
        }
    }
}
