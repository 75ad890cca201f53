package io.jiucang.anchoring;

import static io.jiucang.anchoring.LogFixtures.FLIP;
import static io.jiucang.anchoring.LogFixtures.KEY;
import static io.jiucang.anchoring.LogFixtures.ORIGIN;
import static io.jiucang.anchoring.LogFixtures.SEED;
import static io.jiucang.anchoring.LogFixtures.TRUSTED;
import static io.jiucang.anchoring.LogFixtures.leaves;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.jiucang.anchoring.LogStore.StoredCheckpoint;
import io.jiucang.anchoring.LogStore.StoredEntry;
import io.jiucang.anchoring.TransparencyLog.Batch;
import io.jiucang.ledger.Checkpoint;
import io.jiucang.ledger.Entry;
import io.jiucang.ledger.Hash;
import io.jiucang.ledger.MerkleTree;
import io.jiucang.ledger.SignedNote;
import io.jiucang.ledger.TilePath;
import io.jiucang.ledger.TiledTree;
import io.jiucang.starter.test.Infrastructure;
import io.jiucang.starter.test.RealInfrastructure;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.dao.OptimisticLockingFailureException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

@RealInfrastructure
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TransparencyLogIT {

    private static final long WHOLE_LOG = Long.MAX_VALUE;

    private final HikariDataSource database;
    private final JdbcClient jdbc;
    private final LogStore store;
    private final DataSourceTransactionManager transactions;
    private final TransactionTemplate transaction;

    TransparencyLogIT(Infrastructure infrastructure) {
        HikariConfig pool = new HikariConfig();
        pool.setJdbcUrl(infrastructure.jdbcUrl());
        pool.setUsername(infrastructure.user());
        pool.setPassword(infrastructure.password());
        database = new HikariDataSource(pool);
        jdbc = JdbcClient.create(database);
        store = new LogStore(jdbc);
        transactions = new DataSourceTransactionManager(database);
        transaction = new TransactionTemplate(transactions);
    }

    @BeforeAll
    void createTables() {
        Flyway.configure()
                .dataSource(database)
                .locations("classpath:db/starter", "classpath:db/ledger")
                .load()
                .migrate();
    }

    @AfterAll
    void disconnect() {
        database.close();
    }

    @BeforeEach
    void empty() {
        execute("truncate entry, tile, checkpoint");
    }

    /** I5. */
    @Test
    void everyRootIsConsistentWithEveryEarlierOne() {
        TransparencyLog log = started();
        for (int size : new int[] {1, 1, 2, 3, 249, 1, 255, 256, 257, 700, 44}) {
            append(log, leaves(size));
        }

        List<Checkpoint> signed = signedCheckpoints();
        assertThat(signed)
                .hasSize(12)
                .extracting(Checkpoint::size)
                .startsWith(0L, 1L)
                .endsWith(1769L);
        TiledTree tree = new TiledTree(1769, store);
        for (Checkpoint later : signed) {
            for (Checkpoint earlier : signed) {
                if (earlier.size() > 0 && earlier.size() <= later.size()) {
                    MerkleTree.verifyConsistency(
                            earlier.size(),
                            earlier.root(),
                            later.size(),
                            later.root(),
                            tree.consistencyProof(earlier.size(), later.size()));
                }
            }
        }
    }

    @Test
    void givesIndexesWithoutGapsInTheOrderOfTheBatch() {
        TransparencyLog log = started();
        List<Leaf> first = leaves(3);
        List<Leaf> second = leaves(300);
        append(log, first);
        Batch batch = append(log, second);

        assertThat(batch.firstIndex()).isEqualTo(3);
        assertThat(store.entries(0, 303))
                .isEqualTo(Stream.concat(first.stream(), second.stream())
                        .map(Leaf::entry)
                        .toList());
        for (int i = 0; i < second.size(); i++) {
            MerkleTree.verifyInclusion(
                    second.get(i).entry().leafHash(),
                    3 + i,
                    303,
                    batch.tree().inclusionProof(3 + i),
                    Checkpoint.open(batch.checkpoint(), ORIGIN, TRUSTED).root());
        }
    }

    @Test
    void anchorsAnEventOnceHoweverOftenItComes() {
        TransparencyLog log = started();
        List<Leaf> leaves = leaves(5);
        append(log, leaves);
        List<String> before = signedNotes();

        assertThat(appendIfAbsent(log, leaves)).isEmpty();
        assertThat(signedNotes()).isEqualTo(before);

        Leaf fresh = leaves(1).getFirst();
        Batch batch = append(log, List.of(leaves.get(4), fresh, leaves.get(0), fresh));
        assertThat(batch.leaves()).containsExactly(fresh);
        assertThat(batch.tree().size()).isEqualTo(6);
        assertThat(store.countEntries()).isEqualTo(6);
    }

    @Test
    void tellsEventsOfOneIdByTheirSources() {
        TransparencyLog log = started();
        Leaf one = leaves(1).getFirst();
        Leaf other = new Leaf("urn:jiucang:token-service", one.eventId(), one.type(), Entry.of(new byte[] {1}));
        append(log, List.of(one, other));

        assertThat(log.entriesOf(one.eventId()))
                .extracting(StoredEntry::source, StoredEntry::index)
                .containsExactlyInAnyOrder(tuple(one.source(), 0L), tuple(other.source(), 1L));
    }

    @Test
    void anAppendThatIsRolledBackLeavesNothing() {
        TransparencyLog log = started();
        append(log, leaves(200));
        List<String> before = signedNotes();
        List<Leaf> lost = leaves(100);

        assertThatThrownBy(() -> transaction.executeWithoutResult(status -> {
                    assertThat(log.append(lost)).isPresent();
                    throw new IllegalStateException("crash");
                }))
                .hasMessage("crash");

        assertThat(signedNotes()).isEqualTo(before);
        assertThat(store.countEntries()).isEqualTo(200);
        assertThat(log.resource(TilePath.parse("tile/entries/000.p/201"))).isEmpty();
        // Nothing of the lost batch was promised to anyone: its indexes are given to the next one.
        assertThat(append(log, leaves(7)).firstIndex()).isEqualTo(200);
        started();
    }

    @Test
    void appendsOnlyInATransaction() {
        TransparencyLog log = started();
        assertThatThrownBy(() -> log.append(leaves(1))).isInstanceOf(IllegalStateException.class);
        assertThat(store.countEntries()).isZero();
    }

    @Test
    void writersOfSeveralReplicasNeverFork() throws Exception {
        int replicas = 3;
        int batches = 25;
        CyclicBarrier together = new CyclicBarrier(replicas);
        List<Callable<Long>> writers = IntStream.range(0, replicas)
                .<Callable<Long>>mapToObj(replica -> () -> {
                    together.await();
                    TransparencyLog log = started();
                    long appended = 0;
                    for (int i = 0; i < batches; i++) {
                        appended += append(log, leaves(1 + (i * 7 + replica) % 40))
                                .leaves()
                                .size();
                    }
                    return appended;
                })
                .toList();
        long appended = 0;
        try (ExecutorService threads = Executors.newFixedThreadPool(replicas)) {
            for (Future<Long> writer : threads.invokeAll(writers)) {
                appended += writer.get();
            }
        }

        assertThat(store.countEntries()).isEqualTo(appended);
        assertThat(signedCheckpoints()).hasSize(1 + replicas * batches);
        // Recomputes everything, the root of each of these checkpoints included.
        assertThat(Checkpoint.parse(SignedNote.parse(started().newest().note()).text())
                        .size())
                .isEqualTo(appended);
    }

    @Test
    void theDatabaseAdmitsOneCheckpointOfASizeAndOneSuccessor() {
        TransparencyLog log = started();
        append(log, leaves(5));
        append(log, leaves(5));
        StoredCheckpoint sameSize =
                new StoredCheckpoint(10, "another root", Clock.systemUTC().instant());
        StoredCheckpoint sameParent =
                new StoredCheckpoint(11, "another branch", Clock.systemUTC().instant());
        StoredCheckpoint secondBeginning =
                new StoredCheckpoint(12, "another beginning", Clock.systemUTC().instant());

        assertThatExceptionOfType(OptimisticLockingFailureException.class).isThrownBy(() -> store.add(sameSize, 0L));
        assertThatExceptionOfType(OptimisticLockingFailureException.class).isThrownBy(() -> store.add(sameParent, 5L));
        assertThatExceptionOfType(OptimisticLockingFailureException.class)
                .isThrownBy(() -> store.add(secondBeginning, null));
        assertThat(signedCheckpoints()).hasSize(3);
    }

    @Test
    void provesEveryEntryToWhoeverHasItAndTheKey() {
        TransparencyLog log = started();
        List<Leaf> leaves = leaves(600);
        append(log, leaves.subList(0, 333));
        append(log, leaves.subList(333, 600));
        for (Leaf leaf : leaves) {
            StoredEntry stored = log.entriesOf(leaf.eventId()).getFirst();
            Checkpoint checkpoint =
                    log.prove(stored).proof().verify(leaf.entry().leafHash(), ORIGIN, TRUSTED);
            assertThat(checkpoint.size()).isEqualTo(600);
        }
    }

    @Test
    void servesTilesOfEverySizeItHadAndNoneItHasNot() {
        TransparencyLog log = started();
        append(log, leaves(300));
        append(log, leaves(300));

        byte[] full = log.resource(TilePath.parse("tile/0/000")).orElseThrow();
        assertThat(full).hasSize(256 * Hash.LENGTH);
        assertThat(log.resource(TilePath.parse("tile/0/000.p/44")).orElseThrow())
                .isEqualTo(Arrays.copyOf(full, 44 * Hash.LENGTH));
        assertThat(log.resource(TilePath.parse("tile/1/000.p/2"))).isPresent();
        assertThat(log.resource(TilePath.parse("tile/entries/002.p/88"))).isPresent();
        for (String missing : List.of(
                "tile/0/002",
                "tile/0/002.p/89",
                "tile/1/000",
                "tile/1/000.p/3",
                "tile/2/000.p/1",
                "tile/63/000.p/1",
                "tile/entries/002",
                "tile/entries/003.p/1",
                "tile/entries/x018/x446/x744/x073/x709/x551/615")) {
            assertThat(log.resource(TilePath.parse(missing))).as(missing).isEmpty();
        }
    }

    /** 1,000 entries: three full tiles, a partial one of 232, and checkpoints of 300, 700 and 1,000. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        an entry was altered         | update entry set bytes = '\\x00' where index = 17
        the last entry was altered   | update entry set bytes = '\\x00' where index = 999
        an entry was removed         | delete from entry where index = 400
        an entry was added           | insert into entry select 1000, 'x', source, event_id, bytes from entry where index = 1
        an entry replaces another    | update entry e set bytes = o.bytes from entry o where e.index = 5 and o.index = 6
        an entry was moved           | update entry set index = 1000 where index = 999
        a full tile was altered      | update tile set hashes = set_byte(hashes, 900, 255 - get_byte(hashes, 900)) where level = 0 and index = 1
        the right edge was altered   | update tile set hashes = set_byte(hashes, 900, 255 - get_byte(hashes, 900)) where level = 0 and index = 3
        an upper tile was altered    | update tile set hashes = set_byte(hashes, 40, 255 - get_byte(hashes, 40)) where level = 1
        a tile was cut               | update tile set hashes = substr(hashes, 1, 8000) where level = 0 and index = 0
        a tile is missing            | delete from tile where level = 0 and index = 2
        the checkpoint is missing    | delete from checkpoint where size = 1000
        all checkpoints are missing  | delete from checkpoint
        a checkpoint was altered     | update checkpoint set note = replace(note, E'\\n1000\\n', E'\\n1001\\n') where size = 1000
        an old one was altered       | update checkpoint set note = replace(note, E'\\n300\\n', E'\\n301\\n') where size = 300
        a checkpoint is another's    | update checkpoint set note = (select note from checkpoint where size = 700) where size = 1000
        a checkpoint is unreadable   | update checkpoint set note = '' where size = 1000
        """)
    void refusesToStartWhen(String damage, String sql) {
        TransparencyLog log = started();
        append(log, leaves(300));
        append(log, leaves(400));
        append(log, leaves(300));
        started();

        execute(sql);
        List<String> before = signedNotes();
        assertThatExceptionOfType(LogDamaged.class)
                .as(damage)
                .isThrownBy(this::started)
                .withMessageNotContaining("null");
        assertThat(signedNotes()).isEqualTo(before);
    }

    @Test
    void refusesToStartWhenTheCheckpointIsProperlySignedForAnotherTree() {
        TransparencyLog log = started();
        append(log, leaves(10));
        SignedNote other = new Checkpoint(ORIGIN, 10, MerkleTree.leafHash(new byte[0])).sign(KEY);
        jdbc.sql("update checkpoint set note = :note where size = 10")
                .param("note", other.format())
                .update();
        assertThatExceptionOfType(LogDamaged.class).isThrownBy(this::started).withMessageContaining("at size 10");
    }

    @Test
    void refusesToStartWithAnotherKeyOrOrigin() {
        append(started(), leaves(10));
        byte[] otherSeed = SEED.clone();
        otherSeed[0] = 1;
        assertThatExceptionOfType(LogDamaged.class).isThrownBy(() -> started(ORIGIN, otherSeed, WHOLE_LOG));
        assertThatExceptionOfType(LogDamaged.class).isThrownBy(() -> started("ledger.other", SEED, WHOLE_LOG));
    }

    @Test
    void recomputesOnlyAsMuchAtStartAsItIsTold() {
        append(started(), leaves(1000));
        execute("update entry set bytes = '\\x00' where index = 255");
        assertThat(started(ORIGIN, SEED, 744).newest().size()).isEqualTo(1000);
        assertThatExceptionOfType(LogDamaged.class).isThrownBy(() -> started(ORIGIN, SEED, 745));
    }

    @Test
    void signsNothingOnTopOfADamagedLog() {
        TransparencyLog log = started();
        append(log, leaves(300));
        execute(FLIP + "where level = 0 and index = 1");

        // As what the inbox takes for a reason to wait, not for the fault of an event.
        assertThatExceptionOfType(DataAccessResourceFailureException.class)
                .isThrownBy(() -> append(log, leaves(1)))
                .isInstanceOf(LogDamaged.class);
        assertThat(signedCheckpoints()).hasSize(2);
        assertThat(store.countEntries()).isEqualTo(300);
    }

    @Test
    void signsNothingThatTheDatabaseDoesNotGiveBack() {
        TransparencyLog log = started();
        execute("""
                create function falsify() returns trigger language plpgsql as
                $$ begin new.bytes := '\\x00'; return new; end $$""");
        execute("create trigger falsify before insert on entry for each row execute function falsify()");
        try {
            assertThatExceptionOfType(LogDamaged.class).isThrownBy(() -> append(log, leaves(3)));
        } finally {
            execute("drop function falsify cascade");
        }
        assertThat(signedCheckpoints()).hasSize(1);
        assertThat(append(log, leaves(3)).firstIndex()).isZero();
    }

    @Test
    void handsOutNoProofThatDoesNotHold() {
        TransparencyLog log = started();
        List<Leaf> leaves = leaves(300);
        append(log, leaves);
        execute(FLIP + "where level = 0 and index = 0");
        StoredEntry entry = log.entriesOf(leaves.get(1).eventId()).getFirst();
        assertThatExceptionOfType(LogDamaged.class).isThrownBy(() -> log.prove(entry));
    }

    private TransparencyLog started() {
        return started(ORIGIN, SEED, WHOLE_LOG);
    }

    private TransparencyLog started(String origin, byte[] seed, long recomputeAtStart) {
        LedgerSettings settings =
                new LedgerSettings(LogFixtures.keyFile(seed), recomputeAtStart, Duration.ofMinutes(1));
        TransparencyLog log =
                new TransparencyLog(settings.signingKey(origin), settings, store, Clock.systemUTC(), transactions);
        log.open();
        return log;
    }

    private Batch append(TransparencyLog log, List<Leaf> leaves) {
        return appendIfAbsent(log, leaves).orElseThrow();
    }

    private Optional<Batch> appendIfAbsent(TransparencyLog log, List<Leaf> leaves) {
        return transaction.execute(status -> log.append(leaves));
    }

    private List<String> signedNotes() {
        return jdbc.sql("select note from checkpoint order by size")
                .query((row, number) -> row.getString(1))
                .list();
    }

    private List<Checkpoint> signedCheckpoints() {
        return signedNotes().stream()
                .map(note -> Checkpoint.open(SignedNote.parse(note), ORIGIN, TRUSTED))
                .toList();
    }

    private void execute(String sql) {
        jdbc.sql(sql).update();
    }
}
