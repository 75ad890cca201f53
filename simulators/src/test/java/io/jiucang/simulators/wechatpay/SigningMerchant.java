package io.jiucang.simulators.wechatpay;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.jiucang.simulators.KeyFiles;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.time.Instant;
import java.util.Base64;
import java.util.Map;
import java.util.UUID;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A merchant written from the documentation, apart from the simulator's own code: signs what it asks, verifies what it hears. */
final class SigningMerchant implements AutoCloseable {

    private final URI baseUrl;
    private final Merchant merchant;
    private final PrivateKey key;
    private final HttpClient http = HttpClient.newHttpClient();

    SigningMerchant(URI baseUrl, Merchant merchant, PrivateKey key) {
        this.baseUrl = baseUrl;
        this.merchant = merchant;
        this.key = key;
    }

    static SigningMerchant of(WeChatPaySimulator simulator) {
        return new SigningMerchant(
                simulator.baseUrl(),
                simulator.merchant(),
                KeyFiles.rsa(simulator.merchant().privateKey()).getPrivate());
    }

    record Heard(int status, JsonNode body, boolean signed, String text) {

        String code() {
            return body.path("code").asString("");
        }
    }

    Heard get(String path) throws Exception {
        return call("GET", path, "", Instant.now());
    }

    Heard post(String path, Map<String, ?> body) throws Exception {
        return call("POST", path, JsonMapper.shared().writeValueAsString(body), Instant.now());
    }

    Heard call(String method, String path, String body, Instant at) throws Exception {
        String nonce = UUID.randomUUID().toString().replace("-", "");
        var signature = Signature.getInstance("SHA256withRSA");
        signature.initSign(key);
        signature.update("%s\n%s\n%d\n%s\n%s\n"
                .formatted(method, path, at.getEpochSecond(), nonce, body)
                .getBytes(UTF_8));
        return send(
                method,
                path,
                body,
                "WECHATPAY2-SHA256-RSA2048 mchid=\"%s\",nonce_str=\"%s\",signature=\"%s\",timestamp=\"%d\",serial_no=\"%s\""
                        .formatted(
                                merchant.id(),
                                nonce,
                                Base64.getEncoder().encodeToString(signature.sign()),
                                at.getEpochSecond(),
                                merchant.certificateSerial()));
    }

    Heard send(String method, String path, String body, String authorization) throws Exception {
        var request = HttpRequest.newBuilder(baseUrl.resolve(path))
                .header("Authorization", authorization)
                .header("Accept", "application/json")
                .method(method, HttpRequest.BodyPublishers.ofString(body))
                .build();
        HttpResponse<String> answer = http.send(request, BodyHandlers.ofString());
        String text = answer.body();
        JsonNode json = text.startsWith("{")
                ? JsonMapper.shared().readTree(text)
                : JsonMapper.shared().createObjectNode();
        return new Heard(answer.statusCode(), json, isSigned(answer), text);
    }

    private boolean isSigned(HttpResponse<String> answer) throws Exception {
        var headers = answer.headers();
        if (headers.firstValue("Wechatpay-Signature").isEmpty()) {
            return false;
        }
        PublicKey platform = KeyFactory.getInstance("RSA")
                .generatePublic(
                        new X509EncodedKeySpec(KeyFiles.content(Files.readString(merchant.platformPublicKey()))));
        var signature = Signature.getInstance("SHA256withRSA");
        signature.initVerify(platform);
        signature.update("%s\n%s\n%s\n"
                .formatted(
                        headers.firstValue("Wechatpay-Timestamp").orElseThrow(),
                        headers.firstValue("Wechatpay-Nonce").orElseThrow(),
                        answer.body())
                .getBytes(UTF_8));
        return headers.firstValue("Wechatpay-Serial").orElseThrow().equals(merchant.platformPublicKeyId())
                && signature.verify(Base64.getDecoder()
                        .decode(headers.firstValue("Wechatpay-Signature").orElseThrow()));
    }

    @Override
    public void close() {
        http.close();
    }
}
