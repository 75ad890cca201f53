package io.jiucang.events.envelope;

import static io.jiucang.events.EventRefused.Reason.ALTERED;
import static io.jiucang.events.EventRefused.Reason.BAD_SIGNATURE;
import static io.jiucang.events.EventRefused.Reason.MATERIAL_INVALID;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cloudevents.CloudEvent;
import io.cloudevents.core.v1.CloudEventBuilder;
import io.jiucang.events.Approved;
import io.jiucang.events.EventJson;
import io.jiucang.events.EventRefused;
import java.io.IOException;
import java.math.BigInteger;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.ECPublicKeySpec;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/**
 * The test vectors of DSSE and of the CloudEvents extension, each for exactly what it shows.
 *
 * <p>The extension's are signed with ECDSA over P-256. Cases 1 and 2 still carry a bare digest, the material of an
 * earlier draft. In 6a, 6b and the walkthrough, the published payload ends in a stray "=": no JSON, and not what was
 * signed; without it they verify. Where data is JSON, its authors signed the text of their document as it stands, from
 * the blank before the brace on, so that no other writing of {@code {"hello":"world"}} gives their digest.
 */
class PublishedVectorsTest {

    private static final Instant AT = Instant.parse("2026-07-23T00:00:00Z");
    private static final JsonNode VECTORS = vectors();
    private static final EventVerifier VERIFIER = new EventVerifier(new KeyDirectory(Map.of(
            new KeyDirectory.Name(URI.create("example/uri"), "testkey"),
            new KeyDirectory.TrustedKey(AT.plusSeconds(1), ecdsaP256()))));

    static Stream<JsonNode> cases() {
        return StreamSupport.stream(VECTORS.path("cases").spliterator(), false);
    }

    static Stream<JsonNode> verified() {
        return cases().filter(vector -> vector.path("expected").asString().equals("VERIFIED"));
    }

    static Stream<JsonNode> withStrayCharacter() {
        return cases().filter(vector ->
                List.of("6a", "6b", "walkthrough").contains(vector.path("case").asString()));
    }

    @Test
    void encodesAsDsseDoes() {
        assertThat(Dsse.preAuthenticationEncoding(
                        "http://example.com/HelloWorld", "hello world".getBytes(StandardCharsets.UTF_8)))
                .asString(StandardCharsets.UTF_8)
                .isEqualTo("DSSEv1 29 http://example.com/HelloWorld 11 hello world");
    }

