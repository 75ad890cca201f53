package io.jiucang.starter.test;

import io.cloudevents.CloudEvent;
import io.jiucang.events.EventRefused;
import io.jiucang.events.EventTypes;
import io.jiucang.events.LedgerEvent;
import io.jiucang.events.LedgerEvent.Anchor;
import io.jiucang.events.LedgerEvent.DirectoryVersion;
import io.jiucang.events.LedgerEvent.EventsAnchored;
import io.jiucang.events.LedgerEvent.TerminalEnrolled;
import io.jiucang.events.LedgerEvent.Tick;
import io.jiucang.events.Topics;
import io.jiucang.events.envelope.EventVerifier;
import io.jiucang.events.envelope.EvidenceRecords;
import io.jiucang.events.envelope.SignedEvents;
import io.jiucang.events.envelope.VerifiedEvent;
import io.jiucang.ledger.Checkpoint;
import io.jiucang.ledger.Hash;
import io.jiucang.ledger.MerkleTree;
import io.jiucang.ledger.SigningKey;
import io.jiucang.ledger.TilePath;
import io.jiucang.ledger.TiledTree;
import io.jiucang.title.event.Cite;
import io.jiucang.title.event.Opening;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.function.Predicate;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * The ledger of a broker, in memory, as ledger-service would be: begins with the directory, says how late it is every second,
 * and anchors every authentic event of all topics, once it has the evidence that it names. Honest, unless a test asks otherwise.
 */
public final class TestLedger implements AutoCloseable {

    private static final Duration POLL = Duration.ofMillis(20);
    private static final int ANCHORS_PER_EVENT = 250;
    private static final Duration TICK_EVERY = Duration.ofSeconds(1);

    private final TestPlatform platform;
    private final String bootstrapServers;
    private final int partitions;
    private final EventVerifier verifier;
    private final KafkaProducer<String, byte[]> producer;
    private final Thread thread;

    private final Map<String, byte[]> tiles = new HashMap<>();
    private final List<Entry> withheld = new ArrayList<>();
    private final Set<Hash> seen = new HashSet<>();
    private final Set<Hash> evidence = new HashSet<>();
    private final Set<String> done = new HashSet<>();
    private TiledTree tree = new TiledTree(0, this::tile);
    private Predicate<CloudEvent> anchored;
    private Cite directory = new Cite(0, MerkleTree.emptyRoot());
    private Cite lastTick = directory;
    private long ticks;

    private volatile boolean closed;

    /** @param evidence what the event names by its hash */
    private record Entry(CloudEvent event, Hash leaf, Optional<Hash> evidence) {

        static Entry of(CloudEvent event) {
            return new Entry(event, MerkleTree.leafHash(SignedEvents.dsseMaterial(event)), Optional.empty());
        }

        static Entry of(VerifiedEvent event) {
            Optional<Hash> evidence = EventTypes.classOf(event.event().getType())
                    .flatMap(known -> Opening.evidenceOf(event.domainEvent()));
            return new Entry(event.event(), Hash.of(event.leafHash()), evidence);
        }
    }

