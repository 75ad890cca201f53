package io.jiucang.simulators.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.EncryptionMethod;
import com.nimbusds.jose.JWEAlgorithm;
import com.nimbusds.jose.JWEHeader;
import com.nimbusds.jose.JWEObject;
import com.nimbusds.jose.Payload;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.crypto.RSAEncrypter;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jwt.SignedJWT;
import io.jiucang.simulators.courier.Courier;
import io.jiucang.simulators.device.Browser.ScriptRefused;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.ParseException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The device in a browser does what the one in Java does: each opens, verifies and refuses what the other makes. */
class BrowserDeviceTest {

    private static final String ENVIRONMENT = "https://test.jiucang.example";
    private static final String ORIGIN = "test.jiucang.example/ledger";
    private static final String ADDRESS = "四川省泸州市江阳区酒城大道 1 号 🍶 Ünit 2";
    private static final Clock CLOCK = Clock.fixed(Instant.parse("2026-11-22T04:00:00Z"), ZoneOffset.UTC);

    @TempDir
    private static Path directory;

    private static final Browser browser = Browser.open();
    private static final Device device = Device.create(ENVIRONMENT, ORIGIN, CLOCK);
    private static Courier courier;

    @BeforeAll
    static void start() {
        courier = Courier.open(directory, ENVIRONMENT, ORIGIN, "sf", "zhang", CLOCK);
        browser.evaluate("void (globalThis.now = () => %s)", CLOCK.millis());
        browser.evaluate(
                "void (globalThis.li = await device.Device.create(%s, await device.Device.newKeys(), now))",
                ENVIRONMENT);
        browser.evaluate("void (globalThis.carrier = await device.Carrier.create(now))");
    }

    @AfterAll
    static void stop() {
        browser.close();
    }

    @Test
    void makesAKeyUnderItsThumbprint() throws Exception {
        Map<String, Object> jwk = object(browser.evaluate("li.publicJwk"));

        assertThat(jwk).containsOnlyKeys("crv", "kty", "x", "y");
        assertThat(browser.evaluate("li.kid").stringValue())
                .isEqualTo(ECKey.parse(jwk).computeThumbprint().toString())
                .isEqualTo(browser.evaluate("li.wallet").stringValue());
    }

    @Test
    void letsNobodyReadThePrivateKey() {
        assertThatThrownBy(() ->
                        browser.evaluate("crypto.subtle.exportKey('jwk', (await device.Device.newKeys()).privateKey)"))
                .isInstanceOf(ScriptRefused.class)
                .hasMessageContaining("not extractable");
    }

    @Test
    void provesPossession() throws Exception {
        assertThat(claims(browser.evaluate("li.proofOfPossession('zhao')")))
                .isEqualTo(claims(device.proofOfPossession("zhao")));
    }

    @Test
    void asksForAnotherPickupPassword() throws Exception {
        assertSameClaims(browser.evaluate("li.pickupPasswordIntent()"), device.pickupPasswordIntent());
    }

    @Test
    void sealsWhatTheCourierOpens() throws Exception {
        Map<String, Object> key = courier.publicJwks().getFirst();
        String sealed =
                browser.evaluate("li.seal(%s, %s)", "  " + ADDRESS + "\n", key).stringValue();

        assertThat(courier.readAddress(sealed)).isEqualTo(ADDRESS);
        assertThat(sealed).hasSameSizeAs(device.seal("x", key));
        assertThat(JWEObject.parse(sealed).getHeader().toJSONObject())
                .isEqualTo(JWEObject.parse(device.seal("x", key)).getHeader().toJSONObject());
    }

    @Test
    void opensWhatTheDeviceSealed() throws Exception {
        Map<String, Object> key = object(browser.evaluate("carrier.publicJwk"));
        RSAKey rsa = RSAKey.parse(key);

        assertThat(key.keySet()).isEqualTo(courier.publicJwks().getFirst().keySet());
        assertThat(rsa.computeThumbprint()).hasToString(rsa.getKeyID());
        assertThat(rsa.size()).isEqualTo(3072);
        assertThat(Duration.between(
                        rsa.getNotBeforeTime().toInstant(),
                        rsa.getExpirationTime().toInstant()))
                .isEqualTo(Duration.ofDays(90));
        assertThat(browser.evaluate("carrier.readAddress(%s)", device.seal("\t" + ADDRESS + " ", key))
                        .stringValue())
                .isEqualTo(ADDRESS);
    }

    /** Any text at all, either way, from one character to the longest. */
    @Test
    void carriesEveryAddressUnchanged() {
        Map<String, Object> couriers = courier.publicJwks().getFirst();
        Map<String, Object> carriers = object(browser.evaluate("carrier.publicJwk"));
        Random random = new Random(20261122);
        for (int length = 1; length < 1300; length = length * 3 / 2 + 1) {
            String address = "《"
                    + random.ints(length, ' ', 0xd800)
                            .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                    + "》";

            assertThat(courier.readAddress(browser.evaluate("li.seal(%s, %s)", address, couriers)
                            .stringValue()))
                    .isEqualTo(address);
            assertThat(browser.evaluate("carrier.readAddress(%s)", device.seal(address, carriers))
                            .stringValue())
                    .isEqualTo(address);
        }
    }

