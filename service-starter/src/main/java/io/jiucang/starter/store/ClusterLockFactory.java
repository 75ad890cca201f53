package io.jiucang.starter.store;

import java.util.Collection;
import org.axonframework.common.lock.Lock;
import org.axonframework.common.lock.LockFactory;
import org.axonframework.common.lock.PessimisticLockFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * Locks an aggregate or saga across all replicas of a service until the transaction ends.
 *
 * <p>The lock proper is PostgreSQL's transaction-scoped advisory lock, so that a deadlock between requests, inbox and
 * deadlines is detected by the database and rolled back, and a crash releases it. The lock within the JVM is taken
 * second; it only covers the moment between commit and Axon's clean-up, in which the framework still shares the loaded
 * instance between threads. Its holder never waits for the database, so the two cannot deadlock.
 */
public final class ClusterLockFactory implements LockFactory {

    private final LockFactory withinJvm = PessimisticLockFactory.usingDefaults();
    private final JdbcClient jdbc;

    ClusterLockFactory(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    @Override
    public Lock obtainLock(String identifier) {
        if (!TransactionSynchronizationManager.isActualTransactionActive()) {
            throw new IllegalStateException("a lock needs a transaction that ends it: " + identifier);
        }
        lockUntilTransactionEnds(jdbc, identifier);
        return withinJvm.obtainLock(identifier);
    }

    /** Whether the lock is had; whoever does not get it does not wait. */
    static boolean tryLockUntilTransactionEnds(JdbcClient jdbc, String name) {
        return jdbc.sql("select pg_try_advisory_xact_lock(hashtextextended(?, 0))")
                .param(name)
                .query(Boolean.class)
                .single();
    }

    /**
     * Takes all these locks, in an order that is the same for everyone: who takes what else it needs only afterwards never
     * waits in a circle with others that do the same.
     */
    public static void lockAllUntilTransactionEnds(JdbcClient jdbc, Collection<String> names) {
        if (!names.isEmpty()) {
            jdbc.sql("""
                            select pg_advisory_xact_lock(key)::text from (
                                select distinct hashtextextended(name, 0) as key
                                from unnest(?::text[]) as name order by 1) as sorted""")
                    .param(names.toArray(String[]::new))
                    .query(String.class)
                    .list();
        }
    }

    public static void lockUntilTransactionEnds(JdbcClient jdbc, String name) {
        jdbc.sql("select pg_advisory_xact_lock(hashtextextended(?, 0))::text")
                .param(name)
                .query(String.class)
                .optional();
    }
}
