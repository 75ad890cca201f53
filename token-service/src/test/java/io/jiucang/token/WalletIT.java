package io.jiucang.token;

import static io.jiucang.starter.test.ForgedStatements.notCanonical;
import static io.jiucang.starter.test.ForgedStatements.signedBy;
import static io.jiucang.starter.test.ForgedStatements.with;
import static io.jiucang.token.TestWallets.joining;
import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import io.jiucang.events.TokenEvent.KeyEndorsed;
import io.jiucang.events.TokenEvent.KeyRevoked;
import io.jiucang.events.TokenEvent.WalletBorn;
import io.jiucang.events.Topics;
import io.jiucang.simulators.device.Device;
import io.jiucang.starter.test.RealInfrastructure;
import io.jiucang.starter.test.RunningService;
import io.jiucang.starter.test.RunningService.Answer;
import io.jiucang.starter.test.TestPlatform;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Accounts and their wallets: nobody gets another's, and no key joins or leaves but by a statement of the wallet. */
@RealInfrastructure
class WalletIT {

    private static final String WALLET = "/api/v1/wallet";
    private static final String KEYS = WALLET + "/keys";
    private static final String REVOCATIONS = WALLET + "/revocations";
    private static final Duration HOUR = Duration.ofHours(1);
    private static final AtomicInteger accounts = new AtomicInteger();
    private static final JsonMapper JSON = new JsonMapper();

    @RegisterExtension
    static final RunningService service = new RunningService(TokenServiceApplication.class, "token")
            .onOneConnection(TokenServiceIT.class, PickupIT.class, WalletIT.class);

    /** Somebody who may have a wallet, and the first device they would have it on. */
    private record Account(String name, String token, Device device) {

        static Account open() {
            return open(List.of("buyer"), HOUR);
        }

        static Account open(List<String> roles, Duration life) {
            String name = "account-" + accounts.incrementAndGet();
            return new Account(name, accountToken(name, roles, life), newDevice());
        }

        static Account withWallet() {
            Account account = open();
            assertThat(account.bear(account.device.birth()).status()).isEqualTo(201);
            return account;
        }

        Answer bear(String statement) {
            return post(WALLET, joining(statement, device, name), token);
        }

        Answer endorse(String statement, Device joining) {
            return post(KEYS, joining(statement, joining, name), token);
        }

        Device letIn() {
            Device another = device.another();
            assertThat(endorse(device.endorsement(another), another).status()).isEqualTo(201);
            return another;
        }

        Answer revoke(String statement) {
            return post(REVOCATIONS, Map.of("statement", statement), token);
        }

        String walletToken() {
            return get(WALLET + "/token", token).json().path("access_token").asString();
        }
    }

    private static Device newDevice() {
        return Device.create(TestPlatform.ENVIRONMENT, TestPlatform.ORIGIN, Clock.systemUTC());
    }

    // Birth

    @Test
    void bearsAWalletOfWhichNoEventTellsWhoseItIs() {
        Account account = Account.open();
        String birth = account.device.birth();
        Answer answer = account.bear(birth);

        assertThat(answer.status()).isEqualTo(201);
        String wallet = account.device.kid();
        assertThat(answer.json().path("wallet").asString()).isEqualTo(wallet);
        assertThat(answer.json().path("kid").asString()).isEqualTo(wallet);
        assertThat(service.awaitPublished(
                        WalletBorn.class, born -> born.wallet().equals(wallet)))
                .isEqualTo(new WalletBorn(wallet, birth));
        assertThat(service.records(Topics.TOKEN_EVENTS))
                .noneMatch(record -> new String(record.value(), StandardCharsets.UTF_8).contains(account.name)
                        || new String(record.value(), StandardCharsets.UTF_8).contains("手机"));
        JsonNode keys = get(KEYS, account.token).json().path("items");
        assertThat(keys).singleElement().satisfies(key -> {
            assertThat(key.path("kid").asString()).isEqualTo(wallet);
            assertThat(key.path("label").asString()).isEqualTo("手机");
            assertThat(key.has("revokedAt")).isFalse();
        });
    }

