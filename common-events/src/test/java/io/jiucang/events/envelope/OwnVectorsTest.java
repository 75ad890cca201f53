package io.jiucang.events.envelope;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cloudevents.CloudEvent;
import io.cloudevents.core.builder.CloudEventBuilder;
import io.jiucang.events.Approved;
import io.jiucang.events.EventJson;
import io.jiucang.events.EventRefused;
import io.jiucang.events.EventSamples;
import io.jiucang.events.OrderEvent;
import io.jiucang.events.TokenEvent;
import io.jiucang.events.Topics;
import io.jiucang.events.value.Base64Url;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;

/**
 * Our own vectors, for whoever verifies our events in another language: a fixed key, fixed events, and every step
 * between an event and its signature. The steps are taken here with the JDK alone, and must end where our signer does.
 */
class OwnVectorsTest {

    private static final String FILE = "verifiability-ed25519.json";
    private static final HexFormat HEX = HexFormat.of();
    private static final Base64.Encoder BASE64 = Base64.getEncoder();
    private static final String PAYLOAD_TYPE = "https://cloudevents.io/verifiability/dsse/v0.1";
    private static final List<String> CORE =
            List.of("id", "source", "specversion", "type", "datacontenttype", "dataschema", "subject", "time", "data");

    private static final byte[] SEED = HEX.parseHex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60");
    private static final EventSigner SIGNER = new EventSigner(SEED);
    private static final String KEY_ID = SIGNER.keyId();
    private static final EventVerifier VERIFIER =
            new EventVerifier(KeyDirectory.of(Stream.of("token", "order", "ledger")
                    .map(service -> new KeyDirectory.Key(
                            Topics.sourceOf(service), SIGNER.publicKey(), Instant.parse("2027-01-01T00:00:00Z")))
                    .toList()));

