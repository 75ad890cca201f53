package io.jiucang.events;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Files that hold what has once been approved; {@code -Dapprove=true} writes them anew. */
public final class Approved {

    private static final Path RESOURCES = Path.of("src/test/resources");

    private Approved() {}

    public static void requireSame(String file, byte[] actual) throws IOException {
        Path path = RESOURCES.resolve(file);
        if (Boolean.getBoolean("approve")) {
            Files.createDirectories(path.getParent());
            Files.write(path, actual);
        }
        assertThat(path).as("approved before (-Dapprove=true approves)").exists();
        assertThat(new String(actual, StandardCharsets.UTF_8)).isEqualTo(Files.readString(path));
    }

    public static byte[] read(String file) throws IOException {
        return Files.readAllBytes(RESOURCES.resolve(file));
    }
}