    /** @param partitions of its topic, if it is not there yet */
    TestLedger(TestPlatform platform, String bootstrapServers, int partitions, Predicate<CloudEvent> anchored) {
        this.platform = platform;
        this.bootstrapServers = bootstrapServers;
        this.anchored = anchored;
        this.verifier = new EventVerifier(platform.eventKeys());
        this.partitions = partitions;
        makeTopic(Topics.LEDGER_ANCHORS);
        this.producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", bootstrapServers, "linger.ms", 0),
                new StringSerializer(),
                new ByteArraySerializer());
        directory = tell(directoryVersion());
        lastTick = directory;
        tick();
        this.thread = Thread.ofPlatform().daemon().name("test ledger").start(this::run);
    }

    private DirectoryVersion directoryVersion() {
        try {
            return new DirectoryVersion(Files.readString(platform.directoryFile(), StandardCharsets.US_ASCII));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Which the service under test need not read. */
    private void makeTopic(String name) {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", (Object) bootstrapServers))) {
            admin.createTopics(List.of(new NewTopic(name, partitions, (short) 1)))
                    .all()
                    .get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        } catch (ExecutionException e) {
            if (!(e.getCause() instanceof TopicExistsException)) {
                throw new IllegalStateException(e);
            }
        }
    }

    /** From now on it anchors these alone; of what it knows already, those that it did not anchor and that are of these, too. */
    public synchronized void anchorOnly(Predicate<CloudEvent> events) {
        anchored = events;
    }

    /** Says how late it is, now. */
    public Cite tick() {
        return tick(Instant.now());
    }

    /** Says that it is as late as that. */
    public synchronized Cite tick(Instant time) {
        Instant second = time.truncatedTo(ChronoUnit.SECONDS);
        lastTick = tell(new Tick(
                ticks + 1,
                second,
                lastTick.index(),
                lastTick.leaf().hex(),
                directory.leaf().hex()));
        ticks++;
        return lastTick;
    }

    /** Tells an event of its own, and anchors it. */
    public synchronized Cite tell(LedgerEvent event) {
        CloudEvent signed = platform.signed(event, TestPlatform.ORIGIN);
        send(signed);
        Cite at = new Cite(tree.size(), Entry.of(signed).leaf);
        publish(anchor(signed));
        return at;
    }

    /** Sends another service's event, and anchors it. */
    public synchronized Cite tell(CloudEvent event) {
        Entry entry = Entry.of(event);
        seen.add(entry.leaf);
        once(
                "topic " + event.getSource(),
                () -> makeTopic(SignedEvents.toRecord(event).topic()));
        send(event);
        Cite at = new Cite(tree.size(), entry.leaf);
        publish(anchor(event));
        return at;
    }

    /** Sends bytes that an event will name. */
    public void tellEvidence(byte[] bytes) {
        once("topic of evidence", () -> makeTopic(Topics.EVIDENCE));
        send(EvidenceRecords.toRecord(bytes));
    }

    /** Does this for the ledger's first time with that name. */
    synchronized void once(String name, Runnable what) {
        if (done.add(name)) {
            what.run();
        }
    }

    /** Takes a party's statement that a terminal is its own. */
    public Cite enrol(String terminal, String statement) {
        return tell(new TerminalEnrolled(terminal, statement));
    }

    /** Appends the events, and gives what it would tell: that is the caller's to publish. */
    public EventsAnchored anchor(CloudEvent... events) {
        return anchor(Arrays.stream(events).map(Entry::of).toList());
    }

    private synchronized EventsAnchored anchor(List<Entry> events) {
        TiledTree.Appended appended = appended(events);
        appended.changed().forEach(tile -> tiles.put(key(tile.path()), tile.bytes()));
        tree = appended.tree();
        return anchors(tree, events, platform.ledgerKey());
    }

    /** The same by somebody who only claims to be the ledger: nothing is appended. */
    public synchronized EventsAnchored anchorAsImpostor(CloudEvent... events) {
        Map<String, byte[]> copy = new HashMap<>(tiles);
        List<Entry> entries = Arrays.stream(events).map(Entry::of).toList();
        TiledTree.Appended appended = appended(entries);
        appended.changed().forEach(tile -> tiles.put(key(tile.path()), tile.bytes()));
        try {
            return anchors(appended.tree(), entries, SigningKey.of(TestPlatform.ORIGIN, TestPlatform.randomSeed()));
        } finally {
            tiles.clear();
            tiles.putAll(copy);
        }
    }

    private TiledTree.Appended appended(List<Entry> events) {
        return tree.append(events.stream().map(Entry::leaf).toList());
    }

    private static EventsAnchored anchors(TiledTree tree, List<Entry> events, SigningKey signer) {
        long first = tree.size() - events.size();
        List<Anchor> anchors = new ArrayList<>();
        for (int i = 0; i < events.size(); i++) {
            CloudEvent event = events.get(i).event;
            anchors.add(new Anchor(
                    event.getSource().toString(),
                    event.getId(),
                    events.get(i).leaf.hex(),
                    event.getType(),
                    first + i,
                    tree.inclusionProof(first + i).stream().map(Hash::base64).toList()));
        }
        String checkpoint = new Checkpoint(TestPlatform.ORIGIN, tree.size(), tree.root())
                .sign(signer)
                .format();
        return new EventsAnchored(TestPlatform.ORIGIN, tree.size(), checkpoint, anchors);
    }

    /** The anchors with each proof's first hash replaced. */
    public static EventsAnchored withFalseProofs(EventsAnchored honest) {
        List<Anchor> anchors = honest.anchors().stream()
                .map(anchor -> {
                    List<String> proof = new ArrayList<>(anchor.proof());
                    proof.set(0, MerkleTree.leafHash(new byte[] {1}).base64());
                    return new Anchor(
                            anchor.source(), anchor.eventId(), anchor.leafHash(), anchor.type(), anchor.index(), proof);
                })
                .toList();
        return new EventsAnchored(honest.origin(), honest.treeSize(), honest.checkpoint(), anchors);
    }

    private void publish(EventsAnchored anchors) {
        send(platform.signed(anchors, TestPlatform.ORIGIN));
    }

    private void send(CloudEvent event) {
        send(SignedEvents.toRecord(event));
    }

    private void send(ProducerRecord<String, byte[]> record) {
        try {
            producer.send(record).get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    private void run() {
        Set<String> topics = new HashSet<>(Topics.all());
        topics.remove(Topics.LEDGER_ANCHORS);
        topics.add(Topics.EVIDENCE);
        Instant nextTick = Instant.now().plus(TICK_EVERY);
        try (KafkaConsumer<String, byte[]> consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", bootstrapServers, "auto.offset.reset", "earliest", "fetch.max.wait.ms", 20),
                new StringDeserializer(),
                new ByteArrayDeserializer())) {
            while (!closed) {
                List<TopicPartition> there = consumer.listTopics().entrySet().stream()
                        .filter(topic -> topics.contains(topic.getKey()))
                        .flatMap(topic -> topic.getValue().stream())
                        .map(partition -> new TopicPartition(partition.topic(), partition.partition()))
                        .toList();
                consumer.assign(there);
                List<Entry> events = new ArrayList<>();
                if (!there.isEmpty()) {
                    consumer.poll(POLL).forEach(record -> read(record).ifPresent(events::add));
                }
                take(events);
                if (Instant.now().isAfter(nextTick)) {
                    tick();
                    nextTick = Instant.now().plus(TICK_EVERY);
                }
            }
        }
    }

    /** What is to be anchored; evidence is not. */
    private Optional<Entry> read(ConsumerRecord<String, byte[]> record) {
        try {
            if (record.topic().equals(Topics.EVIDENCE)) {
                EvidenceRecords.content(record);
                evidence.add(Hash.ofHex(record.key()));
                return Optional.empty();
            }
            return Optional.of(Entry.of(verifier.verify(record)));
        } catch (EventRefused e) {
            return Optional.empty();
        }
    }

    private synchronized void take(List<Entry> events) {
        events.stream().filter(event -> seen.add(event.leaf)).forEach(withheld::add);
        List<Entry> batch = withheld.stream()
                .filter(entry -> anchored.test(entry.event))
                .filter(entry -> entry.evidence.map(evidence::contains).orElse(true))
                .toList();
        withheld.removeAll(batch);
        for (int from = 0; from < batch.size(); from += ANCHORS_PER_EVENT) {
            publish(anchor(batch.subList(from, Math.min(from + ANCHORS_PER_EVENT, batch.size()))));
        }
    }

    private Optional<byte[]> tile(TilePath path) {
        return Optional.ofNullable(tiles.get(key(path)));
    }

    /** A tile only ever grows, so its widest version serves for all. */
    private static String key(TilePath path) {
        return path.level() + "/" + path.index();
    }

    @Override
    public void close() {
        closed = true;
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        producer.close();
    }
}