    @Test
    void theFileHoldsEveryStepFromEventToSignature() throws IOException, GeneralSecurityException {
        Map<String, Object> file = new LinkedHashMap<>();
        file.put("about", "Verifiable CloudEvents with DSSE v0.1, signed with Ed25519. Digests are SHA-256 in hex.");
        file.put("seed", HEX.formatHex(SEED));
        file.put("publicKey", SIGNER.publicKey().x());
        file.put("validUntil", "2027-01-01T00:00:00Z");
        file.put("verified", List.of(steps(minimal()), steps(full()), steps(chinese())));
        file.put("refused", refused());
        byte[] json = EventJson.mapper()
                .rebuild()
                .enable(SerializationFeature.INDENT_OUTPUT)
                .disable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
                .build()
                .writeValueAsBytes(file);
        Approved.requireSame(FILE, (new String(json, StandardCharsets.UTF_8) + "\n").getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void whatTheFileSaysIsWhatTheVerifierSays() throws IOException {
        JsonNode file = EventJson.mapper().readTree(Approved.read(FILE));
        assertThat(file.path("verified"))
                .hasSize(3)
                .allSatisfy(vector -> assertThat(
                                VERIFIER.verify(event(vector.path("event"))).domainEvent())
                        .isNotNull());
        assertThat(file.path("refused"))
                .hasSizeGreaterThan(9)
                .allSatisfy(vector -> assertThatThrownBy(() -> VERIFIER.verify(event(vector.path("event"))))
                        .isInstanceOfSatisfying(
                                EventRefused.class,
                                refused -> assertThat(refused.reason())
                                        .hasToString(vector.path("reason").asString())));
    }

    private static CloudEvent minimal() {
        return SignedEvents.toCloudEvent(
                new TokenEvent.TokensMinted(EventSamples.VAULT, EventSamples.PLAN, 1, 100_000),
                metadata(EventSamples.VAULT.value(), null, null));
    }

    private static CloudEvent full() {
        return SignedEvents.toCloudEvent(
                new OrderEvent.OrderPaid(EventSamples.ORDER, EventSamples.PAYMENT),
                metadata(
                        EventSamples.ORDER.value(),
                        EventSamples.PAYMENT.value(),
                        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"));
    }

    private static CloudEvent chinese() {
        return SignedEvents.toCloudEvent(
                EventSamples.ALL.getFirst(), metadata(EventSamples.PLAN.value(), "命令-1", null));
    }

    private static EventMetadata metadata(String subject, @Nullable String causation, @Nullable String trace) {
        return new EventMetadata(
                EventSamples.EVENT_ID, subject, Instant.parse("2026-11-22T04:00:00Z"), 42, "c-1", causation, trace);
    }

    /** By the extension's signing protocol, with none of our main code. */
    private static Map<String, Object> steps(CloudEvent event) throws GeneralSecurityException {
        Map<String, byte[]> values = values(event);
        List<String> extensions = event.getExtensionNames().stream().sorted().toList();
        byte[] core = sha256(digests(values, CORE));
        byte[] ext = sha256(digests(values, extensions));
        String payload = "{\"core\":\"" + BASE64.encodeToString(core) + "\",\"ext\":\"" + BASE64.encodeToString(ext)
                + "\",\"signedextattrs\":[\"" + String.join("\",\"", extensions) + "\"]}";
        String pae = "DSSEv1 " + PAYLOAD_TYPE.length() + " " + PAYLOAD_TYPE + " " + payload.length() + " " + payload;
        CloudEvent signed = SIGNER.sign(event);
        byte[] envelope = SignedEvents.dsseMaterial(signed);
        byte[] signature = Base64.getDecoder()
                .decode(EventJson.mapper()
                        .readTree(envelope)
                        .at("/signatures/0/sig")
                        .asString());
        assertThat(jdkVerifies(pae.getBytes(StandardCharsets.UTF_8), signature)).isTrue();
        assertThat(new String(envelope, StandardCharsets.UTF_8))
                .isEqualTo("{\"payloadType\":\"" + PAYLOAD_TYPE + "\",\"payload\":\""
                        + BASE64.encodeToString(payload.getBytes(StandardCharsets.UTF_8))
                        + "\",\"signatures\":[{\"keyid\":\"" + KEY_ID + "\",\"sig\":\""
                        + BASE64.encodeToString(signature) + "\"}]}");

        Map<String, String> digests = new LinkedHashMap<>();
        Stream.concat(CORE.stream(), extensions.stream())
                .forEach(name -> digests.put(name, HEX.formatHex(sha256(values.getOrDefault(name, new byte[0])))));
        Map<String, Object> steps = new LinkedHashMap<>();
        steps.put("event", json(signed));
        steps.put("digests", digests);
        steps.put("core", HEX.formatHex(core));
        steps.put("ext", HEX.formatHex(ext));
        steps.put("payload", payload);
        steps.put("pae", pae);
        steps.put("signature", HEX.formatHex(signature));
        steps.put("envelope", new String(envelope, StandardCharsets.UTF_8));
        return steps;
    }

    private static List<Map<String, Object>> refused() {
        return List.of(
                refused("UNSIGNED", "no material", event -> event.withoutExtension("dssematerial")),
                refused(
                        "MATERIAL_INVALID",
                        "material is not JSON",
                        event -> event.withExtension("dssematerial", new byte[] {'{'})),
                refused(
                        "UNKNOWN_KEY",
                        "source of another service",
                        event -> event.withSource(Topics.sourceOf("payment"))),
                refused("UNKNOWN_KEY", "key nobody knows", event -> signedBy(event, SEED, "another")),
                refused(
                        "BAD_SIGNATURE",
                        "another key under a known name",
                        event -> signedBy(event, new byte[32], KEY_ID)),
                refused(
                        "KEY_NOT_VALID",
                        "first second after the key's end",
                        event -> signedBy(
                                event.withTime(
                                        Instant.parse("2027-01-01T00:00:00Z").atOffset(ZoneOffset.UTC)),
                                SEED,
                                KEY_ID)),
                refused("ALTERED", "id", event -> event.withId("019aa0c0-0000-7000-8000-0000000000ff")),
                refused("ALTERED", "type", event -> event.withType("io.jiucang.order.OrderFulfilled.v1")),
                refused("ALTERED", "subject", event -> event.withSubject("x")),
                refused(
                        "ALTERED",
                        "time",
                        event -> event.withTime(
                                Instant.parse("2026-11-22T04:00:01Z").atOffset(ZoneOffset.UTC))),
                refused("ALTERED", "data", event -> event.withData("{}".getBytes(StandardCharsets.UTF_8))),
                refused("ALTERED", "signed extension attribute", event -> event.withExtension("sequence", "7")),
                refused(
                        "WRONG_SOURCE",
                        "signed by another service than the type's",
                        event -> signedBy(event.withSource(Topics.sourceOf("ledger")), SEED, KEY_ID)));
    }

    private static Map<String, Object> refused(
            String reason, String change, UnaryOperator<CloudEventBuilder> alteration) {
        CloudEvent event =
                alteration.apply(CloudEventBuilder.v1(SIGNER.sign(full()))).build();
        Map<String, Object> vector = new LinkedHashMap<>();
        vector.put("reason", reason);
        vector.put("change", change);
        vector.put("event", json(event));
        return vector;
    }

    private static CloudEventBuilder signedBy(CloudEventBuilder event, byte[] seed, String keyId) {
        return CloudEventBuilder.v1(EventSigner.claiming(keyId, seed).sign(event.build()));
    }

    private static Map<String, byte[]> values(CloudEvent event) {
        Map<String, byte[]> values = new LinkedHashMap<>();
        json(event).forEach((name, value) -> {
            if (name.equals("data_base64")) {
                values.put("data", Base64.getDecoder().decode(value));
            } else {
                values.put(name, value.getBytes(StandardCharsets.UTF_8));
            }
        });
        return values;
    }

    /** The event in the names of the CloudEvents JSON format. */
    private static Map<String, String> json(CloudEvent event) {
        Map<String, String> json = new LinkedHashMap<>();
        for (String name : event.getAttributeNames().stream().sorted().toList()) {
            json.put(name, String.valueOf(event.getAttribute(name)));
        }
        json.replace("time", DateTimeFormatter.ISO_OFFSET_DATE_TIME.format(Objects.requireNonNull(event.getTime())));
        for (String name : event.getExtensionNames().stream().sorted().toList()) {
            Object value = event.getExtension(name);
            json.put(name, value instanceof byte[] binary ? BASE64.encodeToString(binary) : String.valueOf(value));
        }
        var data = event.getData();
        if (data != null) {
            json.put("data_base64", BASE64.encodeToString(data.toBytes()));
        }
        return json;
    }

    private static CloudEvent event(JsonNode json) {
        CloudEventBuilder event = CloudEventBuilder.v1();
        json.properties().forEach(attribute -> {
            String value = attribute.getValue().asString();
            switch (attribute.getKey()) {
                case "specversion" -> assertThat(value).isEqualTo("1.0");
                case "data_base64" -> event.withData(Base64.getDecoder().decode(value));
                default -> event.withContextAttribute(attribute.getKey(), value);
            }
        });
        return event.build();
    }

    private static byte[] digests(Map<String, byte[]> values, List<String> names) {
        ByteArrayOutputStream digests = new ByteArrayOutputStream();
        names.forEach(name -> digests.writeBytes(sha256(values.getOrDefault(name, new byte[0]))));
        return digests.toByteArray();
    }

    private static byte[] sha256(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static boolean jdkVerifies(byte[] message, byte[] signature) throws GeneralSecurityException {
        byte[] spki = HEX.parseHex("302a300506032b6570032100"
                + HEX.formatHex(Base64Url.decode(SIGNER.publicKey().x())));
        Signature ed25519 = Signature.getInstance("Ed25519");
        ed25519.initVerify(KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(spki)));
        ed25519.update(message);
        return ed25519.verify(Arrays.copyOf(signature, 64));
    }
}
