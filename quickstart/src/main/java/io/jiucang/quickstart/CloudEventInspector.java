package io.jiucang.quickstart;

import io.cloudevents.CloudEvent;
import io.cloudevents.core.v1.CloudEventBuilder;
import io.jiucang.events.EventRefused;
import io.jiucang.events.envelope.EventVerifier;
import io.jiucang.events.envelope.KeyDirectory;
import io.jiucang.events.envelope.VerifiedEvent;
import io.jiucang.ledger.Entry;
import io.jiucang.ledger.EventInspector;
import io.jiucang.ledger.LedgerException;
import io.jiucang.title.directory.Directory;
import io.jiucang.title.directory.DirectoryRefused;
import io.jiucang.title.directory.Pins;
import java.net.URI;
import java.time.DateTimeException;
import java.time.OffsetDateTime;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Tells the ledger's offline verifier whether an event (CloudEvents JSON format) is the one its entry commits to. */
public final class CloudEventInspector implements EventInspector {

    private static final JsonMapper JSON = new JsonMapper();
    private static final Set<String> CORE = Set.of(
            "specversion", "id", "source", "type", "subject", "time", "datacontenttype", "dataschema", "data_base64");

    @Override
    public List<String> inspect(Entry entry, String event, Trust trust) {
        EventVerifier verifier = new EventVerifier(eventKeys(trust));
        try {
            VerifiedEvent verified = verifier.verify(parse(event, entry));
            CloudEvent sound = verified.event();
            return List.of(
                    sound.getType() + " of " + sound.getTime(),
                    "signed by " + sound.getSource() + " with " + String.join(", ", verified.keyIds()));
        } catch (EventRefused e) {
            throw new LedgerException(LedgerException.Reason.EVENT_REFUSED, String.valueOf(e.getMessage()), e);
        }
    }

    private static KeyDirectory eventKeys(Trust trust) {
        Pins pins = Pins.of(trust.origin(), trust.roots(), trust.roots().size());
        try {
            return Directory.read(trust.directory(), pins).eventKeys();
        } catch (DirectoryRefused e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }

    /** The event with the entry as its signature, so that an event of another entry is refused as altered. */
    private static CloudEvent parse(String json, Entry entry) {
        try {
            JsonNode event = JSON.readTree(json);
            CloudEventBuilder builder = new CloudEventBuilder()
                    .withId(text(event, "id"))
                    .withSource(URI.create(text(event, "source")))
                    .withType(text(event, "type"))
                    .withSubject(text(event, "subject"))
                    .withTime(OffsetDateTime.parse(text(event, "time")))
                    .withData(
                            text(event, "datacontenttype"), Base64.getDecoder().decode(text(event, "data_base64")));
            for (Map.Entry<String, JsonNode> attribute : event.properties()) {
                if (!CORE.contains(attribute.getKey())) {
                    builder.withExtension(
                            attribute.getKey(), attribute.getValue().asString());
                }
            }
            return builder.withExtension("dssematerial", entry.bytes()).build();
        } catch (JacksonException | IllegalArgumentException | IllegalStateException | DateTimeException e) {
            throw new LedgerException(
                    LedgerException.Reason.EVENT_REFUSED, "not an event in the CloudEvents JSON format", e);
        }
    }

    private static String text(JsonNode event, String attribute) {
        return event.path(attribute)
                .stringValueOpt()
                .orElseThrow(() -> new IllegalArgumentException(attribute + " is missing"));
    }
}
