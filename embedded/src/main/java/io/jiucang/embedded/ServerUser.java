package io.jiucang.embedded;

import io.jiucang.embedded.EmbeddedFailure.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.UserPrincipal;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Who PostgreSQL runs as: it refuses root. In order of preference. */
enum ServerUser {
    /** Whoever runs this process, who is not root. */
    SAME_USER(""),

    /** Root, but in a user namespace of its own without privileges. The files stay root's. */
    NAMESPACE("unshare --user"),

    /** Containers mostly forbid namespaces; there root hands the data to this user, who exists on every system. */
    NOBODY("setpriv --reuid=nobody --regid=nogroup --clear-groups");

    private final String prefix;

    ServerUser(String prefix) {
        this.prefix = prefix;
    }

    /** What goes before a command to run it as this user. */
    List<String> prefix() {
        return prefix.isEmpty() ? List.of() : List.of(prefix.split(" "));
    }

    static ServerUser choose(Path directory, ServerUser... candidates) throws IOException {
        boolean root = current(directory).getName().equals("root");
        for (ServerUser candidate : candidates) {
            if (candidate == SAME_USER ? !root : root && candidate.canReach(directory)) {
                return candidate;
            }
        }
        throw new EmbeddedFailure(
                Reason.DIRECTORY_NOT_WRITABLE,
                "PostgreSQL does not run as root, and no other user can reach " + directory,
                "start Jiucang as an ordinary user, or choose a data directory that everyone may enter");
    }

    private boolean canReach(Path directory) {
        List<String> command = new ArrayList<>(prefix());
        command.addAll(List.of("test", "-x", directory.toString()));
        try {
            return new ProcessBuilder(command)
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException notInstalled) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Hands a file or a whole tree to this user, unless it is the user's already. */
    void own(Path tree) throws IOException {
        if (this == SAME_USER) {
            return;
        }
        UserPrincipal owner = tree.getFileSystem()
                .getUserPrincipalLookupService()
                .lookupPrincipalByName(this == NOBODY ? "nobody" : "root");
        if (Files.getOwner(tree, LinkOption.NOFOLLOW_LINKS).equals(owner)) {
            return;
        }
        // The root of the tree comes last: while it is not handed over, an interrupted change is begun again.
        List<Path> files;
        try (Stream<Path> walk = Files.walk(tree)) {
            files = walk.toList();
        }
        for (Path file : files.reversed()) {
            Files.setOwner(file, owner);
        }
    }

    /** Asked of the file system: the JVM itself does not know who it runs as. */
    private static UserPrincipal current(Path directory) throws IOException {
        Path probe = Files.createTempFile(directory, "owner", null);
        try {
            return Files.getOwner(probe);
        } finally {
            Files.delete(probe);
        }
    }
}
