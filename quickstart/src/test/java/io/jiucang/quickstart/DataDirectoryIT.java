package io.jiucang.quickstart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataDirectoryIT {

    @TempDir
    private Path parent;

    private Path path;

    @BeforeEach
    void name() {
        path = parent.resolve("data");
    }

    @Test
    void keepsWhatItHolds() throws Exception {
        try (DataDirectory first = DataDirectory.open(path)) {
            assertThat(first.holdsData()).isFalse();
            Files.writeString(path.resolve("file"), "kept");
        }
        try (DataDirectory again = DataDirectory.open(path)) {
            again.requireReadable();
            assertThat(again.holdsData()).isTrue();
            assertThat(path.resolve("file")).hasContent("kept");
        }
    }

    @Test
    void clearsEverythingButItself() throws Exception {
        Path elsewhere = Files.writeString(
                Files.createDirectory(parent.resolve("elsewhere")).resolve("letter"), "Dear Li,");
        try (DataDirectory directory = DataDirectory.open(path)) {
            Files.createDirectories(path.resolve("deep/er"));
            Files.writeString(path.resolve("deep/er/file"), "gone");
            Files.createSymbolicLink(path.resolve("link"), elsewhere.getParent());

            directory.clear();

            assertThat(directory.holdsData()).isFalse();
            assertThat(elsewhere).hasContent("Dear Li,");
        }
        DataDirectory.open(path).close();
    }

    @Test
    void leavesAloneWhatIsSomebodyElses() throws Exception {
        Files.createDirectories(path);
        Path letter = Files.writeString(path.resolve("letter"), "Dear Li,");
        assertThatIllegalStateException()
                .isThrownBy(() -> DataDirectory.open(path))
                .withMessageContaining("no mark of Jiucang's")
                .withMessageContaining(" — ");
        assertThat(path).isDirectoryContaining(file -> file.equals(letter));
        assertThat(path.resolve(DataDirectory.MARK)).doesNotExist();
    }

    @Test
    void doesNotReadWhatAnotherVersionWrote() throws Exception {
        DataDirectory.open(path).close();
        Files.writeString(path.resolve(DataDirectory.MARK), "Jiucang keeps its data here. Version 0\n");
        try (DataDirectory older = DataDirectory.open(path)) {
            assertThatIllegalStateException()
                    .isThrownBy(older::requireReadable)
                    .withMessageContaining("another version of Jiucang — start over with --fresh");
            older.clear();
            older.requireReadable();
        }
    }

    /** Half of a database beside a whole log would be worse than neither. */
    @Test
    void finishesADeletionThatWasCutShort() throws Exception {
        try (DataDirectory directory = DataDirectory.open(path)) {
            directory.clear();
        }
        Files.writeString(path.resolve("file"), "not gone yet");
        Files.writeString(path.resolve(DataDirectory.MARK), DataDirectory.HALF_DELETED);
        try (DataDirectory again = DataDirectory.open(path)) {
            again.requireReadable();
            assertThat(again.holdsData()).isFalse();
        }
    }

    @Test
    void isHeldByOneProcessAtATime() throws Exception {
        Process other = holderInAnotherProcess();
        try {
            assertThat(other.inputReader().readLine()).isEqualTo("held");
            assertThatIllegalStateException()
                    .isThrownBy(() -> DataDirectory.open(path))
                    .withMessageContaining("in use by another ./run up or demo — ");
        } finally {
            other.destroyForcibly().waitFor();
        }
        DataDirectory.open(path).close();
    }

    private Process holderInAnotherProcess() throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Holder.class.getName(),
                        path.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    /** Holds a directory until it is killed. */
    static final class Holder {

        private Holder() {}

        public static void main(String[] args) throws Exception {
            DataDirectory.open(Path.of(args[0]));
            System.out.println("held");
            System.in.read();
        }
    }
}
