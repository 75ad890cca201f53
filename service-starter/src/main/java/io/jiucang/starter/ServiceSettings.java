package io.jiucang.starter;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * What every service is told.
 *
 * @param service its short name, such as {@code order}
 * @param environment the issuer that owners name in their intents, so that one for a test system is worth nothing here
 * @param signing the key this service signs its events with
 * @param pins what this service trusts to begin with; they live outside every database
 * @param directory file with the directory of parties, as its roots signed it
 * @param walletIssuer issuer of wallets' access tokens, which is token-service
 * @param topics topics of other services that its inbox reads; its own as well, if it handles {@code OwnAnchored}
 * @param partitions of each topic, where this service has to create it
 * @param publicPaths paths that need no access token, as Spring path patterns
 * @param patience how long events may fail to leave or to arrive before the service is no longer ready
 */
@ConfigurationProperties("jiucang")
public record ServiceSettings(
        String service,
        String environment,
        String walletIssuer,
        Signing signing,
        Pins pins,
        Path directory,
        @DefaultValue List<String> topics,
        @DefaultValue("6") int partitions,
        @DefaultValue List<String> publicPaths,
        @DefaultValue("30s") Duration patience,
        @DefaultValue Web web,
        @DefaultValue Inbox inbox,
        @DefaultValue Disk disk,
        @DefaultValue Housekeeping housekeeping) {

    public ServiceSettings {
        require(service, "service");
        require(environment, "environment");
        require(walletIssuer, "wallet-issuer");
        require(signing, "signing");
        require(pins, "pins");
        require(directory, "directory");
    }

    // Spring binds what is not set as null.
    private static void require(@Nullable Object value, String name) {
        if (value == null) {
            throw new RefusedToStart("jiucang." + name + " is not set");
        }
    }

    /**
     * @param origin the ledger's, and the {@code iss} of statements: what was said in one installation counts in no other
     * @param roots the Ed25519 public keys whose signatures make a directory: 32 bytes each, base64url
     * @param quorum how many of them
     * @param ledger the ledger's public key, as C2SP signed-note vkey; ledger-service needs none, for it has the private one
     */
    public record Pins(
            String origin,
            @DefaultValue List<String> roots,
            @DefaultValue("1") int quorum,
            @DefaultValue("") String ledger) {

        public Pins {
            require(origin, "pins.origin");
        }
    }

    /**
     * @param keyFile Ed25519 private key, PKCS#8 in PEM, which the directory lists for this service
     * @param retiredKeyFiles those this service signed with before: what it stored under their seals it still believes
     */
    public record Signing(Path keyFile, @DefaultValue List<Path> retiredKeyFiles) {

        public Signing {
            require(keyFile, "signing.key-file");
        }
    }

    /** @param requests most in work at a time, of those with a token as of those without; more than the pool has connections, for those that need none */
    public record Web(@DefaultValue("64") int requests) {}

    /**
     * @param batch most events handled in one transaction
     * @param consumers how many batches are handled side by side
     * @param retryEvery how often events that wait for an earlier one are tried again
     * @param retryFor how long, before they become dead letters
     */
    public record Inbox(
            @DefaultValue("500") int batch,
            @DefaultValue("3") int consumers,
            @DefaultValue("1s") Duration retryEvery,
            @DefaultValue("1d") Duration retryFor,
            @DefaultValue("2s") Duration awaitRuling) {}

    /**
     * Space is watched because a full disk ends broker and database. The reserve does not grow with the disk: it is for
     * what was begun, at most some hundred megabytes of the database's log and of events on their way out.
     *
     * @param directories what database and broker write to; none is watched by default
     * @param warnBelowPercent of the disk, or twice {@code stopBelow} where that is more
     * @param stopBelow free space below which nothing new is taken in
     * @param every how often to look
     */
    public record Disk(
            @DefaultValue List<Path> directories,
            @DefaultValue("10") int warnBelowPercent,
            @DefaultValue("512MB") DataSize stopBelow,
            @DefaultValue("1s") Duration every) {}

    /**
     * @param keepExpiredIntents how long a used intent is remembered after it expired
     * @param keepAnswers how long a request may be repeated under its idempotency key
     */
    public record Housekeeping(
            @DefaultValue("1d") Duration keepExpiredIntents,
            @DefaultValue("30d") Duration keepAnswers) {}
}
