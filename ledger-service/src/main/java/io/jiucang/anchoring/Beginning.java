package io.jiucang.anchoring;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.jiucang.events.LedgerEvent.DirectoryVersion;
import io.jiucang.starter.RefusedToStart;
import io.jiucang.starter.ServiceSettings;
import io.jiucang.starter.store.SignedEventStore;
import io.jiucang.title.directory.Directory;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Before anything is read, written or served: the log is what was signed, and its first leaf the directory of parties, on
 * which all that follows stands (law of title, K1).
 */
@Component
final class Beginning implements SmartInitializingSingleton {

    private final TransparencyLog log;
    private final Anchoring anchoring;
    private final Ticks ticks;
    private final SignedEventStore signed;
    private final Directory directory;
    private final ServiceSettings settings;
    private final TransactionTemplate transaction;

    Beginning(
            TransparencyLog log,
            Anchoring anchoring,
            Ticks ticks,
            SignedEventStore signed,
            Directory directory,
            ServiceSettings settings,
            PlatformTransactionManager transactions) {
        this.log = log;
        this.anchoring = anchoring;
        this.ticks = ticks;
        this.signed = signed;
        this.directory = directory;
        this.settings = settings;
        this.transaction = new TransactionTemplate(transactions);
    }

    @Override
    public void afterSingletonsInstantiated() {
        log.open();
        transaction.executeWithoutResult(status -> {
            log.lock();
            if (log.newest().size() == 0) {
                anchoring.tell(version());
                ticks.begin();
            } else {
                requireSameDirectory();
            }
        });
    }

    private DirectoryVersion version() {
        return new DirectoryVersion(new String(directory.envelope(), US_ASCII));
    }

    private void requireSameDirectory() {
        String first = log.leafHash(0);
        boolean same = signed.newest(DirectoryVersion.class)
                .filter(told -> Leaf.of(told).entry().leafHash().hex().equals(first))
                .filter(told -> told.domainEvent(DirectoryVersion.class).equals(version()))
                .isPresent();
        if (!same) {
            throw new RefusedToStart("the log's first leaf is not the directory in " + settings.directory()
                    + ": it is another log's, or another version");
        }
    }
}