    @Test
    void opensNothingButWhatWasSealedForIt() {
        String sealed = device.seal(ADDRESS, object(browser.evaluate("carrier.publicJwk")));
        List<String> parts = List.of(sealed.split("\\.", -1));

        assertUnreadable(
                "ENVELOPE_FOR_ANOTHER_KEY",
                device.seal(ADDRESS, courier.publicJwks().getFirst()));
        assertUnreadable("ENVELOPE_MALFORMED", "");
        assertUnreadable("ENVELOPE_MALFORMED", sealed + ".");
        assertUnreadable("ENVELOPE_MALFORMED", String.join(".", parts.subList(0, 4)));
        // Four stray bits after the tag, which lenient decoders ignore.
        assertUnreadable("ENVELOPE_MALFORMED", sealed.substring(0, sealed.length() - 1) + "_");
        assertUnreadable("ENVELOPE_MALFORMED", "bnVsbA" + sealed.substring(sealed.indexOf('.')));
        for (int part = 1; part < 5; part++) {
            assertUnreadable("ENVELOPE_UNREADABLE", withFirstCharacterOfPartChanged(parts, part));
        }
    }

    /** It could be opened, but is not what a device seals. */
    @Test
    void opensOnlyTexts() throws Exception {
        RSAKey key = RSAKey.parse(object(browser.evaluate("carrier.publicJwk")));
        JWEHeader.Builder header =
                new JWEHeader.Builder(JWEAlgorithm.RSA_OAEP_256, EncryptionMethod.A256GCM).keyID(key.getKeyID());

        assertUnreadable("ENVELOPE_UNREADABLE", encrypt(key, header, new byte[] {(byte) 0xff}));
        assertUnreadable("ENVELOPE_MALFORMED", encrypt(key, header.contentType("text/plain"), new byte[] {'x'}));
    }

