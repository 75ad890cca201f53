package io.jiucang.simulators.wechatpay;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.jiucang.simulators.KeyFiles;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.Locale;
import java.util.Map;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.jspecify.annotations.Nullable;

/** The keys of both sides, and the two things WeChat Pay does with them: signing and sealing. */
final class Keys {

    static final String SCHEMA = "WECHATPAY2-SHA256-RSA2048";

    private static final String MERCHANT_ID = "1900000109";
    private static final String APP_ID = "wxd678efh567hg6787";
    private static final String PUBLIC_KEY_ID = "PUB_KEY_ID_01" + MERCHANT_ID + "2026010100000000";
    private static final String ALPHANUMERIC = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    private static final SecureRandom RANDOM = new SecureRandom();

    private final KeyPair platform;
    private final KeyPair merchantKey;
    private final X509Certificate platformCertificate;
    private final X509Certificate merchantCertificate;
    private final Merchant merchant;

    Keys(Path directory, Clock clock) {
        Path merchantKeyFile = directory.resolve("merchant.key.pem");
        Path publicKeyFile = directory.resolve("platform.public.pem");
        merchantKey = KeyFiles.rsa(merchantKeyFile);
        platform = KeyFiles.rsa(directory.resolve("platform.key.pem"));
        KeyFiles.readOrMake(
                publicKeyFile,
                () -> KeyFiles.pem("PUBLIC KEY", platform.getPublic().getEncoded()));
        merchantCertificate =
                certificate(directory.resolve("merchant.certificate.pem"), merchantKey, MERCHANT_ID, clock);
        platformCertificate = certificate(directory.resolve("platform.certificate.pem"), platform, "Tenpay.com", clock);
        merchant = new Merchant(
                MERCHANT_ID,
                APP_ID,
                serial(merchantCertificate),
                merchantKeyFile,
                KeyFiles.readOrMake(directory.resolve("api-v3.key"), () -> random(32)),
                PUBLIC_KEY_ID,
                publicKeyFile);
    }

    Merchant merchant() {
        return merchant;
    }

    String publicKeyId() {
        return PUBLIC_KEY_ID;
    }

    X509Certificate platformCertificate() {
        return platformCertificate;
    }

    static String serial(X509Certificate certificate) {
        return certificate.getSerialNumber().toString(16).toUpperCase(Locale.ROOT);
    }

    /** Whether the merchant signed exactly this message. Anything unreadable is not a signature. */
    boolean signedByMerchant(String message, String signature) {
        try {
            var verifier = Signature.getInstance("SHA256withRSA");
            verifier.initVerify(merchantCertificate);
            verifier.update(message.getBytes(UTF_8));
            return verifier.verify(Base64.getDecoder().decode(signature));
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            return false;
        }
    }

    /** The {@code Wechatpay-*} headers of an answer or a notification. */
    Map<String, String> signatureHeaders(String serial, Instant at, String body) {
        return signatureHeaders(platform.getPrivate(), serial, at, body);
    }

    /** As {@link #signatureHeaders}, but signed with another key than WeChat Pay's: the merchant's, who would gain by it. */
    Map<String, String> forgedHeaders(String serial, Instant at, String body) {
        return signatureHeaders(merchantKey.getPrivate(), serial, at, body);
    }

    private static Map<String, String> signatureHeaders(PrivateKey key, String serial, Instant at, String body) {
        String timestamp = Long.toString(at.getEpochSecond());
        String nonce = random(32);
        try {
            var signature = Signature.getInstance("SHA256withRSA");
            signature.initSign(key);
            signature.update((timestamp + "\n" + nonce + "\n" + body + "\n").getBytes(UTF_8));
            return Map.of(
                    "Wechatpay-Timestamp", timestamp,
                    "Wechatpay-Nonce", nonce,
                    "Wechatpay-Serial", serial,
                    "Wechatpay-Signature", Base64.getEncoder().encodeToString(signature.sign()),
                    "Wechatpay-Signature-Type", SCHEMA);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Seals under the APIv3 key, AEAD_AES_256_GCM (RFC 5116). */
    Protocol.Resource seal(@Nullable String originalType, String associatedData, String plaintext) {
        String nonce = random(12);
        try {
            var cipher = Cipher.getInstance("AES/GCM/NoPadding");
            cipher.init(
                    Cipher.ENCRYPT_MODE,
                    new SecretKeySpec(merchant.apiV3Key().getBytes(US_ASCII), "AES"),
                    new GCMParameterSpec(128, nonce.getBytes(US_ASCII)));
            cipher.updateAAD(associatedData.getBytes(US_ASCII));
            byte[] ciphertext = cipher.doFinal(plaintext.getBytes(UTF_8));
            return new Protocol.Resource(
                    originalType,
                    "AEAD_AES_256_GCM",
                    Base64.getEncoder().encodeToString(ciphertext),
                    associatedData,
                    nonce);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    static String random(int length) {
        return RANDOM.ints(length, 0, ALPHANUMERIC.length())
                .collect(
                        StringBuilder::new,
                        (text, index) -> text.append(ALPHANUMERIC.charAt(index)),
                        StringBuilder::append)
                .toString();
    }

    static String randomDigits(int length) {
        return RANDOM.ints(length, 0, 10)
                .collect(StringBuilder::new, StringBuilder::append, StringBuilder::append)
                .toString();
    }

    private static X509Certificate certificate(Path file, KeyPair key, String commonName, Clock clock) {
        String pem = KeyFiles.readOrMake(file, () -> KeyFiles.pem("CERTIFICATE", selfSigned(key, commonName, clock)));
        try {
            var certificate = (X509Certificate) CertificateFactory.getInstance("X.509")
                    .generateCertificate(new ByteArrayInputStream(KeyFiles.content(pem)));
            certificate.verify(key.getPublic());
            return certificate;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(file + " is not the certificate of its key; delete it to get a new one", e);
        }
    }

    private static byte[] selfSigned(KeyPair key, String commonName, Clock clock) {
        var name = new X500Principal("CN=" + commonName + ", O=WeChat Pay simulator, C=CN");
        Instant now = clock.instant();
        // 40 hexadecimal digits, as real ones have: the top bit of 20 bytes is clear and the next is set.
        BigInteger serial = new BigInteger(158, RANDOM).setBit(158);
        try {
            var signer = new JcaContentSignerBuilder("SHA256withRSA").build(key.getPrivate());
            return new JcaX509v3CertificateBuilder(
                            name,
                            serial,
                            Date.from(now.minus(Duration.ofDays(1))),
                            Date.from(now.plus(Duration.ofDays(5 * 365))),
                            name,
                            key.getPublic())
                    .build(signer)
                    .getEncoded();
        } catch (OperatorCreationException | IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
