package io.jiucang.title.statement;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jiucang.events.EventJson;
import io.jiucang.title.Actor;
import io.jiucang.title.Jws;
import io.jiucang.title.Page;
import io.jiucang.title.Parties;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.ECPublicKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;

/**
 * {@code docs/statements.json}, for whoever makes or reads statements in another language: fixed keys, a statement of each
 * act, and texts that must be refused. The steps are taken here with the JDK alone, and must end where our codec does.
 */
class VectorsTest {

    private static final String FILE = "docs/statements.json";
    private static final Base64.Encoder BASE64URL = Base64.getUrlEncoder().withoutPadding();

    @Test
    void theFileIsWhatTheCodecWrites() {
        var mapper = EventJson.mapper()
                .rebuild()
                .enable(SerializationFeature.INDENT_OUTPUT)
                .disable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
                .build();
        Map<String, Object> file = new LinkedHashMap<>();
        file.put("about", "Statements of docs/statements.md. Keys are P-256; d is the secret, base64url.");
        file.put("origin", Parties.ORIGIN);
        file.put("keys", keys());
        file.put(
                "valid", Arrays.stream(ActType.values()).map(VectorsTest::valid).toList());
        file.put("malleated", malleated());
        file.put("forged", forged());
        file.put("refused", refused());
        file.put("hashlock", hashlock());
        Page.requireSame(FILE, mapper.writeValueAsString(file) + "\n");
    }

    private static Map<String, Object> keys() {
        Map<String, Object> keys = new LinkedHashMap<>();
        Stream.of(
                        Parties.WINERY,
                        Parties.WAREHOUSE,
                        Parties.CARRIER,
                        Samples.DOCK,
                        Samples.COURIER,
                        Samples.LI,
                        Samples.PHONE)
                .forEach(actor -> {
                    Map<String, Object> key = new LinkedHashMap<>();
                    key.put("thumbprint", actor.id());
                    key.put("x", actor.key().x());
                    key.put("y", actor.key().y());
                    key.put("d", BASE64URL.encodeToString(actor.secret()));
                    keys.put(actor.name(), key);
                });
        return keys;
    }

    private static Map<String, Object> valid(ActType type) {
        String jws = Samples.jws(type);
        Statement<?> statement = Statements.read(jws);
        Map<String, Object> vector = new LinkedHashMap<>();
        vector.put("typ", type.typ());
        vector.put("key", Samples.speaker(type).name());
        vector.put("header", Jws.header(jws));
        vector.put("payload", Jws.payload(jws));
        vector.put("jws", jws);
        vector.put("id", statement.id().hex());
        vector.put("ids", ids(statement));
        return vector;
    }

    private static Map<String, String> ids(Statement<?> statement) {
        return switch (statement.act()) {
            case Act.Offer _ -> {
                Map<String, String> ids = new LinkedHashMap<>();
                ids.put("plan", statement.planId().value());
                ids.put("vault", statement.vaultId().value());
                yield ids;
            }
            case Act.Order _ -> {
                Map<String, String> ids = new LinkedHashMap<>();
                ids.put("order", statement.orderId().value());
                ids.put("payment", statement.paymentId().value());
                yield ids;
            }
            case Act.Pickup _ -> Map.of("hold", statement.holdId().value());
            default -> Map.of();
        };
    }

    private static Map<String, Object> malleated() {
        Map<String, Object> vector = new LinkedHashMap<>();
        vector.put("about", "the order above under its other signature, r and n-s: valid, and the same statement");
        vector.put("jws", Actor.malleated(Samples.jws(ActType.ORDER)));
        vector.put("id", Statements.read(Samples.jws(ActType.ORDER)).id().hex());
        return vector;
    }

    private static Map<String, Object> forged() {
        String jws = Samples.jws(ActType.ORDER);
        Map<String, Object> vector = new LinkedHashMap<>();
        vector.put("about", "in canonical form, and not signed by the key it names");
        vector.put("key", Samples.LI.name());
        vector.put("jws", Samples.PHONE.signed(jws.substring(0, jws.lastIndexOf('.'))));
        return vector;
    }

    private static Map<String, Object> hashlock() {
        Act.Pickup pickup = (Act.Pickup) Samples.act(ActType.PICKUP);
        var token = pickup.hashlocks().keySet().iterator().next();
        Map<String, Object> vector = new LinkedHashMap<>();
        vector.put("pickup", Samples.PICKUP.value());
        vector.put("token", token.toString());
        vector.put("code", Samples.CODE.text());
        vector.put("hashlock", Hashlock.of(Samples.PICKUP, token, Samples.CODE).hex());
        return vector;
    }

