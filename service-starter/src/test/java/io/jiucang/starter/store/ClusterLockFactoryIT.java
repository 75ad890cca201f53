package io.jiucang.starter.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

import io.jiucang.starter.test.Infrastructure;
import io.jiucang.starter.test.RealInfrastructure;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import javax.sql.DataSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** Two replicas, here two transactions with a lock factory each, on one database. */
@RealInfrastructure
class ClusterLockFactoryIT {

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    /** Beside what runs, and within it. */
    private JdbcClient jdbc;

    private JdbcClient inside;
    private TransactionTemplate transaction;
    private ClusterLockFactory locks;
    private ClusterLockFactory others;

    @BeforeEach
    void connect(Infrastructure infrastructure) {
        DataSource database = infrastructure.dataSource();
        jdbc = JdbcClient.create(infrastructure.dataSource());
        inside = JdbcClient.create(database);
        transaction = new TransactionTemplate(new DataSourceTransactionManager(database));
        locks = new ClusterLockFactory(inside);
        others = new ClusterLockFactory(inside);
    }

    /** Its lock would end with the statement that takes it. */
    @Test
    void refusesWithoutATransactionAndTakesNothing() {
        assertThatIllegalStateException()
                .isThrownBy(() -> locks.obtainLock("order"))
                .withMessage("a lock needs a transaction that ends it: order");

        assertThat(held()).isZero();
    }

    /** Not until it is let go: what it changed is not to be seen before its commit. */
    @Test
    void anotherReplicaWaitsUntilTheTransactionEnds() {
        CountDownLatch end = new CountDownLatch(1);
        CompletableFuture<Void> first = meanwhile(() -> transaction.executeWithoutResult(status -> {
            locks.obtainLock("order").release();
            pass(end);
        }));
        await().atMost(PATIENCE).until(() -> held() == 1);
        CompletableFuture<Void> second = meanwhile(() -> transaction.executeWithoutResult(
                status -> others.obtainLock("order").release()));
        await().atMost(PATIENCE).until(() -> waiting() == 1);
        assertThat(second).isNotDone();

        end.countDown();

        assertThat(first).succeedsWithin(PATIENCE);
        assertThat(second).succeedsWithin(PATIENCE);
        await().atMost(PATIENCE).until(() -> held() == 0);
    }

    @Test
    void aRollbackLetsGoAndOneTransactionMayLockTwice() {
        transaction.executeWithoutResult(status -> {
            locks.obtainLock("order").release();
            locks.obtainLock("order").release();
            assertThat(held()).isEqualTo(1);
            status.setRollbackOnly();
        });

        assertThat(held()).isZero();
    }

    @Test
    void whoeverLocksSomethingElseDoesNotWait() {
        transaction.executeWithoutResult(status -> {
            locks.obtainLock("order").release();
            assertThat(meanwhile(() -> transaction.executeWithoutResult(
                            inner -> others.obtainLock("another").release())))
                    .succeedsWithin(PATIENCE);
        });
    }

    @Test
    void whoeverOnlyTriesDoesNotWait() {
        transaction.executeWithoutResult(status -> {
            locks.obtainLock("order").release();
            CompletableFuture<Boolean> tried = CompletableFuture.supplyAsync(() -> Boolean.TRUE.equals(
                    transaction.execute(inner -> ClusterLockFactory.tryLockUntilTransactionEnds(inside, "order"))));
            assertThat(tried).succeedsWithin(PATIENCE).isEqualTo(false);
        });
    }

    /**
     * One takes b while the other holds a and wants both: in the order of their names' hashes both want the same one first,
     * so one waits, and there is no circle.
     */
    @Test
    void allAtOnceAreTakenInTheSameOrderByEveryone() {
        List<CompletableFuture<Void>> all = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            List<String> names = List.of("a", "b", "c", "d", "e", "f");
            List<String> order = i % 2 == 0 ? names : names.reversed();
            all.add(meanwhile(() -> {
                for (int round = 0; round < 8; round++) {
                    transaction.executeWithoutResult(
                            status -> ClusterLockFactory.lockAllUntilTransactionEnds(inside, order));
                }
            }));
        }

        assertThat(all).allSatisfy(one -> assertThat(one).succeedsWithin(Duration.ofSeconds(60)));
    }

    private static CompletableFuture<Void> meanwhile(Runnable work) {
        return CompletableFuture.runAsync(work, runnable -> Thread.ofVirtual().start(runnable));
    }

    private static void pass(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private long held() {
        return locksThatAre("granted");
    }

    private long waiting() {
        return locksThatAre("not granted");
    }

    private long locksThatAre(String state) {
        return jdbc.sql("select count(*) from pg_locks where locktype = 'advisory' and " + state
                        + " and database = (select oid from pg_database where datname = current_database())")
                .query(Long.class)
                .single();
    }
}
