package io.jiucang.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;

/**
 * What the kernel says that a stack has cost (proc(5)).
 *
 * @param process CPU time of its one JVM: services, broker and simulators
 * @param database CPU time of PostgreSQL, with all its processes
 * @param memory bytes of the JVM in memory
 */
record Usage(Duration process, Duration database, long memory) {

    private static final long TICK_MILLIS = 10;

    // Fields of /proc/PID/stat, counted from the one after the program's name.
    private static final int UTIME = 11;
    private static final int STIME = 12;
    private static final int CUTIME = 13;
    private static final int CSTIME = 14;

    Duration cpu() {
        return process.plus(database);
    }

    static Duration cpuOf(long pid) {
        return ticks(pid, UTIME, STIME);
    }

    /** With its children that have ended and were waited for. */
    static Duration cpuWithEnded(long pid) {
        return ticks(pid, UTIME, STIME, CUTIME, CSTIME);
    }

    private static Duration ticks(long pid, int... fields) {
        String stat = read(Path.of("/proc", Long.toString(pid), "stat"));
        if (stat.isEmpty()) {
            return Duration.ZERO;
        }
        String[] values = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
        long ticks = 0;
        for (int field : fields) {
            ticks += Long.parseLong(values[field]);
        }
        return Duration.ofMillis(ticks * TICK_MILLIS);
    }

    static long memoryOf(long pid) {
        return read(Path.of("/proc", Long.toString(pid), "status"))
                .lines()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
                .findFirst()
                .orElse(0);
    }

    /** Empty for a process that has ended meanwhile. */
    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (NoSuchFileException e) {
            return "";
        } catch (IOException e) {
            // ESRCH: it ended between opening and reading.
            if (String.valueOf(e.getMessage()).contains("No such process")) {
                return "";
            }
            throw new UncheckedIOException(e);
        }
    }
}
