package io.jiucang.simulators.wechatpay;

import java.nio.file.Path;

/**
 * What WeChat Pay gives a merchant at sign-up, and what the merchant configures.
 *
 * @param certificateSerial of the merchant's API certificate, in upper-case hexadecimal
 * @param privateKey PKCS #8 PEM file
 * @param apiV3Key 32 characters, the key of AES-256-GCM
 * @param platformPublicKey X.509 PEM file
 */
public record Merchant(
        String id,
        String appId,
        String certificateSerial,
        Path privateKey,
        String apiV3Key,
        String platformPublicKeyId,
        Path platformPublicKey) {

    @Override
    public String toString() {
        return "Merchant " + id;
    }
}