    private static List<Map<String, Object>> refused() {
        String order = Samples.jws(ActType.ORDER);
        String found = Samples.jws(ActType.FOUND);
        String offer = Samples.jws(ActType.OFFER);
        return Stream.of(
                        text("padding", order + "="),
                        text("padding within", order.replaceFirst("\\.", "=.")),
                        text("a character outside base64url", order.replaceFirst("\\.", "*.")),
                        text("bits behind the last byte", strayBits(order)),
                        text("two parts", order.substring(0, order.lastIndexOf('.'))),
                        text("four parts", order + "."),
                        text("a signature of 63 bytes", order.substring(0, order.length() - 2)),
                        header("alg none", order, "\"ES256\"", "\"none\""),
                        header("a member more", order, "{\"alg\"", "{\"aaa\":1,\"alg\""),
                        header("alg twice", order, "{\"alg\"", "{\"alg\":\"ES256\",\"alg\""),
                        header("members in another order", order, "{\"alg\":\"ES256\",", "{"),
                        header("white space", order, "{\"alg\"", "{ \"alg\""),
                        header("free text in typ", order, "jiucang-order-v1", "3 Lane Road"),
                        header("an unknown act", order, "jiucang-order-v1", "jiucang-order-v9"),
                        header("another act's claims", order, "jiucang-order-v1", "jiucang-pickup-v1"),
                        payload("no iss", order, "\"iss\":\"" + Parties.ORIGIN + "\",", ""),
                        payload("no exp", order, "\"exp\":1795766700,", ""),
                        payload("exp where none belongs", found, "{\"iat\"", "{\"exp\":1795766700,\"iat\""),
                        payload("a claim more", order, "\"offer\"", "\"note\":\"x\",\"offer\""),
                        payload("a claim twice", order, "\"quantity\":2", "\"quantity\":2,\"quantity\":2"),
                        payload("white space", order, "{\"", "{ \""),
                        payload("claims in another order", order, "\"quantity\":2,", "", "}}", "},\"quantity\":2}"),
                        payload("a number as text", order, "\"quantity\":2", "\"quantity\":\"2\""),
                        payload("a number with a fraction", order, "\"quantity\":2", "\"quantity\":2.0"),
                        payload("a number with an exponent", order, "\"quantity\":2", "\"quantity\":2e0"),
                        payload("an escaped character", order, "\"currency\":\"CNY\"", "\"currency\":\"\\u0043NY\""),
                        payload("a null", order, "\"quantity\":2", "\"quantity\":null"),
                        payload("no cases", order, "\"quantity\":2", "\"quantity\":0"),
                        text(
                                "free text in jti",
                                Jws.withPayload(
                                        order,
                                        claims -> claims.replaceFirst(
                                                "\"jti\":\"[^\"]*\"", "\"jti\":\"call 13800138000\""))),
                        text(
                                "a jti of 15 bytes",
                                Jws.withPayload(
                                        order,
                                        claims -> claims.replaceFirst(
                                                "\"jti\":\"[^\"]*\"", "\"jti\":\"" + "A".repeat(20) + "\""))),
                        payload("free text in a name", offer, "luzhou-1573", "3 Lane Road"),
                        payload("a false check digit", offer, "19521141111014", "19521141111015"),
                        text(
                                "tokens in another order",
                                Jws.withPayload(
                                        found,
                                        claims -> claims.replaceFirst("\\[(\"[^\"]*\"),(\"[^\"]*\")]", "[$2,$1]"))),
                        text(
                                "a token twice",
                                Jws.withPayload(
                                        found,
                                        claims -> claims.replaceFirst("\\[(\"[^\"]*\"),(\"[^\"]*\")]", "[$1,$1]"))),
                        text(
                                "no token",
                                Jws.withPayload(
                                        found, claims -> claims.replaceFirst("\\[(\"[^\"]*\"),(\"[^\"]*\")]", "[]"))))
                .toList();
    }

    /** Of the last character of the payload only some bits count: the others are set. */
    private static String strayBits(String jws) {
        String[] parts = jws.split("\\.", -1);
        for (String part : List.of("A", "B", "C", "D")) {
            String changed = parts[2].substring(0, parts[2].length() - 1) + part;
            if (!BASE64URL
                    .encodeToString(Base64.getUrlDecoder().decode(changed))
                    .equals(changed)) {
                return parts[0] + "." + parts[1] + "." + changed;
            }
        }
        throw new IllegalStateException("64 bytes leave bits behind the last");
    }

    private static Map<String, Object> header(String name, String jws, String from, String to) {
        return changed(name, jws, header -> header.replace(from, to), true);
    }

    private static Map<String, Object> payload(String name, String jws, String from, String to) {
        return changed(name, jws, claims -> claims.replace(from, to), false);
    }

    private static Map<String, Object> payload(
            String name, String jws, String from, String to, String from2, String to2) {
        return changed(name, jws, claims -> claims.replace(from, to).replace(from2, to2), false);
    }

    private static Map<String, Object> changed(
            String name, String jws, UnaryOperator<String> change, boolean inHeader) {
        return text(name, inHeader ? Jws.withHeader(jws, change) : Jws.withPayload(jws, change));
    }

    private static Map<String, Object> text(String name, String jws) {
        Map<String, Object> vector = new LinkedHashMap<>();
        vector.put("name", name);
        vector.put("reason", reasonOf(name, jws));
        vector.put("jws", jws);
        return vector;
    }

