package io.jiucang.title.directory;

import static io.jiucang.title.directory.DirectoryRefused.Reason.MALFORMED;
import static io.jiucang.title.directory.DirectoryRefused.Reason.NOT_AN_ENVELOPE;
import static io.jiucang.title.directory.DirectoryRefused.Reason.NOT_SIGNED;
import static io.jiucang.title.directory.DirectoryRefused.Reason.NOT_THE_FIRST;
import static io.jiucang.title.directory.DirectoryRefused.Reason.UNKNOWN_LAW;

import io.jiucang.events.EventRefused;
import io.jiucang.events.envelope.Dsse;
import io.jiucang.events.envelope.Ed25519Key;
import io.jiucang.events.envelope.EventSigner;
import io.jiucang.events.envelope.KeyDirectory;
import io.jiucang.title.directory.Document.Account;
import io.jiucang.title.directory.Document.Carrier;
import io.jiucang.title.directory.Document.ListedProviderKey;
import io.jiucang.title.directory.Document.PartyKey;
import io.jiucang.title.directory.Document.ServiceEntry;
import io.jiucang.title.directory.Document.ServiceKey;
import io.jiucang.title.directory.Document.Warehouse;
import io.jiucang.title.directory.Document.Winery;
import io.jiucang.title.form.StrictJson;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** One version of the directory, with the look-ups that the law needs; made by {@link #read} alone. */
public final class Directory {

    /** The one version of the law that this code knows. */
    public static final int LAW = 1;

    /** DSSE's payload type of a directory document. */
    public static final String PAYLOAD_TYPE = "application/vnd.jiucang.directory+json";

    private final byte[] envelope;
    private final Document document;

    private Directory(byte[] envelope, Document document) {
        this.envelope = envelope.clone();
        this.document = document;
    }

    /**
     * Reads the first version.
     *
     * @param envelope a DSSE envelope in the form that {@link Dsse#toJson} writes, its signatures named by their keys'
     *     thumbprints and in the order of these
     * @throws DirectoryRefused with the reason
     */
    public static Directory read(byte[] envelope, Pins pins) {
        Dsse dsse = parse(envelope);
        if (!dsse.payloadType().equals(PAYLOAD_TYPE)) {
            throw new DirectoryRefused(NOT_AN_ENVELOPE, "of type " + dsse.payloadType());
        }
        requireQuorum(dsse, pins);
        return new Directory(envelope, document(dsse.payload(), pins.origin()));
    }

    /** The document as roots sign it: canonical JSON. */
    public static byte[] write(Document document) {
        return StrictJson.write(StrictJson.toObject(document));
    }

    /** The document in its envelope, as {@link #read} takes it. */
    public static byte[] sign(Document document, List<EventSigner> roots) {
        byte[] payload = write(document);
        List<Dsse.Signature> signatures = roots.stream()
                .map(root -> root.sign(PAYLOAD_TYPE, payload))
                .sorted(Comparator.comparing(Dsse.Signature::keyId))
                .toList();
        return new Dsse(PAYLOAD_TYPE, payload, signatures).toJson();
    }

    /** As the roots signed it. */
    public byte[] envelope() {
        return envelope.clone();
    }

    public Document document() {
        return document;
    }

    public Parameters parameters() {
        return document.parameters();
    }

    /** What each service may sign its events with. */
    public KeyDirectory eventKeys() {
        return KeyDirectory.of(document.services().stream()
                .flatMap(entry -> entry.keys().stream()
                        .map(listed -> new KeyDirectory.Key(entry.name().source(), listed.key(), listed.until())))
                .toList());
    }

    public Optional<ServiceKey> serviceKey(Service service, String thumbprint) {
        return document.services().stream()
                .filter(entry -> entry.name() == service)
                .map(ServiceEntry::keys)
                .flatMap(List::stream)
                .filter(listed -> listed.key().thumbprint().equals(thumbprint))
                .findFirst();
    }

    public Optional<Winery> winery(String id) {
        return document.wineries().stream()
                .filter(winery -> winery.id().equals(id))
                .findFirst();
    }

    public Optional<Warehouse> warehouse(String id) {
        return document.warehouses().stream()
                .filter(warehouse -> warehouse.id().equals(id))
                .findFirst();
    }

    public Optional<Warehouse> warehouseAt(String site) {
        return document.warehouses().stream()
                .filter(warehouse -> warehouse.sites().contains(site))
                .findFirst();
    }

    public Optional<Carrier> carrier(String id) {
        return document.carriers().stream()
                .filter(carrier -> carrier.id().equals(id))
                .findFirst();
    }

    /** The keys of a winery, warehouse or carrier; none if there is no such party. */
    public List<PartyKey> partyKeys(String id) {
        return winery(id)
                .map(Winery::keys)
                .or(() -> warehouse(id).map(Warehouse::keys))
                .or(() -> carrier(id).map(Carrier::keys))
                .orElse(List.of());
    }

    public Optional<ListedProviderKey> providerKey(String provider, String serial) {
        return document.providers().stream()
                .filter(entry -> entry.id().equals(provider))
                .map(Document.Provider::keys)
                .flatMap(List::stream)
                .filter(listed -> listed.key().serial().equals(serial))
                .findFirst();
    }

    /** The account of a winery that an offer names. */
    public Optional<Account> account(String winery, String appid, String payee) {
        return winery(winery).map(Winery::accounts).stream()
                .flatMap(List::stream)
                .filter(account ->
                        account.appid().equals(appid) && account.payee().equals(payee))
                .findFirst();
    }

    private static Dsse parse(byte[] envelope) {
        try {
            Dsse dsse = Dsse.parse(envelope);
            if (!Arrays.equals(dsse.toJson(), envelope)) {
                throw new DirectoryRefused(NOT_AN_ENVELOPE, "not in the envelope's one form");
            }
            return dsse;
        } catch (EventRefused e) {
            throw new DirectoryRefused(NOT_AN_ENVELOPE, "not DSSE", e);
        }
    }

    private static void requireQuorum(Dsse dsse, Pins pins) {
        byte[] message = dsse.preAuthenticationEncoding();
        Set<Ed25519Key> signed = new HashSet<>();
        String before = "";
        for (Dsse.Signature signature : dsse.signatures()) {
            String name = signature.keyId();
            Ed25519Key root = pins.roots().stream()
                    .filter(key -> key.thumbprint().equals(name))
                    .findFirst()
                    .orElseThrow(() -> new DirectoryRefused(NOT_SIGNED, "signed by a stranger"));
            if (before.compareTo(name) >= 0 || !root.verifies(message, signature.value())) {
                throw new DirectoryRefused(NOT_SIGNED, "a root's signature that is false, or out of order");
            }
            before = name;
            signed.add(root);
        }
        if (signed.size() < pins.quorum()) {
            throw new DirectoryRefused(NOT_SIGNED, signed.size() + " roots of " + pins.quorum() + " signed");
        }
    }

    /** Version and number come first: what is newer may look otherwise. */
    private static Document document(byte[] payload, String origin) {
        try {
            ObjectNode json = StrictJson.readObject(payload);
            requireNumber(json, "law", LAW, UNKNOWN_LAW);
            requireNumber(json, "number", 1, NOT_THE_FIRST);
            Document document = StrictJson.bind(json, Document.class);
            if (!Arrays.equals(write(document), payload)) {
                throw new DirectoryRefused(MALFORMED, "the document is not in canonical form");
            }
            if (!document.origin().equals(origin)) {
                throw new DirectoryRefused(MALFORMED, "for the ledger " + document.origin());
            }
            return document;
        } catch (IllegalArgumentException e) {
            throw new DirectoryRefused(MALFORMED, "not a directory document: " + e.getMessage(), e);
        }
    }

    private static void requireNumber(ObjectNode json, String name, int known, DirectoryRefused.Reason otherwise) {
        JsonNode value = json.path(name);
        if (!value.isInt() || value.intValue() != known) {
            throw new DirectoryRefused(otherwise, name + " " + value + ", where only " + known + " is known");
        }
    }
}
