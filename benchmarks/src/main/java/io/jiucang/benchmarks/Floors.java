package io.jiucang.benchmarks;

import io.cloudevents.CloudEvent;
import io.jiucang.embedded.PostgresServer;
import io.jiucang.events.OrderEvent.OrderConfirmed;
import io.jiucang.events.Topics;
import io.jiucang.events.envelope.EventMetadata;
import io.jiucang.events.envelope.EventSigner;
import io.jiucang.events.envelope.EventVerifier;
import io.jiucang.events.envelope.KeyDirectory;
import io.jiucang.events.envelope.SignedEvents;
import io.jiucang.events.value.Ids;
import io.jiucang.events.value.Money;
import io.jiucang.events.value.OrderId;
import io.jiucang.events.value.PaymentId;
import io.jiucang.events.value.PlanId;
import io.jiucang.events.value.SerialRange;
import io.jiucang.events.value.VaultId;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Currency;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * What no service can be faster than, on this machine and its disk: the same PostgreSQL with the same settings doing
 * nothing but inserts, and the signatures alone.
 */
final class Floors {

    static final String COMMIT = "floor.commit";
    static final String BATCH = "floor.batch";
    static final String SIGN = "floor.sign";
    static final String VERIFY = "floor.verify";
    static final String CPU = "floor.cpu";

    /** How many services take an event to heart, on average: each verifies it for itself. */
    private static final int VERIFICATIONS = 5;

    private static final int CONNECTIONS = 8;
    private static final int BATCH_ROWS = 100;
    /** About an event with its envelope. */
    private static final int ROW_BYTES = 1500;

    private static final Duration WARM_UP = Duration.ofSeconds(1);

    private final Duration each;

    Floors(Duration each) {
        this.each = each;
    }

    /** @param directory for a PostgreSQL of its own */
    List<Figure> measure(Path directory) throws InterruptedException {
        List<Figure> figures = new ArrayList<>();
        try (PostgresServer postgres = PostgresServer.start(directory, 0)) {
            PostgresServer.Database database = postgres.createDatabase("floors");
            createTable(database);
            figures.add(new Figure(
                    COMMIT,
                    "JDBC inserts, one a commit, " + CONNECTIONS + " connections",
                    inserts(database, CONNECTIONS, 1),
                    "/s",
                    null));
            figures.add(new Figure(
                    BATCH,
                    "JDBC inserts, " + BATCH_ROWS + " a commit, one connection",
                    inserts(database, 1, BATCH_ROWS),
                    "rows/s",
                    null));
        }
        EventSigner signer = new EventSigner(new SecureRandom().generateSeed(32));
        EventVerifier verifier = new EventVerifier(directoryOf(signer));
        CloudEvent event = event();
        CloudEvent signed = signer.sign(event);
        double signatures = perSecond(() -> signer.sign(event));
        double verifications = perSecond(() -> verifier.verify(signed));
        figures.add(new Figure(SIGN, "events signed, one thread", signatures, "/s", null));
        figures.add(new Figure(VERIFY, "events verified, one thread", verifications, "/s", null));
        figures.add(new Figure(
                CPU,
                "CPU of one signature and " + VERIFICATIONS + " verifications",
                1e3 / signatures + VERIFICATIONS * 1e3 / verifications,
                "ms",
                null));
        return figures;
    }

    private static CloudEvent event() {
        String order = Ids.next();
        return SignedEvents.toCloudEvent(
                new OrderConfirmed(
                        new OrderId(order),
                        new PaymentId(Ids.next()),
                        "buyer",
                        new PlanId(Ids.next()),
                        new VaultId(Ids.next()),
                        List.of(new SerialRange(1, 1)),
                        new Money(Currency.getInstance("CNY"), Shop.unitPrice()),
                        Instant.now()),
                new EventMetadata(Ids.next(), order, Instant.now(), 1, order, Ids.next(), null));
    }

    private static KeyDirectory directoryOf(EventSigner signer) {
        Instant today = Instant.now().truncatedTo(ChronoUnit.DAYS);
        return KeyDirectory.of(List.of(
                new KeyDirectory.Key(Topics.sourceOf("order"), signer.publicKey(), today.plus(2, ChronoUnit.DAYS))));
    }

    private double perSecond(Callable<?> work) {
        run(work, WARM_UP);
        return run(work, each);
    }

    private static double run(Callable<?> work, Duration time) {
        long start = System.nanoTime();
        long done = 0;
        try {
            while (System.nanoTime() - start < time.toNanos()) {
                work.call();
                done++;
            }
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
        return done * 1e9 / (System.nanoTime() - start);
    }

    private static Connection connect(PostgresServer.Database database) throws SQLException {
        return DriverManager.getConnection(
                database.jdbcUrl() + "?reWriteBatchedInserts=true", database.user(), database.password());
    }

    private static void createTable(PostgresServer.Database database) {
        try (Connection connection = connect(database);
                Statement statement = connection.createStatement()) {
            statement.execute("create table floor (id bigint generated always as identity primary key, row bytea)");
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private double inserts(PostgresServer.Database database, int connections, int rows) throws InterruptedException {
        List<Future<Double>> rates = new ArrayList<>();
        try (ExecutorService executor = Executors.newFixedThreadPool(connections)) {
            for (int i = 0; i < connections; i++) {
                rates.add(executor.submit(() -> rows * inserting(database, rows)));
            }
        }
        double sum = 0;
        for (Future<Double> rate : rates) {
            try {
                sum += rate.get();
            } catch (ExecutionException e) {
                throw new IllegalStateException(e);
            }
        }
        return sum;
    }

    /** @return commits a second */
    private double inserting(PostgresServer.Database database, int rows) throws SQLException {
        byte[] row = new byte[ROW_BYTES];
        new SecureRandom().nextBytes(row);
        try (Connection connection = connect(database);
                PreparedStatement insert = connection.prepareStatement("insert into floor (row) values (?)")) {
            connection.setAutoCommit(false);
            return perSecond(() -> {
                for (int i = 0; i < rows; i++) {
                    insert.setBytes(1, row);
                    insert.addBatch();
                }
                insert.executeBatch();
                connection.commit();
                return rows;
            });
        }
    }
}
