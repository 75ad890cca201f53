package io.jiucang.starter;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * What every service is told.
 *
 * @param service its short name, such as {@code order}
 * @param environment the issuer that owners name in their intents, so that one for a test system is worth nothing here
 * @param signing the key this service signs its events with
 * @param trustedKeys file with the public keys of all services (a {@code KeyDirectory} document)
 * @param topics topics of other services that its inbox reads
 * @param partitions of each topic, where this service has to create it
 * @param publicPaths paths that need no access token, as Spring path patterns
 */
@ConfigurationProperties("jiucang")
public record ServiceSettings(
        String service,
        String environment,
        Signing signing,
        Path trustedKeys,
        @DefaultValue List<String> topics,
        @DefaultValue("6") int partitions,
        @DefaultValue List<String> publicPaths,
        @DefaultValue Inbox inbox) {

    /**
     * @param keyId as listed in the key directory
     * @param keyFile Ed25519 private key, PKCS#8 in PEM
     */
    public record Signing(String keyId, Path keyFile) {}

    /**
     * @param batch most events handled in one transaction
     * @param retryEvery how often events that wait for an earlier one are tried again
     * @param retryFor how long, before they become dead letters
     */
    public record Inbox(
            @DefaultValue("500") int batch,
            @DefaultValue("1s") Duration retryEvery,
            @DefaultValue("1d") Duration retryFor) {}
}
