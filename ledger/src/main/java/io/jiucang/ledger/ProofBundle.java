package io.jiucang.ledger;

import io.jiucang.ledger.LedgerException.Reason;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.util.DefaultIndenter;
import tools.jackson.core.util.DefaultPrettyPrinter;
import tools.jackson.core.util.Separators;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.cfg.JsonNodeFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * One file that proves a handful of entries: each with its bytes, its tlog-proof and, if its holder likes, the event it
 * commits to. JSON:
 *
 * <pre>{@code
 * { "format": "jiucang-proof/v1",
 *   "vkey": "<verifier key of the log>",
 *   "items": [ { "entry": "<base64>", "proof": "<tlog-proof text>", "event": { … } } ] }
 * }</pre>
 *
 * <p>Unlike the signed formats, white space and member order are free; other members, duplicates and anything after the
 * document are refused.
 *
 * @param vkey what the bundle says is the log's key: a help for finding the real one, never a reason to trust
 */
public record ProofBundle(VerifierKey vkey, List<Item> items) {

    private static final String FORMAT = "jiucang-proof/v1";

    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            // An event's numbers come back as they were, not as the nearest double.
            .enable(JsonNodeFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .defaultPrettyPrinter(new DefaultPrettyPrinter(
                            Separators.createDefaultInstance().withObjectNameValueSpacing(Separators.Spacing.AFTER))
                    .withObjectIndenter(new DefaultIndenter("  ", "\n"))
                    .withArrayIndenter(new DefaultIndenter("  ", "\n")))
            .build();

    /** @throws LedgerException {@code MALFORMED_BUNDLE} without items: an empty bundle would verify and prove nothing */
    public ProofBundle {
        items = List.copyOf(items);
        if (items.isEmpty()) {
            throw malformed("there are no items");
        }
    }

    /**
     * One proven entry.
     *
     * @param event a JSON object (a CloudEvent in the JSON format; with {@code data_base64}, since its digest is over the
     *     exact bytes of its data), kept in compact form
     */
    public record Item(
            Entry entry, TlogProof proof, @Nullable String event) {

        /** @throws LedgerException {@code MALFORMED_BUNDLE} when the event is not a JSON object */
        public Item {
            if (event != null) {
                event = compact(object(readJson(event), "the event"));
            }
        }

        /** A string attribute of the event, which nothing here has checked. */
        public Optional<String> claimed(String attribute) {
            return event == null
                    ? Optional.empty()
                    : readJson(event).optional(attribute).flatMap(JsonNode::stringValueOpt);
        }

        private static String compact(ObjectNode event) {
            String text = JSON.writeValueAsString(event);
            Canonical.utf8(text, Reason.MALFORMED_BUNDLE);
            return text;
        }
    }

    /** @throws LedgerException {@code MALFORMED_BUNDLE}, or the reason why a key, entry or proof in it is malformed */
    public static ProofBundle parse(byte[] bundle) {
        ObjectNode root = object(readJson(Canonical.utf8(bundle, Reason.MALFORMED_BUNDLE)), "the bundle");
        requireMembers(root, Set.of("format", "vkey", "items"));
        if (!text(root, "format").equals(FORMAT)) {
            throw malformed("the format is not " + FORMAT);
        }
        if (!(root.get("items") instanceof ArrayNode array)) {
            throw malformed("items is not an array");
        }
        List<Item> items = new ArrayList<>();
        for (JsonNode element : array.values()) {
            ObjectNode item = object(element, "an item");
            requireMembers(item, Set.of("entry", "proof", "event"));
            items.add(new Item(
                    Entry.of(Canonical.base64(text(item, "entry"), Reason.MALFORMED_BUNDLE)),
                    TlogProof.parse(text(item, "proof")),
                    item.has("event") ? Item.compact(object(item.get("event"), "the event")) : null));
        }
        return new ProofBundle(VerifierKey.parse(text(root, "vkey")), items);
    }

    /** Indented UTF-8 JSON with a final newline. */
    public byte[] format() {
        ObjectNode root = JSON.createObjectNode().put("format", FORMAT).put("vkey", vkey.format());
        ArrayNode array = root.putArray("items");
        for (Item item : items) {
            ObjectNode node = array.addObject()
                    .put("entry", Canonical.base64(item.entry.bytes()))
                    .put("proof", item.proof.format());
            if (item.event != null) {
                node.set("event", readJson(item.event));
            }
        }
        String json = JSON.writerWithDefaultPrettyPrinter().writeValueAsString(root) + "\n";
        return Canonical.utf8(json, Reason.MALFORMED_BUNDLE);
    }

    /**
     * Checks every item against the log's keys, all or nothing.
     *
     * @return the checkpoint of each item
     * @throws LedgerException for the first item that is not proven, with its position and the reason of
     *     {@link TlogProof#verify}; {@code SPLIT_VIEW} when the log signed two roots for one size
     */
    public List<Checkpoint> verify(String origin, Collection<VerifierKey> keys) {
        List<Checkpoint> checkpoints = new ArrayList<>();
        Map<Long, Hash> roots = new HashMap<>();
        for (Item item : items) {
            String which = "item " + (checkpoints.size() + 1) + " of " + items.size() + ": ";
            Checkpoint checkpoint;
            try {
                checkpoint = item.proof.verify(item.entry.leafHash(), origin, keys);
            } catch (LedgerException e) {
                throw new LedgerException(e.reason(), which + e.getMessage(), e);
            }
            Hash earlier = roots.putIfAbsent(checkpoint.size(), checkpoint.root());
            if (earlier != null && !earlier.equals(checkpoint.root())) {
                throw new LedgerException(
                        Reason.SPLIT_VIEW, which + "the log signed another root for the same size before");
            }
            checkpoints.add(checkpoint);
        }
        return List.copyOf(checkpoints);
    }

    private static JsonNode readJson(String json) {
        try {
            return JSON.readTree(json);
        } catch (JacksonException | NumberFormatException e) {
            // Jackson lets the second one escape for exponents that no number can have.
            throw new LedgerException(
                    Reason.MALFORMED_BUNDLE, "not JSON: " + Canonical.shown(String.valueOf(e.getMessage())), e);
        }
    }

    private static ObjectNode object(JsonNode node, String what) {
        if (node instanceof ObjectNode object) {
            return object;
        }
        throw malformed(what + " is not a JSON object");
    }

    private static String text(ObjectNode object, String member) {
        return object.optional(member)
                .flatMap(JsonNode::stringValueOpt)
                .orElseThrow(() -> malformed(member + " is not a string"));
    }

    private static void requireMembers(ObjectNode object, Set<String> known) {
        for (String name : object.propertyNames()) {
            if (!known.contains(name)) {
                throw malformed("unknown member " + Canonical.shown(name));
            }
        }
    }

    private static LedgerException malformed(String why) {
        return new LedgerException(Reason.MALFORMED_BUNDLE, why);
    }
}
