package io.jiucang.embedded;

import io.jiucang.embedded.EmbeddedFailure.Reason;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** TCP ports of 127.0.0.1. */
public final class LocalPort {

    static final String HOST = "127.0.0.1";

    private static final String LISTEN = "0A";

    private LocalPort() {}

    /** The wanted port if nobody holds it, or for 0 a free one. It is not reserved: the server may still lose the race. */
    static int claim(int wanted) {
        try (ServerSocket socket = hold(wanted)) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw inUse(wanted, e);
        }
    }

    /**
     * Takes the port, so that nobody else has it until the socket is closed.
     *
     * @throws EmbeddedFailure that names who holds it
     */
    public static ServerSocket hold(int port) {
        try {
            return new ServerSocket(port, 1, InetAddress.ofLiteral(HOST));
        } catch (IOException e) {
            throw inUse(port, e);
        }
    }

    static EmbeddedFailure inUse(int port, @Nullable Throwable cause) {
        String holder = holder(port)
                .map(process -> " by process " + process.pid()
                        + process.info()
                                .command()
                                .map(command -> " (" + Path.of(command).getFileName() + ")")
                                .orElse(""))
                .orElse("");
        return new EmbeddedFailure(
                Reason.PORT_IN_USE,
                "Port " + port + " is in use" + holder,
                "stop that program or choose another port",
                cause);
    }

    /** The process that listens on a port, where the system tells (Linux, and only of one's own processes unless root). */
    private static Optional<ProcessHandle> holder(int port) {
        Set<String> sockets = Stream.of("/proc/net/tcp", "/proc/net/tcp6")
                .map(Path::of)
                .filter(Files::isReadable)
                .flatMap(LocalPort::lines)
                .map(line -> line.strip().split("\\s+"))
                .filter(field -> field.length > 9
                        && field[3].equals(LISTEN)
                        && field[1].endsWith(String.format(Locale.ROOT, ":%04X", port)))
                .map(field -> "socket:[" + field[9] + "]")
                .collect(Collectors.toSet());
        if (sockets.isEmpty()) {
            return Optional.empty();
        }
        return ProcessHandle.allProcesses()
                .filter(process -> openFiles(process.pid()).anyMatch(sockets::contains))
                .findFirst();
    }

    private static Stream<String> lines(Path file) {
        try {
            return Files.readAllLines(file).stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Stream<String> openFiles(long pid) {
        Path[] descriptors;
        try (Stream<Path> listed = Files.list(Path.of("/proc", Long.toString(pid), "fd"))) {
            descriptors = listed.toArray(Path[]::new);
        } catch (IOException | UncheckedIOException notOurs) {
            return Stream.empty();
        }
        return Arrays.stream(descriptors).flatMap(descriptor -> {
            try {
                return Stream.of(Files.readSymbolicLink(descriptor).toString());
            } catch (IOException closedMeanwhile) {
                return Stream.empty();
            }
        });
    }
}
