package io.jiucang.title;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/** The project's documents, as the tests hold them to the code. */
public final class Page {

    private static final Path ROOT = root();

    private Page() {}

    public static String read(String path) {
        try {
            return Files.readString(ROOT.resolve(path));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** With {@code -Dapprove=true} the file becomes what it should be. */
    public static void requireSame(String path, String expected) {
        try {
            if (Boolean.getBoolean("approve")) {
                Files.writeString(ROOT.resolve(path), expected);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        assertThat(read(path)).as(path).isEqualTo(expected);
    }

    /** The cells of a Markdown table's rows, wherever in the page. */
    public static List<List<String>> rows(String path) {
        return read(path)
                .lines()
                .filter(line -> line.startsWith("| ") && line.endsWith(" |"))
                .map(line -> Stream.of(line.substring(1, line.length() - 1).split("\\|", -1))
                        .map(String::strip)
                        .toList())
                .toList();
    }

    public static List<Path> testSources() {
        try (Stream<Path> files = Files.walk(ROOT.resolve("title/src/test/java"))) {
            return files.filter(file -> file.toString().endsWith(".java")).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static boolean exists(String path) {
        return Files.exists(ROOT.resolve(path));
    }

    private static Path root() {
        Path directory = Path.of("").toAbsolutePath();
        while (!Files.exists(directory.resolve("run"))) {
            directory = Objects.requireNonNull(directory.getParent(), "run within the project");
        }
        return directory;
    }
}
