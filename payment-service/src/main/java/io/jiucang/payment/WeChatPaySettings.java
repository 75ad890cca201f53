package io.jiucang.payment;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The merchant's account at WeChat Pay.
 *
 * @param merchantSerial serial number of the merchant's API certificate
 * @param privateKey PKCS #8 PEM file
 * @param platformPublicKeyId {@code PUB_KEY_ID_…}
 * @param platformPublicKey X.509 PEM file
 * @param notifyUrl where WeChat Pay posts to; without a query
 * @param baseUrl a simulator instead of WeChat Pay's own hosts
 * @param timeout for connecting, and again for the answer
 */
record WeChatPaySettings(
        String merchantId,
        String appId,
        String merchantSerial,
        Path privateKey,
        String apiV3Key,
        String platformPublicKeyId,
        Path platformPublicKey,
        URI notifyUrl,
        @Nullable URI baseUrl,
        Duration timeout) {

    @Override
    public String toString() {
        return "WeChatPaySettings[merchantId=" + merchantId + ", notifyUrl=" + notifyUrl + ", baseUrl=" + baseUrl + "]";
    }
}
