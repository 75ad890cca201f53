package io.jiucang.starter.test;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import io.cloudevents.CloudEvent;
import io.jiucang.events.DomainEvent;
import io.jiucang.events.EventTypes;
import io.jiucang.events.Topics;
import io.jiucang.events.envelope.EventMetadata;
import io.jiucang.events.envelope.EventSigner;
import io.jiucang.events.envelope.KeyDirectory;
import io.jiucang.events.envelope.SignedEvents;
import io.jiucang.events.value.Ids;
import io.jiucang.simulators.oidc.OpenIdSimulator;
import io.jiucang.simulators.oidc.User;
import io.jiucang.title.directory.Directory;
import io.jiucang.title.directory.Document;
import io.jiucang.title.directory.Document.ServiceEntry;
import io.jiucang.title.directory.Document.ServiceKey;
import io.jiucang.title.directory.Parameters;
import io.jiucang.title.directory.Pins;
import io.jiucang.title.directory.Service;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.SecureRandom;
import java.security.spec.EdECPrivateKeySpec;
import java.security.spec.NamedParameterSpec;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

/** What surrounds a service under test: the other services' keys, and an identity provider with a user for each role. */
public final class TestPlatform {

    /** The ledger's, which the directory under test is for. */
    public static final String ORIGIN = "test.jiucang.example/ledger";

    /** What intents under test are issued for. */
    public static final String ENVIRONMENT = "https://test.jiucang.example";

    private static final List<String> SERVICES =
            List.of("token", "order", "payment", "warehouse", "delivery", "ledger");
    private static final Instant EXPIRY = Instant.parse("2021-01-01T00:00:00Z");
    private static final Instant END = Instant.parse("2100-01-01T00:00:00Z");
    private static final LocalDate ADULT = LocalDate.of(1980, 1, 1);

    private final Path directory;
    private final Map<String, EventSigner> signers = new HashMap<>();
    private final Map<String, EventSigner> expiredSigners = new HashMap<>();
    private final OpenIdSimulator identityProvider;
    private final AtomicLong sequence = new AtomicLong();

    private final Map<String, List<ServiceKey>> keys = new HashMap<>();
    private final EventSigner root = new EventSigner(randomSeed());

