package io.jiucang.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RestartIT {

    @TempDir
    private Path directory;

    @Test
    void keepsRowsAndRecordsOverACleanRestart() throws Exception {
        try (Journal journal = new Journal(directory)) {
            journal.write(1);
            journal.write(2);
        }
        assertThat(directory.resolve("postgres/data/postmaster.pid")).doesNotExist();
        try (Journal journal = new Journal(directory)) {
            journal.write(3);
            assertThat(journal.rows()).containsExactly(1, 2, 3);
            assertThat(journal.records()).containsExactly(1, 2, 3);
        }
    }

    @Test
    void losesNothingAcknowledgedToAKilledProcess() throws Exception {
        int acknowledged = writeUntilKilled(60);
        ProcessHandle orphan = ProcessHandle.of(postmaster()).orElseThrow();

        try (Journal journal = new Journal(directory)) {
            List<Integer> written =
                    IntStream.rangeClosed(0, acknowledged).boxed().toList();
            assertThat(journal.rows()).containsAll(written).doesNotHaveDuplicates();
            assertThat(journal.records()).containsAll(written);
            assertThat(orphan.isAlive()).isFalse();
            assertThat(postmaster()).isNotEqualTo(orphan.pid());
            journal.write(-1);
            assertThat(journal.rows()).contains(-1);
        }
    }

    @Test
    void stopsAnOrphanSoThatItsDirectoryCanBeDeleted() throws Exception {
        writeUntilKilled(1);
        ProcessHandle orphan = ProcessHandle.of(postmaster()).orElseThrow();
        assertThat(orphan.isAlive()).isTrue();

        PostgresServer.stopOrphan(directory.resolve("postgres"));

        assertThat(orphan.isAlive()).isFalse();
    }

    /** Returns the last entry whose storing the process told us of. */
    private int writeUntilKilled(int least) throws IOException, InterruptedException {
        Process writer = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Journal.class.getName(),
                        directory.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        int last = -1;
        try (BufferedReader told = writer.inputReader()) {
            while (last < least) {
                String line = told.readLine();
                assertThat(line).as("the writer lives").isNotNull();
                last = Integer.parseInt(line);
            }
            assertThatExceptionOfType(EmbeddedFailure.class)
                    .isThrownBy(() -> new Journal(directory))
                    .withMessageContaining("in use by process " + writer.pid());
            writer.toHandle().destroyForcibly();
            for (String line = told.readLine(); line != null; line = told.readLine()) {
                last = Integer.parseInt(line);
            }
        }
        assertThat(writer.waitFor()).isEqualTo(128 + 9);
        return last;
    }

    private long postmaster() throws IOException {
        return Long.parseLong(Files.readAllLines(directory.resolve("postgres/data/postmaster.pid"))
                .getFirst());
    }
}
