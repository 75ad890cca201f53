package io.jiucang.quickstart;

import io.jiucang.embedded.PostgresServer;
import io.jiucang.events.value.Sha256;
import io.jiucang.ledger.Hash;
import io.jiucang.starter.store.ToldRows;
import io.jiucang.starter.store.ToldRows.ToldRow;
import io.jiucang.title.directory.Service;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/** The databases of a running stack's services, as its operator sees them. */
final class Databases {

    private final String password;

    private Databases(String password) {
        this.password = password;
    }

    /** @return empty if no stack keeps its databases there */
    static Optional<Databases> of(Path data) {
        return PostgresServer.passwordOf(data.resolve("postgres")).map(Databases::new);
    }

    /** What each service has recorded as told. */
    Map<Service, List<ToldRow>> toldRows() {
        Map<Service, List<ToldRow>> rows = new EnumMap<>(Service.class);
        for (Service service : Service.values()) {
            rows.put(service, ToldRows.read(JdbcClient.create(open(service))));
        }
        return rows;
    }

    /** What ledger-service keeps of the bytes that events name by their SHA-256, for as long as it does. */
    Map<Hash, byte[]> evidence() {
        Map<Hash, byte[]> evidence = new HashMap<>();
        JdbcClient.create(open(Service.LEDGER))
                .sql("select content from evidence where content is not null")
                .query((row, number) -> row.getBytes(1))
                .list()
                .forEach(content -> evidence.put(Hash.of(Sha256.digest().digest(content)), content));
        return evidence;
    }

    DriverManagerDataSource open(Service service) {
        String database = service.name().toLowerCase(Locale.ROOT) + "_service";
        return new DriverManagerDataSource(
                "jdbc:postgresql://localhost:" + Stack.POSTGRES_PORT + "/" + database, "postgres", password);
    }
}