    @Test
    void refusesABirthThatIsNotTheWalletsOwnHereAndNow() {
        Account account = Account.open();
        Device device = account.device;
        String birth = device.birth();
        long now = Instant.now().getEpochSecond();

        notCanonical(birth, device)
                .forEach((what, text) ->
                        assertThat(account.bear(text).reason()).as(what).isEqualTo("STATEMENT_MALFORMED"));
        assertRefused(account.bear(""), 400, "STATEMENT_MALFORMED");
        assertRefused(account.bear(device.endorsement(device)), 400, "STATEMENT_MALFORMED");
        assertRefused(account.bear(with("iss", "\"staging/ledger\"", birth, device)), 403, "STATEMENT_NOT_FOR_THIS");
        assertRefused(account.bear(device.another().birth()), 403, "STATEMENT_NOT_FOR_THIS");
        assertRefused(account.bear(signedBy(newDevice(), birth)), 403, "STATEMENT_SIGNATURE_INVALID");
        assertRefused(account.bear(with("exp", "" + (now + 901), birth, device)), 403, "STATEMENT_EXPIRED");
        assertRefused(
                account.bear(with("iat", "" + (now - 60), with("exp", "" + now, birth, device), device)),
                403,
                "STATEMENT_EXPIRED");
        assertRefused(
                account.bear(with("iat", "" + (now + 120), with("exp", "" + (now + 300), birth, device), device)),
                403,
                "STATEMENT_EXPIRED");
        for (String label : List.of(" ", "x".repeat(101))) {
            Map<String, Object> unnamed = new HashMap<>(joining(birth, device, account.name));
            unnamed.put("label", label);
            assertRefused(post(WALLET, unnamed, account.token), 422, "WALLET_LABEL_INVALID");
        }
        assertRefused(get(KEYS, account.token), 404, "WALLET_NOT_FOUND");
        assertRefused(get(WALLET + "/token", account.token), 404, "WALLET_NOT_FOUND");
        assertRefused(account.endorse(device.endorsement(device), device), 404, "WALLET_NOT_FOUND");
        assertThat(count("select count(*) from device_label where kid = ?", device.kid()))
                .isZero();
        assertThat(account.bear(birth).status()).isEqualTo(201);
    }

    @Test
    void givesNobodyTheWalletOfAnother() {
        Account owner = Account.open();
        Account thief = Account.open();
        String birth = owner.device.birth();
        Map<String, Object> caught = joining(birth, owner.device, owner.name);
        Map<String, Object> withOwnProof = new HashMap<>(caught);
        withOwnProof.put("proof", thief.device.proofOfPossession(thief.name));

        // Caught on its way, before the owner's request arrives.
        assertRefused(post(WALLET, caught, thief.token), 403, "INTENT_NOT_FOR_THIS");
        assertRefused(post(WALLET, withOwnProof, thief.token), 403, "INTENT_KEY_UNKNOWN");
        assertThat(post(WALLET, caught, owner.token).status()).isEqualTo(201);
        // And afterwards, as everybody can read it.
        assertRefused(post(WALLET, caught, thief.token), 403, "INTENT_NOT_FOR_THIS");
        assertRefused(post(WALLET, withOwnProof, thief.token), 403, "INTENT_KEY_UNKNOWN");
        // Not even the same device has it for two accounts.
        assertRefused(
                post(WALLET, joining(birth, owner.device, thief.name), thief.token),
                409,
                "WALLET_KEY_OF_ANOTHER_WALLET");
        assertRefused(get(KEYS, thief.token), 404, "WALLET_NOT_FOUND");
    }

    @Test
    void givesAnAccountOneWallet() {
        Account account = Account.withWallet();
        Device other = newDevice();

        assertRefused(account.bear(account.device.birth()), 409, "ACCOUNT_HAS_A_WALLET");
        assertRefused(
                post(WALLET, joining(other.birth(), other, account.name), account.token), 409, "ACCOUNT_HAS_A_WALLET");
        assertThat(account.bear(account.device.birth()).reason()).isEqualTo("ACCOUNT_HAS_A_WALLET");
    }

