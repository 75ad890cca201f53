package io.jiucang.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;

/**
 * Bytes a stack has stored.
 *
 * @param database tables and indexes of all services; PostgreSQL's write-ahead log comes and goes, so it is left out
 * @param topics segments of all topics; their index files are made ahead of what they will hold, so they are left out
 * @param log what the services had to say
 */
record Stored(long database, long topics, long log) {

    static Stored in(Path data, Path logs) {
        return new Stored(
                sizeOf(data.resolve("postgres/data/base"), file -> true),
                sizeOf(data.resolve("kafka"), file -> file.toString().endsWith(".log")),
                sizeOf(logs, file -> file.getFileName().toString().startsWith("jiucang.log")));
    }

    private static long sizeOf(Path directory, Predicate<Path> counted) {
        AtomicLong bytes = new AtomicLong();
        try {
            Files.walkFileTree(directory, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                    if (counted.test(file)) {
                        bytes.addAndGet(attributes.size());
                    }
                    return FileVisitResult.CONTINUE;
                }

                // The servers are at work meanwhile: what is gone when it is looked at does not count.
                @Override
                public FileVisitResult visitFileFailed(Path file, IOException failure) {
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.get();
    }

    Stored minus(Stored earlier) {
        return new Stored(database - earlier.database, topics - earlier.topics, log - earlier.log);
    }
}
