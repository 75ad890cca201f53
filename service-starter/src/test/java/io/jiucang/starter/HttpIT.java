package io.jiucang.starter;

import static io.jiucang.starter.SampleFixtures.ORDERS;
import static io.jiucang.starter.SampleFixtures.cancellation;
import static io.jiucang.starter.SampleFixtures.request;
import static io.jiucang.starter.test.TestPlatform.LI;
import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import io.jiucang.events.value.Ids;
import io.jiucang.events.value.OrderId;
import io.jiucang.starter.SampleApplication.Faults;
import io.jiucang.starter.test.RealInfrastructure;
import io.jiucang.starter.test.RunningService;
import io.jiucang.starter.test.TestPlatform;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Instant;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Who gets in, and what a refusal looks like. */
@RealInfrastructure
class HttpIT {

    @RegisterExtension
    static final RunningService service = new RunningService(SampleApplication.class, "order");

    @ParameterizedTest
    @ValueSource(
            strings = {"/actuator/health", "/actuator/health/readiness", "/actuator/health/liveness", "/api/v1/greeting"
            })
    void isOpenToEveryone(String path) {
        assertThat(service.get(path, null).status()).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/",
                "/error",
                "/actuator",
                "/actuator/env",
                "/actuator/heapdump",
                "/actuator/prometheus",
                "/unknown",
                "/api",
                "/api/v2/orders",
                "/api/v1/orders",
                "/api/v1/unknown",
                "/api/v1/forgotten"
            })
    void isClosedToStrangers(String path) {
        assertThat(service.get(path, null).reason()).isEqualTo("UNAUTHENTICATED");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/",
                "/error",
                "/actuator",
                "/actuator/env",
                "/actuator/heapdump",
                "/unknown",
                "/api",
                "/api/v2/orders"
            })
    void isClosedToUsers(String path) {
        assertThat(service.get(path, "operator").reason()).isEqualTo("FORBIDDEN");
    }

    /** They tell how much is sold. */
    @ParameterizedTest
    @CsvSource({"operator, 200", "li, 403", "auditor, 403"})
    void showsItsFiguresToOperatorsAlone(String user, int status) {
        assertThat(service.get("/actuator/prometheus", user).status()).isEqualTo(status);
    }

    @Test
    void whatNamesNoRoleIsOutOfReach() {
        HttpRequest forgotten = service.request("/api/v1/forgotten", "operator")
                .PUT(BodyPublishers.noBody())
                .build();

        assertThat(service.send(forgotten).reason()).isEqualTo("FORBIDDEN");
    }

    @Test
    void anotherRoleIsNotEnough() {
        assertThat(service.post(ORDERS, request(), "operator").reason()).isEqualTo("FORBIDDEN");
    }

    static Stream<Arguments> badTokens() {
        TestPlatform platform = service.platform();
        return Stream.of(
                        badTokens("account's", platform.issuer(), platform::accessToken, platform::walletToken),
                        badTokens("wallet's", platform.walletIssuer(), platform::walletToken, platform::accessToken),
                        Stream.of(Arguments.of("garbage", "garbage")))
                .flatMap(Function.identity());
    }

    private static Stream<Arguments> badTokens(
            String whose,
            String issuer,
            Function<JWTClaimsSet, String> sign,
            Function<JWTClaimsSet, String> otherIssuersSign) {
        Map<String, JWTClaimsSet.Builder> claims = new LinkedHashMap<>();
        claims.put(
                "expired", claims(issuer).expirationTime(Date.from(Instant.now().minusSeconds(120))));
        claims.put(
                "not yet valid",
                claims(issuer).notBeforeTime(Date.from(Instant.now().plusSeconds(300))));
        claims.put("without an end", claims(issuer).expirationTime(null));
        claims.put("another audience", claims(issuer).audience("another"));
        claims.put("no audience", claims(issuer).audience((String) null));
        claims.put("another issuer", claims("http://localhost:1"));
        claims.put("no issuer", claims(issuer).issuer(null));
        claims.put("no subject", claims(issuer).subject(null));
        claims.put("blank subject", claims(issuer).subject(" "));
        return Stream.concat(
                claims.entrySet().stream()
                        .map(each -> Arguments.of(
                                whose + ": " + each.getKey(),
                                sign.apply(each.getValue().build()))),
                Stream.of(
                        Arguments.of(
                                whose + ": alg none",
                                new PlainJWT(claims(issuer).build()).serialize()),
                        Arguments.of(whose + ": another key", signedByAnother(issuer)),
                        Arguments.of(
                                whose + ": the other issuer's key",
                                otherIssuersSign.apply(claims(issuer).build()))));
    }

    private static String signedByAnother(String issuer) {
        try {
            SignedJWT token = new SignedJWT(
                    new JWSHeader(JWSAlgorithm.RS256), claims(issuer).build());
            token.sign(new RSASSASigner(new RSAKeyGenerator(2048).generate()));
            return token.serialize();
        } catch (JOSEException e) {
            throw new IllegalStateException(e);
        }
    }

    private static JWTClaimsSet.Builder claims(String issuer) {
        return new JWTClaimsSet.Builder()
                .issuer(issuer)
                .subject(LI)
                .audience("jiucang")
                .expirationTime(Date.from(Instant.now().plusSeconds(300)))
                .claim("roles", List.of("buyer"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("badTokens")
    void aTokenNotForUsIsNone(String name, String token) {
        assertThat(list(token).reason()).isEqualTo("UNAUTHENTICATED");
    }

    @Test
    void aWalletsTokenIsOneAndAnAccountsHasToBeExchanged() {
        TestPlatform platform = service.platform();
        assertThat(list(platform.walletToken(claims(platform.walletIssuer()).build()))
                        .status())
                .isEqualTo(200);

        RunningService.Answer refused =
                list(platform.accessToken(claims(platform.issuer()).build()));
        assertThat(refused.reason()).isEqualTo("WALLET_TOKEN_NEEDED");
        assertThat(refused.status()).isEqualTo(403);
        assertThat(refused.json().path("detail").asString())
                .isEqualTo("exchange it at token-service: GET /api/v1/wallet/token");
    }

    /** Of a wallet's token, those of staff count as little as what is no role at all. */
    @ParameterizedTest
    @ValueSource(strings = {"", "admin", "ROLE_BUYER", "BUYER", "ACCOUNT", "seller", "operator"})
    void onlyTheRolesOfWalletsCount(String role) {
        TestPlatform platform = service.platform();
        String token = platform.walletToken(
                claims(platform.walletIssuer()).claim("roles", List.of(role)).build());

        assertThat(list(token).reason()).isEqualTo("FORBIDDEN");
        assertThat(service.send(service.request("/actuator/prometheus", null)
                                .header("Authorization", "Bearer " + token)
                                .build())
                        .status())
                .isEqualTo(403);
    }

    private static RunningService.Answer list(String token) {
        return service.send(service.request(ORDERS + "?from=1", null)
                .header("Authorization", "Bearer " + token)
                .build());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
            {                                                                         | not well-formed JSON, in line 1, column 2
            ~~                                                                        | a JSON body is needed
            []                                                                        | the body is missing, or is not what it should be
            null                                                                      | a JSON body is needed
            {"quantity":1,"placedAt":"2026-01-01T00:00:00Z","note":"","intent":"","x":1} | x is not known here
            {"placedAt":"2026-01-01T00:00:00Z","note":"","intent":""}                 | quantity is missing, or is not what it should be
            {"quantity":"1","placedAt":"2026-01-01T00:00:00Z","note":"","intent":""}  | quantity is missing, or is not what it should be
            {"quantity":1.5,"placedAt":"2026-01-01T00:00:00Z","note":"","intent":""}  | quantity is missing, or is not what it should be
            {"quantity":null,"placedAt":"2026-01-01T00:00:00Z","note":"","intent":""} | quantity is missing, or is not what it should be
            {"quantity":1,"placedAt":"today","note":"","intent":""}                   | placedAt is missing, or is not what it should be
            {"quantity":1,"placedAt":"2026-01-01T00:00:00Z","note":null,"intent":""}  | note is missing, or is not what it should be
            {"quantity":1,"quantity":2,"placedAt":"2026-01-01T00:00:00Z","note":"","intent":""} | not well-formed JSON, in line 1, column 25
            {"quantity":1,"placedAt":"2026-01-01T00:00:00Z","note":"","intent":""} {} | the body is missing, or is not what it should be
            """)
    void tellsWhatIsWrongWithABody(String body, String detail) {
        RunningService.Answer answer = service.post(ORDERS, body == null ? "" : body, LI);

        assertThat(answer.reason()).isEqualTo("MALFORMED_BODY");
        assertThat(answer.json().get("detail").asString()).isEqualTo(detail);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {"quantity":1,"placedAt":"2026-01-01T00:00:00Z","note":"a\\u0000","intent":""} | a text has U+0000, or half a surrogate pair
            {"quantity":1,"placedAt":"2026-01-01T00:00:00Z","note":"\\ud83c","intent":""} | a text has U+0000, or half a surrogate pair
            {"\\u0000":1}                                                                | a text has U+0000, or half a surrogate pair
            {"quantity":1,"placedAt":"+10000-01-01T00:00:00Z","note":"","intent":""}     | placedAt is missing, or is not what it should be
            {"quantity":1,"placedAt":"-1000000000-01-01T00:00:00Z","note":"","intent":""} | placedAt is missing, or is not what it should be
            {"quantity":1,"placedAt":1767225600,"note":"","intent":""}                   | placedAt is missing, or is not what it should be
            """)
    void takesNothingThatCouldNotBeStored(String body, String detail) {
        RunningService.Answer answer = service.post(ORDERS, body, LI);

        assertThat(answer.reason()).isEqualTo("MALFORMED_BODY");
        assertThat(answer.json().get("detail").asString()).isEqualTo(detail);
    }

    @Test
    void takesNoBodyThatIsNotUtf8() {
        HttpRequest latin = service.request(ORDERS, LI)
                .header("Content-Type", "application/json")
                .header("Idempotency-Key", Ids.next())
                .POST(BodyPublishers.ofByteArray(new byte[] {'"', (byte) 0xe9, '"'}))
                .build();

        assertThat(service.send(latin).reason()).isEqualTo("MALFORMED_BODY");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "application/yaml",
                "application/xml",
                "application/cbor",
                "application/x-www-form-urlencoded",
                "multipart/form-data",
                "application/json;charset=utf-16",
                "application/json;charset=nonsense",
                "application/*",
                "nonsense"
            })
    void readsNothingButJson(String type) {
        HttpRequest request = service.request(ORDERS, LI)
                .header("Content-Type", type)
                .header("Idempotency-Key", Ids.next())
                .POST(BodyPublishers.ofString("{}"))
                .build();

        assertThat(service.send(request).reason()).isEqualTo("UNSUPPORTED_MEDIA_TYPE");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "application/yaml",
                "application/xml",
                "text/csv",
                "nonsense",
                "*/*;q=x",
                "application/json;charset=utf-16"
            })
    void answersInNothingButJson(String type) {
        HttpRequest request =
                service.request(ORDERS + "?from=1", LI).header("Accept", type).build();

        assertThat(service.send(request).reason()).isEqualTo("NOT_ACCEPTABLE");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "from=1&form=2",
                "from=1&from=2",
                "from=1&cursor=%00",
                "from=1&cursor=%ff",
                "from=1&cursor=%c0%80",
                "from=1&cursor=%ed%a0%80",
                "from=1&%ff=1"
            })
    void takesNoParameterItDoesNotKnowOrCannotRead(String query) {
        assertThat(service.get(ORDERS + "?" + query, LI).reason()).isEqualTo("MALFORMED_PARAMETER");
    }

    static Stream<Arguments> refusals() {
        String unknown = Ids.next();
        return Stream.of(
                refusal("MALFORMED_BODY", "请求内容无法读取", "The body cannot be read", r -> post(r, "{")),
                refusal(
                        "UNSUPPORTED_MEDIA_TYPE",
                        "请求内容的类型未知",
                        "The body has an unknown media type",
                        r -> post(r.setHeader("Content-Type", "text/plain"), "{}")),
                refusal(
                        "METHOD_NOT_ALLOWED",
                        "此处不支持该操作",
                        "This cannot be done here",
                        r -> r.PUT(BodyPublishers.ofString("{}"))),
                refusal("NOT_FOUND", "未找到", "There is nothing here", r -> r.uri(service.uri("/api/v1/unknown"))),
                refusal(
                        "NOT_FOUND",
                        "未找到",
                        "There is nothing here",
                        r -> post(r.uri(service.uri(cancellation(new OrderId(unknown)))), "")),
                refusal(
                        "MALFORMED_PARAMETER",
                        "参数无法读取",
                        "A parameter cannot be read",
                        r -> r.uri(service.uri(ORDERS + "?from=x"))),
                refusal(
                        "MALFORMED_PARAMETER",
                        "参数无法读取",
                        "A parameter cannot be read",
                        r -> post(r.uri(service.uri(ORDERS + "/x/cancellation")), "")),
                refusal(
                        "MALFORMED_CURSOR",
                        "分页游标不属于此列表",
                        "The cursor is not one of this list",
                        r -> r.uri(service.uri(ORDERS + "?from=1&cursor=x"))),
                refusal("BAD_REQUEST", "无法理解该请求", "The request cannot be understood", r -> r),
                refusal(
                        "BAD_REQUEST",
                        "无法理解该请求",
                        "The request cannot be understood",
                        r -> r.uri(service.uri("/api/v1//orders"))),
                refusal(
                        "NOT_ACCEPTABLE",
                        "无法以所要求的格式答复",
                        "The answer cannot be given in the form asked for",
                        r -> r.setHeader("Accept", "image/png").uri(service.uri(ORDERS + "?from=1"))),
                refusal("UNAUTHENTICATED", "请先登录", "Please sign in", r -> r.setHeader("Authorization", "Bearer x")),
                refusal(
                        "INTERNAL_ERROR",
                        "系统内部出错",
                        "Something went wrong on our side",
                        r -> post(
                                r, new tools.jackson.databind.json.JsonMapper().writeValueAsString(request("a bug")))));
    }

    private static HttpRequest.Builder post(HttpRequest.Builder request, String body) {
        return request.POST(BodyPublishers.ofString(body));
    }

    private static Arguments refusal(
            String reason, String chinese, String english, Function<HttpRequest.Builder, HttpRequest.Builder> change) {
        return Arguments.of(reason, chinese, english, change);
    }

    @ParameterizedTest(name = "{index} {0}")
    @MethodSource("refusals")
    void refusesInBothLanguagesAndTellsNothingOfItsInside(
            String reason, String chinese, String english, Function<HttpRequest.Builder, HttpRequest.Builder> change) {
        service.bean(Faults.class).fail("a bug", new IllegalStateException("secret"));
        Map.of("zh-CN", chinese, "zh", chinese, "en-GB,en;q=0.9", english, "de", english)
                .forEach((language, title) -> {
                    HttpRequest request = change.apply(service.request(ORDERS, LI)
                                    .header("Content-Type", "application/json")
                                    .header("Idempotency-Key", Ids.next())
                                    .header("Accept-Language", language))
                            .build();

                    RunningService.Answer answer = service.send(request);

                    assertThat(answer.reason()).isEqualTo(reason);
                    assertThat(answer.json().get("title").asString()).isEqualTo(title);
                    assertThat(answer.json().get("type").asString()).startsWith("urn:jiucang:problem:");
                    assertThat(answer.response().body())
                            .doesNotContain("io.jiucang", "org.", "tools.", "java.", "Exception", "secret", "\tat ");
                });
    }
}
