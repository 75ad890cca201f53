package io.jiucang.embedded;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.jiucang.embedded.EmbeddedFailure.Reason;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Locale;
import org.tukaani.xz.XZInputStream;

/**
 * PostgreSQL's programs, unpacked beside the data they serve: under the directory's lock, out of reach of other users and of
 * whatever empties temporary directories.
 */
record PostgresBinaries(Path root) {

    static PostgresBinaries unpack(ServerDirectory directory) throws IOException {
        byte[] archive = archive(System.getProperty("os.name"), System.getProperty("os.arch"));
        String prefix = "postgresql-";
        Path root = directory.path().resolve(prefix + fingerprint(archive));
        if (Files.notExists(root)) {
            dropOthers(directory.path(), prefix);
            Path staging = directory.stage("binaries");
            extract(archive, staging);
            directory.publish(staging, root);
        }
        return new PostgresBinaries(root);
    }

    Path program(String name) {
        return root.resolve("bin").resolve(name);
    }

    static byte[] archive(String system, String architecture) throws IOException {
        String name = "/postgres-%s-%s.txz"
                .formatted(
                        system.startsWith("Mac") ? "darwin" : system.toLowerCase(Locale.ROOT),
                        switch (architecture) {
                            case "amd64", "x86_64" -> "x86_64";
                            case "aarch64", "arm64" -> "arm_64";
                            default -> architecture;
                        });
        try (InputStream resource = PostgresBinaries.class.getResourceAsStream(name)) {
            if (resource == null) {
                throw new EmbeddedFailure(
                        Reason.UNSUPPORTED_PLATFORM,
                        "There is no embedded PostgreSQL for " + system + " on " + architecture,
                        "use Linux on x86-64, or docker compose");
            }
            return resource.readAllBytes();
        }
    }

    private static String fingerprint(byte[] archive) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(archive), 0, 8);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void dropOthers(Path directory, String prefix) throws IOException {
        try (DirectoryStream<Path> others = Files.newDirectoryStream(directory, prefix + "*")) {
            for (Path other : others) {
                ServerDirectory.deleteTree(other);
            }
        }
    }

    private static void extract(byte[] archive, Path target) throws IOException {
        Process tar = new ProcessBuilder("tar", "-x", "-f", "-", "-C", target.toString())
                .redirectErrorStream(true)
                .start();
        IOException broken = null;
        try (InputStream unpacked = new XZInputStream(new ByteArrayInputStream(archive));
                OutputStream input = tar.getOutputStream()) {
            byte[] buffer = new byte[1 << 16];
            for (int read = unpacked.read(buffer); read > 0; read = unpacked.read(buffer)) {
                if (Thread.currentThread().isInterrupted()) {
                    throw new InterruptedIOException("interrupted while unpacking PostgreSQL");
                }
                input.write(buffer, 0, read);
            }
        } catch (IOException e) {
            broken = e;
        }
        String said = new String(tar.getInputStream().readAllBytes(), UTF_8);
        try {
            if (tar.waitFor() != 0 || broken != null) {
                throw new IOException("tar cannot unpack PostgreSQL: " + said, broken);
            }
        } catch (InterruptedException e) {
            tar.destroyForcibly();
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while unpacking PostgreSQL", e);
        }
    }
}
