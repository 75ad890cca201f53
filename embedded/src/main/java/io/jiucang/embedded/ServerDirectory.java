package io.jiucang.embedded;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import io.jiucang.embedded.EmbeddedFailure.Reason;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The directory of one server. While it is open no other process of ours can open it. {@code data} either does not exist
 * or was complete once: it is filled under another name and renamed.
 */
final class ServerDirectory implements AutoCloseable {

    static final long LEAST_SPACE = 1L << 30;

    /** A file lock guards against other processes only; closing a second channel in this one would even release it. */
    private static final Set<Path> OPEN = ConcurrentHashMap.newKeySet();

    private final Path path;
    private final FileChannel lock;

    private ServerDirectory(Path path, FileChannel lock) {
        this.path = path;
        this.lock = lock;
    }

    /** Creates the directory when it is not there. Refuses one that is in use, not writable or short of space. */
    static ServerDirectory open(Path directory, long leastSpace) {
        Path path;
        try {
            Files.createDirectories(directory);
            path = directory.toRealPath();
        } catch (IOException e) {
            throw notWritable(directory, e);
        }
        if (!OPEN.add(path)) {
            throw inUse(path, "this process");
        }
        try {
            if (path.toFile().getUsableSpace() < leastSpace) {
                throw noSpace(path, null);
            }
            return new ServerDirectory(path, lock(path));
        } catch (IOException e) {
            OPEN.remove(path);
            throw notWritable(path, e);
        } catch (EmbeddedFailure e) {
            OPEN.remove(path);
            throw e;
        }
    }

    boolean hasSpace(long least) {
        return path.toFile().getUsableSpace() >= least;
    }

    private static FileChannel lock(Path path) throws IOException {
        Path file = path.resolve("lock");
        FileChannel channel = FileChannel.open(file, CREATE, READ, WRITE);
        if (channel.tryLock() == null) {
            channel.close();
            throw inUse(path, "process " + Files.readString(file).strip());
        }
        channel.truncate(0);
        channel.write(
                ByteBuffer.wrap(Long.toString(ProcessHandle.current().pid()).getBytes(UTF_8)));
        return channel;
    }

    Path path() {
        return path;
    }

    Path data() {
        return path.resolve("data");
    }

    /** An empty directory to fill before {@link #publish}; whatever a crash left there is dropped. */
    Path stage(String name) throws IOException {
        Path staging = path.resolve(name + ".new");
        deleteTree(staging);
        return Files.createDirectory(staging);
    }

    /** Gives a staged directory its name, complete or not at all, a power cut included. */
    void publish(Path staging, Path target) throws IOException {
        Files.move(staging, target, StandardCopyOption.ATOMIC_MOVE);
        try (FileChannel directory = FileChannel.open(path, READ)) {
            directory.force(true);
        }
    }

    static void deleteTree(Path tree) throws IOException {
        if (Files.notExists(tree)) {
            return;
        }
        Files.walkFileTree(tree, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException failure)
                    throws IOException {
                if (failure != null) {
                    throw failure;
                }
                Files.delete(directory);
                return FileVisitResult.CONTINUE;
            }
        });
    }

    @Override
    public void close() {
        try {
            lock.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            OPEN.remove(path);
        }
    }

    static EmbeddedFailure noSpace(Path path, @Nullable Throwable cause) {
        return new EmbeddedFailure(
                Reason.NO_SPACE,
                "The disk of " + path + " is full",
                "free at least 1 GB there or choose another data directory",
                cause);
    }

    static EmbeddedFailure damaged(Path path, String what, @Nullable Throwable cause) {
        return new EmbeddedFailure(
                Reason.DIRECTORY_DAMAGED,
                path + " is damaged (" + what + ")",
                "restore it from a backup, or delete it to start over",
                cause);
    }

    static EmbeddedFailure notWritable(Path path, @Nullable Throwable cause) {
        return new EmbeddedFailure(
                Reason.DIRECTORY_NOT_WRITABLE,
                path + " cannot be written",
                "make its owner the user who starts Jiucang, or choose another data directory",
                cause);
    }

    static EmbeddedFailure inUse(Path path, String holder) {
        return new EmbeddedFailure(
                Reason.DIRECTORY_IN_USE,
                path + " is in use by " + holder,
                "stop that one first or choose another data directory");
    }
}
