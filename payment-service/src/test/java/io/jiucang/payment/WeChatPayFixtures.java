package io.jiucang.payment;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.wechat.pay.java.core.RSAPublicKeyConfig;
import io.jiucang.events.value.Base64Url;
import io.jiucang.events.value.PaymentId;
import io.jiucang.title.receipt.ProviderKey;
import java.net.URI;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Map;

/** A merchant's account, and what WeChat Pay signs. */
final class WeChatPayFixtures {

    static final String KEY_ID = "PUB_KEY_ID_0119000001092026010100000000";
    static final String API_V3_KEY = "0123456789abcdef0123456789ABCDEF";
    static final PaymentId PAYMENT = new PaymentId("0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b");
    private static final String MERCHANT_SERIAL = "5157F09EFDC096DE15EBE81A47057A7232F1B8E1";
    private static final KeyPair PLATFORM = keyPair();
    static final ProviderKey KEY =
            new ProviderKey(KEY_ID, Base64Url.encode(PLATFORM.getPublic().getEncoded()));
    static final WeChatPaySettings SETTINGS = new WeChatPaySettings(
            "1900000109",
            "wxd678efh567hg6787",
            MERCHANT_SERIAL,
            Path.of("unused"),
            API_V3_KEY,
            KEY_ID,
            Path.of("unused"),
            URI.create("https://pay.example/notify"),
            null,
            Duration.ofSeconds(1));

    private WeChatPayFixtures() {}

    static RSAPublicKeyConfig config() {
        return new RSAPublicKeyConfig.Builder()
                .merchantId("1900000109")
                .merchantSerialNumber(MERCHANT_SERIAL)
                .privateKey(PLATFORM.getPrivate())
                .apiV3Key(API_V3_KEY)
                .publicKeyId(KEY_ID)
                .publicKey(PLATFORM.getPublic())
                .build();
    }

    /** The {@code Wechatpay-*} headers. */
    static Map<String, String> signed(String body, Instant at) {
        return signed(body, at, PLATFORM);
    }

    static Map<String, String> signed(String body, Instant at, KeyPair key) {
        try {
            var signature = Signature.getInstance("SHA256withRSA");
            signature.initSign(key.getPrivate());
            signature.update("%d\n%s\n%s\n"
                    .formatted(at.getEpochSecond(), "593BEC0C930BF1AF", body)
                    .getBytes(UTF_8));
            return Map.of(
                    "Wechatpay-Timestamp",
                    Long.toString(at.getEpochSecond()),
                    "Wechatpay-Nonce",
                    "593BEC0C930BF1AF",
                    "Wechatpay-Serial",
                    KEY_ID,
                    "Wechatpay-Signature",
                    Base64.getEncoder().encodeToString(signature.sign()));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    static KeyPair keyPair() {
        try {
            var generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(2048);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
