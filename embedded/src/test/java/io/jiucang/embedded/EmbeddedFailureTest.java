package io.jiucang.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.jiucang.embedded.EmbeddedFailure.Reason;
import java.io.IOException;
import java.net.BindException;
import java.nio.file.Path;
import java.util.concurrent.CompletionException;
import org.apache.kafka.common.errors.KafkaStorageException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EmbeddedFailureTest {

    private static final Path DIRECTORY = Path.of("data");

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            PANIC:  could not write to file "pg_wal/xlogtemp.7": No space left on device | NO_SPACE
            LOG:  could not bind IPv4 address "127.0.0.1": Address already in use         | PORT_IN_USE
            initdb: error: could not access directory "data": Permission denied           | DIRECTORY_NOT_WRITABLE
            FATAL:  lock file "postmaster.pid" already exists                              | DIRECTORY_IN_USE
            PANIC:  could not locate a valid checkpoint record at 0/1                      | DIRECTORY_DAMAGED
            FATAL:  could not map anonymous shared memory: Cannot allocate memory          | SERVER_FAILED
            """)
    void readsPostgresLog(String said, Reason reason) {
        EmbeddedFailure failure =
                PostgresServer.failure(DIRECTORY, 1, "LOG:  starting\n" + said + "\nLOG:  bye\n", null);
        assertThat(failure.reason()).isEqualTo(reason);
        assertThat(failure).hasMessageContaining(" — ").message().doesNotContain("\n");
    }

    @Test
    void readsKafkasExceptions() {
        assertThat(kafka(new IOException("No space left on device"))).isEqualTo(Reason.NO_SPACE);
        assertThat(kafka(new BindException("Address already in use"))).isEqualTo(Reason.PORT_IN_USE);
        assertThat(kafka(new IOException("x: Permission denied"))).isEqualTo(Reason.DIRECTORY_NOT_WRITABLE);
        assertThat(kafka(new KafkaStorageException("all dirs failed"))).isEqualTo(Reason.DIRECTORY_DAMAGED);
        assertThat(kafka(new IllegalStateException())).isEqualTo(Reason.SERVER_FAILED);
    }

    private static Reason kafka(Exception cause) {
        return KafkaBroker.failure(DIRECTORY, 1, new CompletionException(cause)).reason();
    }

    @Test
    void namesAnUnsupportedPlatform() {
        assertThatExceptionOfType(EmbeddedFailure.class)
                .isThrownBy(() -> PostgresBinaries.archive("SunOS", "sparcv9"))
                .withMessage("There is no embedded PostgreSQL for SunOS on sparcv9"
                        + " — use Linux on x86-64, or docker compose")
                .satisfies(failure -> assertThat(failure.reason()).isEqualTo(Reason.UNSUPPORTED_PLATFORM));
    }
}
