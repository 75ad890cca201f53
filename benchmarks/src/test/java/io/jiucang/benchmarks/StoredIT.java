package io.jiucang.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoredIT {

    @TempDir
    Path stack;

    @Test
    void countsTablesSegmentsAndLogsAndNothingElse() throws Exception {
        write("data/postgres/data/base/5/16384", 300);
        write("data/postgres/data/pg_wal/000000010000000000000001", 5000);
        write("data/kafka/order.events.v1-0/00000000000000000000.log", 20);
        write("data/kafka/order.events.v1-0/00000000000000000000.index", 5000);
        write("logs/jiucang.log", 1);
        write("logs/jiucang.log.1", 2);
        write("logs/build.log", 5000);

        assertThat(Stored.in(stack.resolve("data"), stack.resolve("logs"))).isEqualTo(new Stored(300, 20, 3));
    }

    @Test
    void whatIsNotThereIsNothing() {
        assertThat(Stored.in(stack.resolve("data"), stack.resolve("logs"))).isEqualTo(new Stored(0, 0, 0));
    }

    private void write(String file, int bytes) throws Exception {
        Path path = stack.resolve(file);
        Files.createDirectories(path.getParent());
        Files.write(path, new byte[bytes]);
    }
}
