package io.jiucang.simulators.oidc;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class OpenIdSimulatorIT {

    private static final Instant NOW = Instant.parse("2026-11-22T08:00:00Z");
    private static final String RIGHT = "grant_type=password&client_id=jiucang-app&username=li.na&password=plum%26rain";
    private static final List<User> USERS = List.of(
            new User("li.na", "plum&rain", "李娜", List.of("buyer"), LocalDate.of(2008, 11, 22)),
            new User("wang.wei", "secret", "王伟", List.of("warehouse", "operator"), LocalDate.of(2008, 11, 23)));

    @TempDir
    Path directory;

    private OpenIdSimulator provider;
    private final HttpClient http = HttpClient.newHttpClient();

    @BeforeEach
    void start() {
        provider = OpenIdSimulator.start(directory, 0, USERS, Clock.fixed(NOW, ZoneOffset.UTC));
    }

    @AfterEach
    void stop() {
        provider.close();
        http.close();
    }

    @Test
    void discoveryLeadsToTheKeysThatVerifyATokenAndItsClaims() throws Exception {
        JsonNode discovery = json(get(provider.issuer().resolve("/.well-known/openid-configuration")));
        assertThat(discovery.path("issuer").asString())
                .isEqualTo(provider.issuer().toString());
        var keys = JWKSet.parse(
                get(URI.create(discovery.path("jwks_uri").asString())).body());
        HttpResponse<String> answer =
                post(URI.create(discovery.path("token_endpoint").asString()), RIGHT);
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("Cache-Control")).contains("no-store");
        assertThat(json(answer).path("token_type").asString()).isEqualTo("Bearer");

        var token = SignedJWT.parse(json(answer).path("access_token").asString());
        var key = Objects.requireNonNull(keys.getKeyByKeyId(token.getHeader().getKeyID()));
        assertThat(key.isPrivate()).isFalse();
        assertThat(token.verify(new RSASSAVerifier(key.toRSAKey()))).isTrue();
        JWTClaimsSet claims = token.getJWTClaimsSet();
        assertThat(claims.getIssuer()).isEqualTo(provider.issuer().toString());
        assertThat(claims.getSubject()).isEqualTo("li.na");
        assertThat(claims.getAudience()).containsExactly("jiucang");
        assertThat(claims.getIssueTime()).isEqualTo(NOW);
        assertThat(claims.getExpirationTime())
                .isEqualTo(NOW.plusSeconds(json(answer).path("expires_in").asLong()));
        assertThat(claims.getJWTID()).isNotBlank();
        assertThat(claims.getStringClaim("preferred_username")).isEqualTo("li.na");
        assertThat(claims.getStringListClaim("roles")).containsExactly("buyer");
        assertThat(claims.getClaims()).doesNotContainKey("birthdate");
    }

    @Test
    void eighteenIsReachedOnTheBirthday() throws Exception {
        assertThat(claim("li.na")).isTrue();
        assertThat(claim("wang.wei")).isFalse();
    }

    private boolean claim(String username) throws Exception {
        return SignedJWT.parse(provider.tokenFor(username)).getJWTClaimsSet().getBooleanClaim("age_over_18");
    }

    @ParameterizedTest
    @CsvSource({
        "400, invalid_grant, grant_type=password&client_id=jiucang-app&username=li.na&password=wrong",
        "400, invalid_grant, grant_type=password&client_id=jiucang-app&username=nobody&password=secret",
        "400, invalid_request, grant_type=password&client_id=jiucang-app&username=li.na",
        "400, invalid_request, client_id=jiucang-app&username=li.na&password=secret",
        "400, invalid_request, grant_type=password&grant_type=password&client_id=jiucang-app",
        "400, invalid_request, grant_type=%zz",
        "400, unsupported_grant_type, grant_type=authorization_code&client_id=jiucang-app&code=1",
        "401, invalid_client, grant_type=password&client_id=other&username=li.na&password=secret"
    })
    void refusesWithTheErrorOfRfc6749(int status, String error, String form) throws Exception {
        HttpResponse<String> answer = post(provider.issuer().resolve("/token"), form);
        assertThat(answer.statusCode()).isEqualTo(status);
        assertThat(json(answer).path("error").asString()).isEqualTo(error);
        assertThat(answer.body()).doesNotContain("access_token");
    }

    @Test
    void tokensOutliveARestart() throws Exception {
        var token = SignedJWT.parse(provider.tokenFor("li.na"));
        provider.close();
        start();
        var keys = JWKSet.parse(get(provider.issuer().resolve("/jwks")).body());
        assertThat(token.verify(new RSASSAVerifier(keys.getKeys().getFirst().toRSAKey())))
                .isTrue();
    }

    @Test
    void onlyTheOwnerMayReadTheKey() throws Exception {
        assertThat(PosixFilePermissions.toString(
                        Files.getPosixFilePermissions(directory.resolve("token-signing.key.pem"))))
                .isEqualTo("rw-------");
    }

    private HttpResponse<String> get(URI url) throws Exception {
        return http.send(HttpRequest.newBuilder(url).build(), BodyHandlers.ofString());
    }

    private HttpResponse<String> post(URI url, String form) throws Exception {
        var request = HttpRequest.newBuilder(url)
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(HttpRequest.BodyPublishers.ofString(form))
                .build();
        return http.send(request, BodyHandlers.ofString());
    }

    private static JsonNode json(HttpResponse<String> answer) {
        return JsonMapper.shared().readTree(answer.body());
    }
}