    /** A mark that decoders like to swallow. */
    @Test
    void keepsAByteOrderMark() {
        Map<String, Object> key = object(browser.evaluate("carrier.publicJwk"));

        assertThat(browser.evaluate("carrier.readAddress(%s)", device.seal("\ufeffx", key))
                        .stringValue())
                .isEqualTo("\ufeffx");
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            quoteCharacter = '`',
            value = {
                "CARRIER_KEY_PRIVATE, d, `x`",
                "CARRIER_KEY_MALFORMED, kid, `sf-1`",
                "CARRIER_KEY_MALFORMED, kty, `EC`",
                "CARRIER_KEY_MALFORMED, alg, `RSA-OAEP`",
                "CARRIER_KEY_NOT_VALID, nbf, 1795320001",
                "CARRIER_KEY_NOT_VALID, nbf, null",
                "CARRIER_KEY_NOT_VALID, exp, 1795320000",
                "CARRIER_KEY_NOT_VALID, exp, null",
            })
    void refusesToSealFor(String reason, String member, String value) {
        Map<String, Object> key = new HashMap<>(courier.publicJwks().getFirst());
        if (value.equals("null")) {
            key.remove(member);
        } else {
            key.put(member, value.matches("\\d+") ? Long.valueOf(value) : value);
        }

        assertThatThrownBy(() -> browser.evaluate("li.seal(%s, %s)", ADDRESS, key))
                .isInstanceOf(ScriptRefused.class)
                .hasMessageStartingWith(reason);
        assertThatThrownBy(() -> device.seal(ADDRESS, key)).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 4097})
    void refusesAnAddressOfSoManyBytes(int length) {
        assertThatThrownBy(() -> browser.evaluate(
                        "li.seal(%s, %s)",
                        "x".repeat(length), courier.publicJwks().getFirst()))
                .isInstanceOf(ScriptRefused.class)
                .hasMessageStartingWith("ADDRESS_LENGTH");
    }

    @Test
    void makesHandoverCodesThatNobodyGuesses() {
        List<String> tokens = List.of("vault.2", "vault.1");
        assertThat(object(browser.evaluate("device.newHandoverCodes(%s)", tokens))
                        .keySet())
                .containsExactlyElementsOf(tokens);
        // Each of the 32 characters stands at each of the 16 places: all 80 bits vary.
        assertThat(browser.evaluate("""
                        new Set(Object.values(device.newHandoverCodes(Array(1000).keys().toArray()))
                          .flatMap((code) => [...code].map((char, place) => place + ':' + char))).size""").intValue()).isEqualTo(16 * 32);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "0123456789ABCDE", "0123456789ABCDEFG", "0123456789ABCDEU"})
    void refusesWhatIsNoHandoverCode(String text) {
        assertThatThrownBy(() -> browser.evaluate("device.parseHandoverCode(%s)", text))
                .isInstanceOf(ScriptRefused.class)
                .hasMessageStartingWith("HANDOVER_CODE_MALFORMED");
    }

    /** RFC 7638 section 3.1. */
    @Test
    void computesThePublishedThumbprint() throws Exception {
        Map<String, Object> key = Map.of(
                "kty", "RSA",
                "n",
                        "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMs"
                                + "tn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw",
                "e", "AQAB",
                "alg", "RS256",
                "kid", "2011-04-29");

        assertThat(browser.evaluate("device.thumbprint(%s)", key).stringValue())
                .isEqualTo(RSAKey.parse(key).computeThumbprint().toString())
                .isEqualTo("NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
    }

    /** FIPS 180-4's example; the same text as an envelope would be. */
    @Test
    void computesThePublishedHash() {
        assertThat(browser.evaluate("device.sha256('abc')").stringValue())
                .isEqualTo("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }

    @Test
    void readsWhatAJwsSays() throws Exception {
        String jws = device.proofOfPossession("李娜");

        JsonNode read = browser.evaluate("device.readJws(%s)", jws);
        assertThat(object(read.get("header")))
                .isEqualTo(SignedJWT.parse(jws).getHeader().toJSONObject());
        assertThat(read.get("claims").toString())
                .isEqualTo(SignedJWT.parse(jws).getPayload().toString());
    }

    /** The page itself needs a browser; but it must not ask for what is not there. */
    @Test
    void servesThePage() throws Exception {
        String page = Files.readString(Browser.SOURCE.resolveSibling("page.js"));
        String html = Files.readString(Browser.SOURCE.resolveSibling("index.html"));

        for (String module : List.of("device", "statements")) {
            String exported = browser.evaluate("Object.keys(" + module + ")").toString();
            String imported =
                    found("import \\{([^}]*)} from './" + module + ".js'", page).collect(Collectors.joining());
            assertThat(found("(\\w+)", imported))
                    .isNotEmpty()
                    .allSatisfy(name -> assertThat(exported).contains('"' + name + '"'));
        }
        assertThat(found("\\$\\('([a-z-]+)'\\)", page))
                .hasSizeGreaterThan(20)
                .allSatisfy(id -> assertThat(html).contains("id=\"" + id + "\""));
        assertThat(found("'([A-Z]+_[A-Z_]+)'", Files.readString(Browser.SOURCE)))
                .hasSizeGreaterThan(5)
                .allSatisfy(reason -> assertThat(page).contains(reason + ": '"));
        assertThat(found("(data-zh)", html))
                .hasSameSizeAs(found("(data-en)", html).toList());
    }

    private static String encrypt(RSAKey key, JWEHeader.Builder header, byte[] plaintext) throws Exception {
        JWEObject jwe = new JWEObject(header.build(), new Payload(plaintext));
        jwe.encrypt(new RSAEncrypter(key));
        return jwe.serialize();
    }

    private static Stream<String> found(String pattern, String text) {
        return Pattern.compile(pattern).matcher(text).results().map(match -> Objects.requireNonNull(match.group(1)));
    }

    private static void assertUnreadable(String reason, String envelope) {
        assertThatThrownBy(() -> browser.evaluate("carrier.readAddress(%s)", envelope))
                .isInstanceOf(ScriptRefused.class)
                .hasMessageStartingWith(reason);
    }

    private static String withFirstCharacterOfPartChanged(List<String> parts, int part) {
        String[] changed = parts.toArray(String[]::new);
        changed[part] = (changed[part].startsWith("A") ? "B" : "A") + changed[part].substring(1);
        return String.join(".", changed);
    }

    /** But for the wallet, which is each device's own. */
    private static void assertSameClaims(JsonNode fromBrowser, String fromJava) throws Exception {
        Map<String, Object> claims = claims(fromBrowser);
        Map<String, Object> expected = claims(fromJava);
        assertThat(claims.remove("sub")).isEqualTo(browser.evaluate("li.wallet").stringValue());
        assertThat(expected.remove("sub")).isEqualTo(device.wallet());
        assertThat(claims).isEqualTo(expected);
    }

    private static Map<String, Object> claims(JsonNode fromBrowser) throws Exception {
        SignedJWT jws = SignedJWT.parse(fromBrowser.stringValue());
        assertThat(jws.verify(new ECDSAVerifier(ECKey.parse(object(browser.evaluate("li.publicJwk"))))))
                .isTrue();
        assertThat(jws.getHeader().toJSONObject())
                .isEqualTo(
                        Map.of("alg", "ES256", "kid", browser.evaluate("li.kid").stringValue()));
        return claims(jws.serialize());
    }

    /** Without {@code jti}, which no two share. */
    private static Map<String, Object> claims(String jws) throws ParseException {
        Map<String, Object> claims =
                new HashMap<>(SignedJWT.parse(jws).getPayload().toJSONObject());
        assertThat(claims.remove("jti")).isInstanceOf(String.class).isNotEqualTo("");
        return claims;
    }

    private static Map<String, Object> object(JsonNode json) {
        return JsonMapper.shared().convertValue(json, new TypeReference<>() {});
    }
}
