package io.jiucang.simulators;

import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.interfaces.RSAPrivateCrtKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.RSAPublicKeySpec;
import java.util.function.Supplier;
import org.bouncycastle.util.io.pem.PemObject;
import org.bouncycastle.util.io.pem.PemReader;
import org.bouncycastle.util.io.pem.PemWriter;

/** Secrets that are made on the first start and read from then on, each in a file only its owner may read. */
public final class KeyFiles {

    private KeyFiles() {}

    /** The file's text; made by {@code maker} and kept if there is no such file yet. */
    public static String readOrMake(Path file, Supplier<String> maker) {
        try {
            if (Files.notExists(file)) {
                Files.createDirectories(file.toAbsolutePath().getParent());
                boolean posix =
                        Files.getFileStore(file.toAbsolutePath().getParent()).supportsFileAttributeView("posix");
                FileAttribute<?>[] ownerOnly = posix
                        ? new FileAttribute<?>[] {
                            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
                        }
                        : new FileAttribute<?>[0];
                // Written aside and moved, so that a crash never leaves half a key.
                Path draft = Files.createTempFile(file.toAbsolutePath().getParent(), "draft", ".tmp", ownerOnly);
                Files.writeString(draft, maker.get());
                Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE);
            }
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot keep " + file, e);
        }
    }

    /** An RSA-2048 key pair whose private half is PKCS #8 in a PEM file. */
    public static KeyPair rsa(Path file) {
        String pem = readOrMake(
                file, () -> pem("PRIVATE KEY", newRsaKeyPair().getPrivate().getEncoded()));
        try {
            var factory = KeyFactory.getInstance("RSA");
            var privateKey = (RSAPrivateCrtKey) factory.generatePrivate(new PKCS8EncodedKeySpec(content(pem)));
            var publicKey = factory.generatePublic(
                    new RSAPublicKeySpec(privateKey.getModulus(), privateKey.getPublicExponent()));
            return new KeyPair(publicKey, privateKey);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(file + " is not an RSA private key; delete it to get a new one", e);
        }
    }

    public static KeyPair newRsaKeyPair() {
        try {
            var generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(2048);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** RFC 7468 text of one object. */
    public static String pem(String type, byte[] content) {
        var text = new StringWriter();
        try (var writer = new PemWriter(text)) {
            writer.writeObject(new PemObject(type, content));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return text.toString();
    }

    /** The bytes of the first object in an RFC 7468 text. */
    public static byte[] content(String pem) {
        try (var reader = new PemReader(new StringReader(pem))) {
            PemObject object = reader.readPemObject();
            if (object == null) {
                throw new IllegalStateException("no PEM object found");
            }
            return object.getContent();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