    private static String reasonOf(String name, String jws) {
        try {
            Statements.read(jws);
        } catch (StatementRefused e) {
            return e.reason().name();
        }
        throw new AssertionError("taken: " + name);
    }

    @Test
    void theJdkComesToTheSame() throws GeneralSecurityException {
        JsonNode file = EventJson.mapper().readTree(Page.read(FILE));
        assertThat(file.path("valid")).hasSameSizeAs(ActType.values());
        for (JsonNode vector : file.path("valid")) {
            String jws = vector.path("jws").stringValue();
            JsonNode key = file.path("keys").path(vector.path("key").stringValue());
            String[] parts = jws.split("\\.", -1);
            assertThat(parts[0]).isEqualTo(encoded(vector.path("header").stringValue()));
            assertThat(parts[1]).isEqualTo(encoded(vector.path("payload").stringValue()));
            assertThat(verifies(key, jws)).isTrue();
            byte[] id = sha256((parts[0] + "." + parts[1]).getBytes(US_ASCII));
            assertThat(HexFormat.of().formatHex(id)).isEqualTo(vector.path("id").stringValue());
            for (String kind : vector.path("ids").propertyNames()) {
                assertThat(uuid8(kind, id))
                        .isEqualTo(vector.path("ids").path(kind).stringValue());
            }
            assertThat(thumbprint(key)).isEqualTo(key.path("thumbprint").stringValue());
        }
        JsonNode forged = file.path("forged");
        assertThat(verifies(
                        file.path("keys").path(forged.path("key").stringValue()),
                        forged.path("jws").stringValue()))
                .isFalse();
        JsonNode malleated = file.path("malleated");
        assertThat(verifies(file.path("keys").path("li"), malleated.path("jws").stringValue()))
                .isTrue();
        JsonNode lock = file.path("hashlock");
        String text = "jiucang-hashlock-v1|" + lock.path("pickup").stringValue() + "|"
                + lock.path("token").stringValue() + "|" + lock.path("code").stringValue();
        assertThat(HexFormat.of().formatHex(sha256(text.getBytes(US_ASCII))))
                .isEqualTo(lock.path("hashlock").stringValue());
    }

    @Test
    void everyRefusedTextIsRefusedForItsReason() {
        JsonNode refused = EventJson.mapper().readTree(Page.read(FILE)).path("refused");
        assertThat(refused).isNotEmpty();
        for (JsonNode vector : refused) {
            assertThatThrownBy(() -> Statements.read(vector.path("jws").stringValue()))
                    .isInstanceOfSatisfying(
                            StatementRefused.class,
                            e -> assertThat(e.reason().name())
                                    .isEqualTo(vector.path("reason").stringValue()));
        }
    }

    private static String encoded(String text) {
        return BASE64URL.encodeToString(text.getBytes(UTF_8));
    }

    private static boolean verifies(JsonNode key, String jws) throws GeneralSecurityException {
        AlgorithmParameters parameters = AlgorithmParameters.getInstance("EC");
        parameters.init(new ECGenParameterSpec("secp256r1"));
        ECPoint point = new ECPoint(number(key.path("x")), number(key.path("y")));
        Signature signature = Signature.getInstance("SHA256withECDSAinP1363Format");
        signature.initVerify(KeyFactory.getInstance("EC")
                .generatePublic(new ECPublicKeySpec(point, parameters.getParameterSpec(ECParameterSpec.class))));
        int dot = jws.lastIndexOf('.');
        signature.update(jws.substring(0, dot).getBytes(US_ASCII));
        return signature.verify(Base64.getUrlDecoder().decode(jws.substring(dot + 1)));
    }

    private static BigInteger number(JsonNode coordinate) {
        return new BigInteger(1, Base64.getUrlDecoder().decode(coordinate.stringValue()));
    }

    private static String thumbprint(JsonNode key) throws GeneralSecurityException {
        String members = "{\"crv\":\"P-256\",\"kty\":\"EC\",\"x\":\""
                + key.path("x").stringValue() + "\",\"y\":\"" + key.path("y").stringValue() + "\"}";
        return BASE64URL.encodeToString(sha256(members.getBytes(US_ASCII)));
    }

    private static String uuid8(String kind, byte[] id) throws GeneralSecurityException {
        ByteBuffer input = ByteBuffer.allocate(kind.length() + 1 + id.length);
        input.put(kind.getBytes(US_ASCII)).put((byte) 0).put(id);
        byte[] uuid = Arrays.copyOf(sha256(input.array()), 16);
        uuid[6] = (byte) ((uuid[6] & 0x0f) | 0x80);
        uuid[8] = (byte) ((uuid[8] & 0x3f) | 0x80);
        ByteBuffer bytes = ByteBuffer.wrap(uuid);
        return new UUID(bytes.getLong(), bytes.getLong()).toString();
    }

    private static byte[] sha256(byte[] bytes) throws GeneralSecurityException {
        return MessageDigest.getInstance("SHA-256").digest(bytes);
    }
}