    @Test
    void verifiesTheEnvelopeOfDsse() {
        Dsse envelope = Dsse.parse("""
                {"payload": "aGVsbG8gd29ybGQ=",
                 "payloadType": "http://example.com/HelloWorld",
                 "signatures": [{"sig": "A3JqsQGtVsJ2O2xqrI5IcnXip5GToJ3F+FnZ+O88SjtR6rDAajabZKciJTfUiHqJPcIAriEGAHTVeCUjW2JIZA=="}]}""".getBytes(StandardCharsets.UTF_8));
        assertThat(envelope.payload()).asString(StandardCharsets.UTF_8).isEqualTo("hello world");
        assertThat(ecdsaP256()
                        .verifies(
                                envelope.preAuthenticationEncoding(),
                                envelope.signatures().getFirst().value()))
                .isTrue();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void eachCaseShowsWhatItShows(JsonNode vector) {
        CloudEvent event = event(vector, material(vector));
        if (vector.path("expected").asString().equals("VERIFIED")) {
            assertThat(VERIFIER.authenticate(event, AT).keyIds()).containsExactly("testkey");
        } else {
            assertRefused(MATERIAL_INVALID, () -> VERIFIER.authenticate(event, AT));
        }
    }

    @ParameterizedTest
    @MethodSource("verified")
    void weWouldHaveSignedTheSameBytes(JsonNode vector) {
        Dsse envelope = Dsse.parse(material(vector));
        List<String> names = VerificationMaterial.parse(envelope.payload()).signedExtensions();
        assertThat(VerificationMaterial.of(event(vector, material(vector)), names)
                        .toJson())
                .isEqualTo(envelope.payload());
        assertThat(envelope.toJson()).isEqualTo(material(vector));
    }

    @ParameterizedTest
    @MethodSource("withStrayCharacter")
    void withoutItsStrayCharacterTheCaseVerifies(JsonNode vector) {
        Dsse published = Dsse.parse(material(vector));
        String payload = new String(published.payload(), StandardCharsets.UTF_8);
        assertThat(payload).endsWith("}=");
        byte[] repaired = payload.substring(0, payload.length() - 1).getBytes(StandardCharsets.UTF_8);
        byte[] material = new Dsse(published.payloadType(), repaired, published.signatures()).toJson();

        VerifiedEvent verified = VERIFIER.authenticate(event(vector, material), AT);

        assertThat(verified.event().getExtensionNames()).containsExactly("exta");
    }

    @ParameterizedTest
    @MethodSource("verified")
    void otherBytesOfTheSameDataAreAltered(JsonNode vector) {
        CloudEvent event = new CloudEventBuilder(event(vector, material(vector)))
                .withData("{\"hello\":\"world\"}".getBytes(StandardCharsets.UTF_8))
                .build();
        assertRefused(ALTERED, () -> VERIFIER.authenticate(event, AT));
    }

    @ParameterizedTest
    @MethodSource("verified")
    void aSignatureOfAnotherCaseIsFalse(JsonNode vector) {
        Dsse published = Dsse.parse(material(vector));
        List<Dsse.Signature> others = cases().map(
                        other -> Dsse.parse(material(other)).signatures())
                .filter(other -> !Base64.getEncoder()
                        .encodeToString(other.getFirst().value())
                        .equals(Base64.getEncoder()
                                .encodeToString(
                                        published.signatures().getFirst().value())))
                .findFirst()
                .orElseThrow();
        byte[] material = new Dsse(published.payloadType(), published.payload(), others).toJson();
        assertRefused(BAD_SIGNATURE, () -> VERIFIER.authenticate(event(vector, material), AT));
    }

    /** Case 8, which is published as payloads only, and what stands beside it in the text. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'core':'D','ext':'D','signedextattrs':['exta','exta']}",
                "{'core':'D','ext':'D','signedextattrs':['exta','id']}",
                "{'core':'D','ext':'D','signedextattrs':['source']}",
                "{'core':'D','ext':'D','signedextattrs':['specversion']}",
                "{'core':'D','ext':'D','signedextattrs':['type']}",
                "{'core':'D','ext':'D','signedextattrs':['datacontenttype']}",
                "{'core':'D','ext':'D','signedextattrs':['dataschema']}",
                "{'core':'D','ext':'D','signedextattrs':['subject']}",
                "{'core':'D','ext':'D','signedextattrs':['time']}",
                "{'core':'D','ext':'D','signedextattrs':['dssematerial']}",
                "{'core':'D','signedextattrs':['exta']}",
                "{'core':'D','ext':'D'}",
                "{'core':'D','ext':null,'signedextattrs':null}",
                "{'core':'D','ext':'D','signedextattrs':[]}",
                "{'core':'D','ext':'D','signedextattrs':'exta'}",
                "{'core':'D','ext':'D','signedextattrs':[1]}",
                "{'core':'D','ext':'AAAA','signedextattrs':['exta']}",
                "{'ext':'D','signedextattrs':['exta']}",
                "{'core':'AAAA'}",
                "{'core':1}",
                "{'core':'D','core':'D'}",
                "['D']",
                ""
            })
    void refusesSignedMaterialThatTheExtensionForbids(String payload) {
        assertRefused(MATERIAL_INVALID, () -> verifySigned(payload));
    }

    @Test
    void passesOverUnknownFieldsOfTheMaterialAndSignedAttributesThatAreAbsent() {
        CloudEvent event = event(cases().findFirst().orElseThrow(), new byte[] {1});
        VerificationMaterial material = VerificationMaterial.of(event, List.of("exta"));
        assertThat(new String(material.toJson(), StandardCharsets.UTF_8))
                .contains("\"ext\":\"" + sha256OfSha256OfNothing() + "\"");
        String later = new String(material.toJson(), StandardCharsets.UTF_8).replace("{", "{\"later\":[1],");
        assertThat(verifySigned(later).event().getExtensionNames()).isEmpty();
    }

    @Test
    void serialisesEachTypeCanonically() {
        assertThat(text(true)).isEqualTo("true");
        assertThat(text(-7)).isEqualTo("-7");
        assertThat(text("é")).isEqualTo("é");
        assertThat(text(URI.create("a/b?c#d"))).isEqualTo("a/b?c#d");
        assertThat(text(OffsetDateTime.parse("2026-05-13T10:49:12.123456+01:00")))
                .isEqualTo("2026-05-13T09:49:12Z");
        assertThat(text(OffsetDateTime.parse("2026-05-13T10:49:00Z"))).isEqualTo("2026-05-13T10:49:00Z");
        assertThat(VerificationMaterial.canonical(new byte[] {0, 1})).containsExactly(0, 1);
        assertThat(VerificationMaterial.canonical(null)).isEmpty();
        assertThatThrownBy(() -> VerificationMaterial.canonical(List.of("complex")))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void refusesToSignWhatTheExtensionForbids() {
        CloudEvent event = event(cases().findFirst().orElseThrow(), new byte[] {1});
        for (List<String> names : List.of(List.of("exta", "exta"), List.of("time"), List.of("dssematerial"))) {
            assertThatThrownBy(() -> VerificationMaterial.of(event, names))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    /** With our own key, since the published vectors have no signatures over these payloads. */
    private static VerifiedEvent verifySigned(String payload) {
        EventSigner signer = new EventSigner(new byte[32]);
        URI source = URI.create("example/uri");
        EventVerifier verifier = new EventVerifier(
                KeyDirectory.of(List.of(new KeyDirectory.Key(source, signer.publicKey(), AT.plusSeconds(1)))));
        byte[] body = payload.replace('\'', '"')
                .replace("\"D\"", "\"" + sha256OfSha256OfNothing() + "\"")
                .getBytes(StandardCharsets.UTF_8);
        Dsse envelope = new Dsse(
                VerificationMaterial.PAYLOAD_TYPE, body, List.of(signer.sign(VerificationMaterial.PAYLOAD_TYPE, body)));
        return verifier.authenticate(event(cases().findFirst().orElseThrow(), envelope.toJson()), AT);
    }

    private static String sha256OfSha256OfNothing() {
        return "Xfbg4nYTWdMKgnUFjimfzAOBU0VF9Vz0PkGYP11MlFY=";
    }

    private static String text(Object value) {
        return new String(VerificationMaterial.canonical(value), StandardCharsets.UTF_8);
    }

    private static byte[] material(JsonNode vector) {
        return Base64.getDecoder().decode(vector.path("dssematerial").asString());
    }

    private static CloudEvent event(JsonNode vector, byte[] material) {
        CloudEventBuilder event = new CloudEventBuilder();
        event.withExtension("dssematerial", material);
        vector.path("event").properties().forEach(attribute -> {
            String value = attribute.getValue().asString();
            if (attribute.getKey().equals("data_base64")) {
                event.withData(Base64.getDecoder().decode(value));
            } else {
                event.withContextAttribute(attribute.getKey(), value);
            }
        });
        return event.build();
    }

    private static KeyDirectory.SignatureCheck ecdsaP256() {
        PublicKey key = publicKey();
        return (message, signature) -> {
            try {
                Signature ecdsa = Signature.getInstance("SHA256withECDSAinP1363Format");
                ecdsa.initVerify(key);
                ecdsa.update(message);
                return ecdsa.verify(signature);
            } catch (GeneralSecurityException e) {
                return false;
            }
        };
    }

    private static PublicKey publicKey() {
        try {
            AlgorithmParameters curve = AlgorithmParameters.getInstance("EC");
            curve.init(new ECGenParameterSpec("secp256r1"));
            ECPoint point = new ECPoint(
                    new BigInteger(VECTORS.path("x").asString()),
                    new BigInteger(VECTORS.path("y").asString()));
            return KeyFactory.getInstance("EC")
                    .generatePublic(new ECPublicKeySpec(point, curve.getParameterSpec(ECParameterSpec.class)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static JsonNode vectors() {
        try {
            return EventJson.mapper().readTree(Approved.read("verifiability-published.json"));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void assertRefused(EventRefused.Reason reason, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        EventRefused.class,
                        refused -> assertThat(refused.reason()).isEqualTo(reason));
    }
}
