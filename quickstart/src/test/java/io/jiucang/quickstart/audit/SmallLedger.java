package io.jiucang.quickstart.audit;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.cloudevents.CloudEvent;
import io.jiucang.events.DomainEvent;
import io.jiucang.events.LedgerEvent;
import io.jiucang.events.LedgerEvent.Anchor;
import io.jiucang.events.LedgerEvent.EventsAnchored;
import io.jiucang.events.envelope.EventMetadata;
import io.jiucang.events.envelope.EventSigner;
import io.jiucang.events.envelope.SignedEvents;
import io.jiucang.events.value.Sha256;
import io.jiucang.ledger.Checkpoint;
import io.jiucang.ledger.Entry;
import io.jiucang.ledger.Hash;
import io.jiucang.ledger.SigningKey;
import io.jiucang.ledger.TiledTree;
import io.jiucang.ledger.VerifierKey;
import io.jiucang.starter.store.ToldRows.ToldRow;
import io.jiucang.title.directory.Directory;
import io.jiucang.title.directory.Document;
import io.jiucang.title.directory.Document.ServiceEntry;
import io.jiucang.title.directory.Document.ServiceKey;
import io.jiucang.title.directory.Parameters;
import io.jiucang.title.directory.Pins;
import io.jiucang.title.directory.Service;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** A ledger, its topics and the services' rows, in memory: honest, but for what a test does to its parts. */
final class SmallLedger {

    static final String ORIGIN = "ledger.example/small";
    static final Instant NOON = Instant.parse("2026-11-27T12:00:00Z");
    private static final Instant UNTIL = Instant.parse("2099-01-01T00:00:00Z");

    final SigningKey key = SigningKey.of(ORIGIN, seed("checkpoints"));
    final List<Entry> entries = new ArrayList<>();
    final List<Checkpoint> checkpoints = new ArrayList<>();
    final List<CloudEvent> before = new ArrayList<>();
    final List<CloudEvent> after = new ArrayList<>();
    final Map<Hash, byte[]> evidence = new HashMap<>();
    final Map<Service, List<ToldRow>> rows = new EnumMap<>(Service.class);

    private final EventSigner root = new EventSigner(seed("root"));
    private long ticks;
    private long tickedAt;
    private int events;

    /** Begun with its directory and its first tick. */
    SmallLedger() {
        for (Service service : Service.values()) {
            rows.put(service, new ArrayList<>());
        }
        List<ServiceEntry> services = Arrays.stream(Service.values())
                .map(service -> new ServiceEntry(
                        service, List.of(new ServiceKey(signer(service).publicKey(), UNTIL))))
                .toList();
        byte[] directory = Directory.sign(
                new Document(
                        Directory.LAW,
                        1,
                        ORIGIN,
                        Parameters.USUAL,
                        services,
                        List.of(),
                        List.of(),
                        List.of(),
                        List.of()),
                List.of(root));
        tell(Service.LEDGER, new LedgerEvent.DirectoryVersion(new String(directory, US_ASCII)));
        tick(1);
    }

    Pins pins() {
        return new Pins(ORIGIN, List.of(root.publicKey()), 1);
    }

    VerifierKey vkey() {
        return key.verifierKey();
    }

    static EventSigner signer(Service service) {
        return new EventSigner(seed(service.name()));
    }

    /** Recorded, sent, anchored and announced. */
    CloudEvent tell(Service service, DomainEvent event) {
        CloudEvent told = signed(service, event);
        record(service, told);
        before.add(told);
        anchor(told);
        announce();
        return told;
    }

    CloudEvent tick(long number) {
        long at = entries.size();
        CloudEvent tick = tell(
                Service.LEDGER,
                new LedgerEvent.Tick(
                        number,
                        NOON.plusSeconds(60 * ticks),
                        tickedAt,
                        leaf(tickedAt).hex(),
                        leaf(0).hex()));
        ticks++;
        tickedAt = at;
        return tick;
    }

    CloudEvent signed(Service service, DomainEvent event) {
        return signer(service).sign(unsigned(event));
    }

    CloudEvent unsigned(DomainEvent event) {
        String id = "019aa0c0-0000-7000-8000-%012d".formatted(events++);
        return SignedEvents.toCloudEvent(event, new EventMetadata(id, "subject", NOON, 0, id, null, null));
    }

    void record(Service service, CloudEvent event) {
        rowsOf(service).add(row(event));
    }

    static ToldRow row(CloudEvent event) {
        return new ToldRow(event.getId(), SignedEvents.dsseMaterial(event), Optional.of(event));
    }

    List<ToldRow> rowsOf(Service service) {
        return Objects.requireNonNull(rows.get(service));
    }

    void anchor(CloudEvent event) {
        entries.add(Entry.of(SignedEvents.dsseMaterial(event)));
        checkpoints.add(new Checkpoint(ORIGIN, entries.size(), tree().root()));
    }

    /** The last leaf, as the ledger would. */
    CloudEvent announce() {
        long index = entries.size() - 1L;
        CloudEvent announcement = announcement(
                checkpoints.getLast(),
                tree().inclusionProof(index).stream().map(Hash::base64).toList());
        before.add(announcement);
        record(Service.LEDGER, announcement);
        return announcement;
    }

    CloudEvent announcement(Checkpoint checkpoint, List<String> proof) {
        long index = checkpoint.size() - 1;
        CloudEvent event = before.stream()
                .filter(told -> !Gathered.isAnnouncement(told))
                .filter(told -> Gathered.leafOf(told).equals(Optional.of(leaf(index))))
                .findFirst()
                .orElseThrow();
        Anchor anchor = new Anchor(
                event.getSource().toString(), event.getId(), leaf(index).hex(), event.getType(), index, proof);
        return signed(
                Service.LEDGER,
                new EventsAnchored(
                        ORIGIN, checkpoint.size(), checkpoint.sign(key).format(), List.of(anchor)));
    }

    Hash leaf(long index) {
        return entries.get((int) index).leafHash();
    }

    private TiledTree tree() {
        return TiledTree.empty()
                .append(entries.stream().map(Entry::leafHash).toList())
                .tree();
    }

    /** With every row that must be there by now. */
    Gathered gathered() {
        return gathered(entries.size());
    }

    Gathered gathered(long settled) {
        return new Gathered(
                new Gathered.Log(checkpoints.getLast(), entries, checkpoints),
                before,
                after,
                evidence,
                Optional.of(rows),
                settled);
    }

    Report audit() {
        return Audit.of(gathered(), pins(), vkey());
    }

    private static byte[] seed(String name) {
        return Sha256.digest().digest(name.getBytes(US_ASCII));
    }
}