    @Test
    void bearsOneOfThirtyAtOnce() throws Exception {
        service.connections(16);
        Account account = Account.open();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Answer>> births = new ArrayList<>();
            for (int i = 0; i < 30; i++) {
                Device device = newDevice();
                births.add(threads.submit(
                        () -> post(WALLET, joining(device.birth(), device, account.name), account.token)));
            }
            List<String> born = new ArrayList<>();
            for (Future<Answer> birth : births) {
                if (birth.get().status() == 201) {
                    born.add(birth.get().json().path("wallet").asString());
                } else {
                    assertThat(birth.get().reason()).isEqualTo("ACCOUNT_HAS_A_WALLET");
                }
            }
            assertThat(born).hasSize(1);
            assertThat(count("select count(*) from account_wallet where account = ?", account.name))
                    .isEqualTo(1);
            assertThat(SignedJWT.parse(account.walletToken()).getJWTClaimsSet().getSubject())
                    .isEqualTo(born.getFirst());
        }
    }

    // Keys

    @Test
    void letsADeviceInAndPutsItOut() {
        Account account = Account.withWallet();
        Device second = account.device.another();
        String endorsement = account.device.endorsement(second);
        Answer joined = account.endorse(endorsement, second);
        assertThat(joined.status()).isEqualTo(201);
        assertThat(joined.json().path("kid").asString()).isEqualTo(second.kid());
        service.awaitPublished(KeyEndorsed.class, new KeyEndorsed(account.device.wallet(), endorsement)::equals);

        String revocation = account.device.revocation(second.kid());
        assertThat(account.revoke(revocation).status()).isEqualTo(204);
        service.awaitPublished(KeyRevoked.class, new KeyRevoked(account.device.wallet(), revocation)::equals);
        assertThat(get(KEYS, account.token).json().path("items")).anySatisfy(key -> {
            assertThat(key.path("kid").asString()).isEqualTo(second.kid());
            assertThat(key.has("revokedAt")).isTrue();
        });
    }

    @Test
    void letsNobodyInUnlessAStandingKeySaysSo() {
        Account account = Account.withWallet();
        Account other = Account.withWallet();
        Device second = account.device.another();
        String endorsement = account.device.endorsement(second);

        notCanonical(endorsement, account.device)
                .forEach(
                        (what, text) -> assertThat(account.endorse(text, second).reason())
                                .as(what)
                                .isEqualTo("STATEMENT_MALFORMED"));
        assertRefused(account.endorse(second.endorsement(second), second), 403, "STATEMENT_KEY_UNKNOWN");
        assertRefused(account.endorse(signedBy(second, endorsement), second), 403, "STATEMENT_SIGNATURE_INVALID");
        assertRefused(account.endorse(other.device.endorsement(second), second), 403, "STATEMENT_NOT_FOR_THIS");
        // Somebody who holds no such key, and somebody who has it in their wallet.
        assertRefused(account.endorse(endorsement, account.device), 403, "INTENT_KEY_UNKNOWN");
        assertRefused(
                account.endorse(account.device.endorsement(other.device), other.device),
                409,
                "WALLET_KEY_OF_ANOTHER_WALLET");
        assertRefused(
                account.endorse(account.device.endorsement(account.device), account.device), 409, "WALLET_KEY_KNOWN");

        assertThat(account.endorse(endorsement, second).status()).isEqualTo(201);
        assertRefused(account.endorse(endorsement, second), 409, "WALLET_KEY_KNOWN");
        assertThat(account.revoke(account.device.revocation(second.kid())).status())
                .isEqualTo(204);
        Device third = account.device.another();
        assertRefused(account.endorse(second.endorsement(third), third), 403, "STATEMENT_KEY_REVOKED");
        assertRefused(account.endorse(account.device.endorsement(second), second), 409, "WALLET_KEY_KNOWN");
    }

    @Test
    void putsOutWhomAnOlderKeySaysAndNeverTheLast() {
        Account account = Account.withWallet();
        Account other = Account.withWallet();
        Device first = account.device;
        assertRefused(account.revoke(first.revocation(first.kid())), 409, "WALLET_KEY_LAST");
        Device second = account.letIn();

        notCanonical(first.revocation(second.kid()), first)
                .forEach((what, text) ->
                        assertThat(account.revoke(text).reason()).as(what).isEqualTo("STATEMENT_MALFORMED"));
        assertRefused(account.revoke(second.revocation(first.kid())), 409, "WALLET_KEY_OLDER");
        assertRefused(account.revoke(first.revocation(other.device.kid())), 404, "WALLET_KEY_NOT_FOUND");
        assertRefused(account.revoke(other.device.revocation(second.kid())), 403, "STATEMENT_NOT_FOR_THIS");
        assertRefused(other.revoke(first.revocation(second.kid())), 403, "STATEMENT_NOT_FOR_THIS");

        assertThat(account.revoke(first.revocation(second.kid())).status()).isEqualTo(204);
        assertRefused(account.revoke(first.revocation(second.kid())), 409, "WALLET_KEY_REVOKED");
        assertRefused(account.revoke(second.revocation(second.kid())), 403, "STATEMENT_KEY_REVOKED");
    }

    // Access tokens

    @Test
    void givesAnAccountTheTokenOfItsWallet() throws Exception {
        Account account = Account.withWallet();
        JsonNode answer = get(WALLET + "/token", account.token).json();
        assertThat(answer.path("token_type").asString()).isEqualTo("Bearer");
        assertThat(answer.path("issued_token_type").asString())
                .isEqualTo("urn:ietf:params:oauth:token-type:access_token");
        assertThat(answer.path("expires_in").asLong()).isEqualTo(900);

        SignedJWT token = SignedJWT.parse(answer.path("access_token").asString());
        JsonNode metadata = get("/.well-known/oauth-authorization-server", null).json();
        assertThat(metadata.path("issuer").asString())
                .isEqualTo(service.platform().walletIssuer());
        assertThat(metadata.path("jwks_uri").asString())
                .isEqualTo(service.platform().walletIssuer() + "/.well-known/jwks.json");
        JWKSet keys =
                JWKSet.parse(get("/.well-known/jwks.json", null).response().body());
        assertThat(keys.containsNonPublicKeys()).isFalse();
        assertThat(token.verify(new RSASSAVerifier(
                        keys.getKeyByKeyId(token.getHeader().getKeyID()).toRSAKey())))
                .isTrue();
        JWTClaimsSet claims = token.getJWTClaimsSet();
        assertThat(claims.getClaims().keySet())
                .containsExactlyInAnyOrder("iss", "sub", "aud", "jti", "iat", "exp", "roles", "age_over_18");
        assertThat(claims.getSubject()).isEqualTo(account.device.wallet());
        assertThat(claims.getStringListClaim("roles")).containsExactly("buyer");
        assertThat(claims.getBooleanClaim("age_over_18")).isTrue();

        assertThat(get("/api/v1/tokens", token.serialize()).status()).isEqualTo(200);
    }

    @Test
    void givesNoTokenThatLastsLongerThanTheAccountsOrDoesMoreThanAWalletMay() throws Exception {
        Account account = Account.open(List.of("auditor", "buyer", "operator"), Duration.ofMinutes(5));
        account.bear(account.device.birth());
        JsonNode answer = get(WALLET + "/token", account.token).json();
        SignedJWT token = SignedJWT.parse(answer.path("access_token").asString());

        assertThat(answer.path("expires_in").asLong()).isBetween(1L, 300L);
        assertThat(token.getJWTClaimsSet().getExpirationTime())
                .isEqualTo(SignedJWT.parse(account.token).getJWTClaimsSet().getExpirationTime());
        assertThat(token.getJWTClaimsSet().getStringListClaim("roles")).containsExactly("buyer");
        assertRefused(get("/api/v1/operator/parked-events", token.serialize()), 403, "FORBIDDEN");
    }

    @Test
    void knowsAccountsFromWallets() {
        Account account = Account.withWallet();
        String wallet = account.walletToken();

        assertRefused(get("/api/v1/tokens", account.token), 403, "WALLET_TOKEN_NEEDED");
        for (String path : List.of(KEYS, WALLET + "/token")) {
            assertRefused(get(path, wallet), 403, "ACCOUNT_TOKEN_NEEDED");
        }
        Device device = newDevice();
        assertRefused(
                post(WALLET, joining(device.birth(), device, account.device.wallet()), wallet),
                403,
                "ACCOUNT_TOKEN_NEEDED");
        assertRefused(post(REVOCATIONS, Map.of("statement", ""), wallet), 403, "ACCOUNT_TOKEN_NEEDED");
        assertRefused(get("/api/v1/operator/parked-events", account.token), 403, "FORBIDDEN");
    }

    @Test
    void takesNoTokenOfAWalletButItsIssuersOwn() {
        Account account = Account.withWallet();
        TestPlatform platform = service.platform();
        String wallets = platform.walletIssuer();

        assertThat(get("/api/v1/tokens", platform.walletToken(claims(wallets, account, HOUR)))
                        .status())
                .isEqualTo(200);
        for (String forged : List.of(
                platform.walletToken(claims(wallets, account, HOUR.negated())),
                platform.walletToken(claims(platform.issuer(), account, HOUR)),
                platform.walletToken(claims("https://elsewhere.example", account, HOUR)),
                platform.walletToken(new JWTClaimsSet.Builder(claims(wallets, account, HOUR))
                        .audience("elsewhere")
                        .build()),
                platform.walletToken(new JWTClaimsSet.Builder(claims(wallets, account, HOUR))
                        .expirationTime(null)
                        .build()),
                platform.accessToken(claims(wallets, account, HOUR)))) {
            assertRefused(get("/api/v1/tokens", forged), 401, "UNAUTHENTICATED");
        }
        // The identity provider makes nobody a wallet.
        assertRefused(
                get("/api/v1/tokens", platform.accessToken(claims(platform.issuer(), account, HOUR))),
                403,
                "WALLET_TOKEN_NEEDED");
    }

    private static JWTClaimsSet claims(String issuer, Account account, Duration life) {
        return claims(issuer, account.device.wallet(), List.of("buyer"), life);
    }

    @SuppressWarnings("JavaUtilDate") // Nimbus's own.
    private static JWTClaimsSet claims(String issuer, String subject, List<String> roles, Duration life) {
        return new JWTClaimsSet.Builder()
                .issuer(issuer)
                .subject(subject)
                .audience("jiucang")
                .expirationTime(Date.from(Instant.now().plus(life)))
                .claim("roles", roles)
                .claim("age_over_18", true)
                .build();
    }

    private static String accountToken(String name, List<String> roles, Duration life) {
        TestPlatform platform = service.platform();
        return platform.accessToken(claims(platform.issuer(), name, roles, life));
    }

    private static long count(String sql, String parameter) {
        return service.bean(JdbcClient.class)
                .sql(sql)
                .param(parameter)
                .query(Long.class)
                .single();
    }

    private static Answer get(String path, @Nullable String token) {
        return service.send(request(path, token).GET().build());
    }

    private static Answer post(String path, Map<String, ?> body, String token) {
        return service.send(request(path, token)
                .header("Content-Type", "application/json")
                .header("Idempotency-Key", java.util.UUID.randomUUID().toString())
                .POST(HttpRequest.BodyPublishers.ofString(JSON.writeValueAsString(body)))
                .build());
    }

    private static HttpRequest.Builder request(String path, @Nullable String token) {
        HttpRequest.Builder request = HttpRequest.newBuilder(service.uri(path)).timeout(Duration.ofSeconds(20));
        return token == null ? request : request.header("Authorization", "Bearer " + token);
    }

    private static void assertRefused(Answer answer, int status, String reason) {
        assertThat(answer.reason()).isEqualTo(reason);
        assertThat(answer.status()).isEqualTo(status);
    }
}