    TestPlatform() {
        try {
            directory = Files.createTempDirectory("jiucang-test");
            for (String service : SERVICES) {
                signers.put(service, addKey(service, service + "-1", END));
                expiredSigners.put(service, addKey(service, service + "-0", EXPIRY));
            }
            Files.write(directoryFile(), signedDirectory(keys));
            identityProvider = OpenIdSimulator.start(directory.resolve("oidc"), 0, users(), Clock.systemUTC());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private EventSigner addKey(String service, String file, Instant until) throws IOException {
        byte[] seed = randomSeed();
        Files.writeString(keyFile(file), pem(seed));
        EventSigner signer = new EventSigner(seed);
        keys.computeIfAbsent(service, its -> new ArrayList<>()).add(new ServiceKey(signer.publicKey(), until));
        return signer;
    }

    private static byte[] randomSeed() {
        byte[] seed = new byte[32];
        new SecureRandom().nextBytes(seed);
        return seed;
    }

    private byte[] signedDirectory(Map<String, List<ServiceKey>> services) {
        Document document = new Document(
                Directory.LAW,
                1,
                ORIGIN,
                Parameters.USUAL,
                services.entrySet().stream()
                        .map(entry -> new ServiceEntry(
                                Service.of(Topics.sourceOf(entry.getKey())).orElseThrow(), entry.getValue()))
                        .toList(),
                List.of(),
                List.of(),
                List.of(),
                List.of());
        return Directory.sign(document, List.of(root));
    }

    /** The directory with one more key. */
    public byte[] directoryWith(String service, EventSigner signer) {
        Map<String, List<ServiceKey>> all = new HashMap<>(keys);
        all.merge(
                service,
                List.of(new ServiceKey(signer.publicKey(), END)),
                (standing, added) ->
                        Stream.concat(standing.stream(), added.stream()).toList());
        return signedDirectory(all);
    }

    private static String pem(byte[] seed) {
        try {
            byte[] pkcs8 = KeyFactory.getInstance("Ed25519")
                    .generatePrivate(new EdECPrivateKeySpec(NamedParameterSpec.ED25519, seed))
                    .getEncoded();
            return "-----BEGIN PRIVATE KEY-----\n"
                    + Base64.getMimeEncoder().encodeToString(pkcs8)
                    + "\n-----END PRIVATE KEY-----\n";
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static List<User> users() {
        return List.of(
                new User("winery", "x", "酒厂", List.of("seller"), ADULT),
                new User("li", "x", "李娜", List.of("buyer"), ADULT),
                new User("wang", "x", "王伟", List.of("buyer"), ADULT),
                new User("minor", "x", "小明", List.of("buyer"), LocalDate.of(2020, 1, 1)),
                new User("scanner", "x", "仓库", List.of("warehouse"), ADULT),
                new User("courier", "x", "快递", List.of("courier"), ADULT),
                new User("rider", "x", "骑手", List.of("courier"), ADULT),
                new User("bank", "x", "银行", List.of("bank"), ADULT),
                new User("auditor", "x", "审计", List.of("auditor"), ADULT),
                new User("operator", "x", "运维", List.of("operator"), ADULT));
    }

    /** PKCS#8 PEM of an Ed25519 key: {@code order-1} is the one in use, {@code order-0} has expired. */
    public Path keyFile(String name) {
        return directory.resolve(name + ".pem");
    }

    /** The directory of parties, signed by {@link #root}. */
    public Path directoryFile() {
        return directory.resolve("directory.json");
    }

    /** The one root's public key. */
    public String root() {
        return root.publicKey().x();
    }

    /** What everybody trusts to begin with. */
    public Pins pins() {
        return new Pins(ORIGIN, List.of(root.publicKey()), 1);
    }

    /** What every reader of the directory believes of keys. */
    public KeyDirectory eventKeys() {
        try {
            return Directory.read(Files.readAllBytes(directoryFile()), pins()).eventKeys();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public String issuer() {
        return identityProvider.issuer().toString();
    }

    /** An access token of one of: winery, li, wang, minor (buyers), scanner, courier, rider, bank, auditor, operator. */
    public String accessToken(String user) {
        return identityProvider.tokenFor(user);
    }

    /** Whatever these claims say, signed as the identity provider signs its access tokens. */
    public String accessToken(JWTClaimsSet claims) {
        try {
            String pem = Files.readString(directory.resolve("oidc").resolve("token-signing.key.pem"));
            RSAKey key = JWK.parseFromPEMEncodedObjects(pem).toRSAKey();
            SignedJWT jwt = new SignedJWT(
                    new JWSHeader.Builder(JWSAlgorithm.RS256)
                            .keyID(key.computeThumbprint().toString())
                            .build(),
                    claims);
            jwt.sign(new RSASSASigner(key));
            return jwt.serialize();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (JOSEException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The event as its own service would publish it. */
    public CloudEvent signed(DomainEvent event, String subject) {
        return signed(event, subject, signer(EventTypes.serviceOf(event.getClass())), Instant.now());
    }

    /** The event, signed by whomever. */
    public CloudEvent signed(DomainEvent event, String subject, EventSigner signer, Instant time) {
        String id = Ids.next();
        EventMetadata metadata = new EventMetadata(id, subject, time, sequence.incrementAndGet(), id, null, null);
        return signer.sign(SignedEvents.toCloudEvent(event, metadata));
    }

    /** The key that is valid for {@code service} today. */
    public EventSigner signer(String service) {
        return Objects.requireNonNull(signers.get(service));
    }

    /** Claims the key that is valid for {@code service} today, and does not have it. */
    public EventSigner impostor(String service) {
        return EventSigner.claiming(signer(service).keyId(), new byte[32]);
    }

    /** A key of {@code service} that ended with the year 2020. */
    public EventSigner expiredSigner(String service) {
        return Objects.requireNonNull(expiredSigners.get(service));
    }
}
