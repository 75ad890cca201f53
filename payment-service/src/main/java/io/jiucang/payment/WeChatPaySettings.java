package io.jiucang.payment;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The merchant's account at WeChat Pay.
 *
 * @param merchantSerial serial number of the merchant's API certificate
 * @param privateKey PKCS #8 PEM file
 * @param platformPublicKeyId {@code PUB_KEY_ID_…}
 * @param platformPublicKey X.509 PEM file
 * @param notifyUrl where WeChat Pay posts to; without a query
 * @param baseUrl a simulator instead of WeChat Pay's own hosts
 * @param timeout for each call as a whole; one without an answer is made once more, at WeChat Pay's other host
 */
@ConfigurationProperties("jiucang.wechatpay")
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
        @DefaultValue("2s") Duration timeout) {

    @Override
    public String toString() {
        return "WeChatPaySettings[merchantId=" + merchantId + ", notifyUrl=" + notifyUrl + ", baseUrl=" + baseUrl + "]";
    }
}
