package io.jiucang.quickstart;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Where a stack keeps everything. A mark says that it is ours, and a lock on the mark that nobody else is at it: only
 * what carries the mark, and is locked, is ever deleted.
 */
final class DataDirectory implements AutoCloseable {

    static final String MARK = ".jiucang-data";

    /** The number changes when what an earlier program has stored can no longer be read. */
    private static final String OURS = "Jiucang keeps its data here; ./run up --fresh deletes all of it. Version 2\n";

    static final String HALF_DELETED = "This directory of Jiucang's was being deleted when the program ended.\n";

    private final Path path;
    private final FileChannel mark;

    private DataDirectory(Path path, FileChannel mark) {
        this.path = path;
        this.mark = mark;
    }

    /**
     * Makes a directory that is empty, or not there, ours; reopens one that is.
     *
     * @throws IllegalStateException with one line that says what to do, when it is somebody else's
     */
    static DataDirectory open(Path path) throws IOException {
        Files.createDirectories(path);
        Path mark = path.resolve(MARK);
        if (Files.notExists(mark) && !isEmpty(path)) {
            throw new IllegalStateException(path + " holds files and no mark of Jiucang's (" + MARK
                    + "), so it is left alone — choose an empty directory with --data, or empty it yourself");
        }
        FileChannel channel = FileChannel.open(mark, CREATE, READ, WRITE);
        if (channel.tryLock() == null) {
            channel.close();
            throw new IllegalStateException(
                    path + " is in use by another ./run up or demo — stop it, or choose another directory with --data");
        }
        DataDirectory directory = new DataDirectory(path, channel);
        switch (directory.read()) {
            case "" -> directory.write(OURS);
            case HALF_DELETED -> directory.clear();
            default -> {}
        }
        return directory;
    }

    /** @throws IllegalStateException with one line that says what to do */
    void requireReadable() throws IOException {
        if (!read().equals(OURS)) {
            throw new IllegalStateException(
                    path + " was written by another version of Jiucang — start over with --fresh, or choose another"
                            + " directory with --data");
        }
    }

    Path path() {
        return path;
    }

    /** Whether there is anything to lose. */
    boolean holdsData() throws IOException {
        try (Stream<Path> files = Files.list(path)) {
            return files.anyMatch(file -> !file.endsWith(MARK));
        }
    }

    /** Deletes everything in it. Cut short, it is finished when the directory is opened again. */
    void clear() throws IOException {
        write(HALF_DELETED);
        Files.walkFileTree(path, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                if (!file.equals(path.resolve(MARK))) {
                    Files.delete(file);
                }
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException failure)
                    throws IOException {
                if (failure != null) {
                    throw failure;
                }
                if (!directory.equals(path)) {
                    Files.delete(directory);
                }
                return FileVisitResult.CONTINUE;
            }
        });
        write(OURS);
    }

    /** Through the channel that holds the lock: to close another one would release it. */
    private String read() throws IOException {
        ByteBuffer content = ByteBuffer.allocate((int) mark.size());
        mark.read(content, 0);
        return new String(content.array(), UTF_8);
    }

    private void write(String text) throws IOException {
        mark.truncate(0);
        mark.write(ByteBuffer.wrap(text.getBytes(UTF_8)), 0);
        mark.force(true);
    }

    private static boolean isEmpty(Path path) throws IOException {
        try (Stream<Path> files = Files.list(path)) {
            return files.findAny().isEmpty();
        }
    }

    @Override
    public void close() throws IOException {
        mark.close();
    }
}
