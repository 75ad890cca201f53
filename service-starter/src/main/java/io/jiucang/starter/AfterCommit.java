package io.jiucang.starter;

import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/** What is to be done, counted or told only once the running transaction has committed: it may be undone, and begun again. */
public final class AfterCommit {

    private AfterCommit() {}

    /** @throws IllegalStateException if there is no transaction */
    public static void run(Runnable action) {
        if (!TransactionSynchronizationManager.isActualTransactionActive()) {
            throw new IllegalStateException("there is no transaction to wait for");
        }
        TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {
            @Override
            public void afterCommit() {
                action.run();
            }
        });
    }
}
