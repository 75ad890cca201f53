package io.jiucang.events;

import io.jiucang.events.envelope.EvidenceRecords;
import io.jiucang.events.value.BoxCode;
import io.jiucang.events.value.TokenId;
import java.io.IOException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.Currency;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.Yaml;

/**
 * Holds {@code docs/asyncapi.yaml} against the records: what partners and other languages read is derived from the
 * code, channel by channel and component by component, and {@code -Dapprove=true} writes it anew.
 */
class AsyncApiTest {

    private static final String SCHEMAS = "#/components/schemas/";
    private static final String UUID = "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$";

    private final Map<String, Object> schemas = new TreeMap<>();

    @Test
    void theDocumentDescribesEveryTopicEventAndComponent() throws IOException {
        Approved.requireSame("../../../../docs/asyncapi.yaml", yaml(document()).getBytes(StandardCharsets.UTF_8));
    }

    private Map<String, Object> document() {
        Map<String, Object> channels = new LinkedHashMap<>();
        Map<String, Object> operations = new LinkedHashMap<>();
        Map<String, Object> messages = new LinkedHashMap<>();
        Map<String, List<Class<? extends DomainEvent>>> services = EventTypes.all().stream()
                .collect(Collectors.groupingBy(EventTypes::serviceOf, LinkedHashMap::new, Collectors.toList()));
        services.forEach((service, events) -> {
            Map<String, Object> published = new LinkedHashMap<>();
            for (Class<? extends DomainEvent> event : events) {
                messages.put(event.getSimpleName(), message(event));
                published.put(event.getSimpleName(), ref("#/components/messages/" + event.getSimpleName()));
            }
            channels.put(
                    service,
                    map(
                            "address",
                            Topics.topicOf(service),
                            "description",
                            "Events of " + Topics.sourceOf(service) + ", keyed by subject.",
                            "messages",
                            published));
            channels.put(
                    service + "-dead-letters",
                    map(
                            "address",
                            Topics.deadLettersOf(service),
                            "description",
                            "Records that " + service + "-service could not take, with their reason."));
            operations.put(
                    "publish-" + service,
                    map(
                            "action",
                            "send",
                            "channel",
                            ref("#/channels/" + service),
                            "title",
                            service + "-service publishes"));
        });
        messages.put("Evidence", evidence());
        channels.put(
                "evidence",
                map(
                        "address",
                        Topics.EVIDENCE,
                        "description",
                        "What an event names by its SHA-256 alone, since it may name a person: told before the event."
                                + " Whoever reads it holds it against its key. Compacted: a record without a value erases.",
                        "messages",
                        map("Evidence", ref("#/components/messages/Evidence"))));
        operations.put(
                "publish-evidence",
                map(
                        "action",
                        "send",
                        "channel",
                        ref("#/channels/evidence"),
                        "title",
                        "whoever tells the event publishes"));
        schemas.put("CloudEventHeaders", headers());
        return map(
                "asyncapi",
                "3.0.0",
                "info",
                map(
                        "title",
                        "Jiucang events",
                        "version",
                        "1",
                        "description",
                        "CloudEvents 1.0 in Kafka binary mode, signed by the extension"
                                + " \"Verifiable CloudEvents with DSSE\". Generated; AsyncApiTest holds it"
                                + " against the code.",
                        "license",
                        map("name", "Apache-2.0")),
                "defaultContentType",
                "application/json",
                "channels",
                channels,
                "operations",
                operations,
                "components",
                map("messages", messages, "schemas", schemas));
    }

    private Map<String, Object> message(Class<? extends DomainEvent> event) {
        return map(
                "name", EventTypes.typeOf(event),
                "contentType", "application/json",
                "headers", ref(SCHEMAS + "CloudEventHeaders"),
                "payload", schema(event),
                "bindings", map("kafka", map("key", map("type", "string"))));
    }

    private static Map<String, Object> evidence() {
        return map(
                "name",
                "Evidence",
                "contentType",
                "application/octet-stream",
                "description",
                "Of PaymentCaptured, its receipt: the provider's signed answer; serial, timestamp, nonce, body and Base64 of"
                        + " the signature, a line feed after each.",
                "payload",
                map("type", "string", "format", "binary", "maxLength", EvidenceRecords.LARGEST),
                "bindings",
                map("kafka", map("key", string("pattern", "^[0-9a-f]{64}$"))));
    }

    private Map<String, Object> headers() {
        Map<String, Object> properties = map(
                "content-type", map("const", "application/json"),
                "ce_specversion", map("const", "1.0"),
                "ce_id", string("pattern", UUID),
                "ce_source", string("format", "uri"),
                "ce_type", map("type", "string"),
                "ce_subject", map("type", "string"),
                "ce_time", string("format", "date-time"),
                "ce_sequence", string("pattern", "^[0-9]{19}$"),
                "ce_correlationid", map("type", "string"),
                "ce_dssematerial", string("contentEncoding", "base64"));
        List<String> required = List.copyOf(properties.keySet());
        properties.put("ce_causationid", map("type", "string"));
        properties.put("ce_traceparent", map("type", "string"));
        return map("type", "object", "required", required, "properties", properties);
    }

    private Map<String, Object> schema(Type type) {
        if (type instanceof ParameterizedType generic) {
            Type last = generic.getActualTypeArguments()[generic.getActualTypeArguments().length - 1];
            return generic.getRawType() == List.class
                    ? map("type", "array", "items", schema(last))
                    : map("type", "object", "additionalProperties", schema(last));
        }
        Class<?> single = (Class<?>) type;
        if (single == String.class) {
            return map("type", "string");
        } else if (single == long.class) {
            return map("type", "integer", "format", "int64");
        } else if (single == Instant.class) {
            return string("format", "date-time");
        } else if (single == Currency.class) {
            return string("pattern", "^[A-Z]{3}$");
        }
        String name = single.getSimpleName();
        if (!schemas.containsKey(name)) {
            schemas.put(name, named(single));
        }
        return ref(SCHEMAS + name);
    }

    private Map<String, Object> named(Class<?> type) {
        if (type.isEnum()) {
            return map(
                    "type",
                    "string",
                    "enum",
                    Arrays.stream(type.getEnumConstants()).map(String::valueOf).toList());
        } else if (type == TokenId.class) {
            return string("pattern", UUID.replace("$", "\\.[1-9][0-9]{0,17}$"));
        } else if (type == BoxCode.class) {
            return string("format", "uri");
        }
        RecordComponent[] components = type.getRecordComponents();
        if (components.length == 1 && components[0].getName().equals("value")) {
            return string("pattern", UUID);
        }
        Map<String, Object> properties = new LinkedHashMap<>();
        for (RecordComponent component : components) {
            properties.put(component.getName(), schema(component.getGenericType()));
        }
        return map("type", "object", "required", List.copyOf(properties.keySet()), "properties", properties);
    }

    private static Map<String, Object> string(String keyword, String value) {
        return map("type", "string", keyword, value);
    }

    private static Map<String, Object> ref(String target) {
        return map("$ref", target);
    }

    private static Map<String, Object> map(Object... entries) {
        Map<String, Object> map = new LinkedHashMap<>();
        for (int i = 0; i < entries.length; i += 2) {
            map.put((String) entries[i], entries[i + 1]);
        }
        return map;
    }

    private static String yaml(Map<String, Object> document) {
        DumperOptions options = new DumperOptions();
        options.setDefaultFlowStyle(DumperOptions.FlowStyle.BLOCK);
        options.setDereferenceAliases(true);
        options.setWidth(120);
        return new Yaml(options).dump(document);
    }
}
