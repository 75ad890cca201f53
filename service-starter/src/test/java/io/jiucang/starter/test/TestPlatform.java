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
import io.jiucang.events.value.Base64Url;
import io.jiucang.events.value.Ids;
import io.jiucang.events.value.Money;
import io.jiucang.events.value.PaymentId;
import io.jiucang.simulators.KeyFiles;
import io.jiucang.simulators.device.Device;
import io.jiucang.simulators.oidc.AccessTokens;
import io.jiucang.simulators.oidc.OpenIdSimulator;
import io.jiucang.simulators.oidc.User;
import io.jiucang.simulators.statement.Carrier;
import io.jiucang.simulators.statement.Dock;
import io.jiucang.simulators.statement.SigningKey;
import io.jiucang.simulators.statement.Speaker;
import io.jiucang.simulators.statement.Warehouse;
import io.jiucang.simulators.statement.Winery;
import io.jiucang.title.directory.Directory;
import io.jiucang.title.directory.Document;
import io.jiucang.title.directory.Document.ListedProviderKey;
import io.jiucang.title.directory.Document.PartyKey;
import io.jiucang.title.directory.Document.ServiceEntry;
import io.jiucang.title.directory.Document.ServiceKey;
import io.jiucang.title.directory.Parameters;
import io.jiucang.title.directory.Pins;
import io.jiucang.title.directory.Service;
import io.jiucang.title.form.P256Key;
import io.jiucang.title.receipt.ProviderKey;
import io.jiucang.title.receipt.SignedAnswer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.spec.EdECPrivateKeySpec;
import java.security.spec.NamedParameterSpec;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** What surrounds a service under test: the other services' keys, the parties with theirs, and an identity provider with a user for each role. */
public final class TestPlatform {

    /** What intents under test are issued for. */
    public static final String ENVIRONMENT = "https://test.jiucang.example";

    /** The ledger's name, which the directory and statements under test are for. */
    public static final String ORIGIN = "test.jiucang.example/ledger";

    /** The parties of the directory under test. */
    public static final String WINERY = "winery";

    public static final String WAREHOUSE = "warehouse";
    public static final String CARRIER = "sf";
    public static final String OTHER_CARRIER = "ems";
    public static final String PROVIDER = "wechatpay";

    /** Where the warehouse has docks: enough for each test to have one of its own. */
    public static final List<String> SITES = Stream.concat(
                    Stream.of("luzhou-1", "yibin-1"),
                    IntStream.rangeClosed(1, 200).mapToObj(number -> "site-" + number))
            .toList();

    /** The winery's account at the provider: that of the provider's simulator. */
    public static final String APPID = "wxd678efh567hg6787";

    public static final String PAYEE = "1900000109";

    private static final String PROVIDER_SERIAL = "PUB_KEY_ID_01" + PAYEE + "2026010100000000";

    private static final Map<String, Device> DEVICES = new ConcurrentHashMap<>();
    private static final Map<String, SigningKey> DOCKS = new ConcurrentHashMap<>();

    /** The wallets of users, by which services know them. */
    public static final String LI = wallet("li");

    public static final String WANG = wallet("wang");
    public static final String MINOR = wallet("minor");
    public static final String COURIER = wallet("courier");
    public static final String RIDER = wallet("rider");

    private static final List<String> SERVICES =
            List.of("token", "order", "payment", "warehouse", "delivery", "ledger");
    private static final Instant EXPIRY = Instant.parse("2021-01-01T00:00:00Z");
    private static final Instant END = Instant.parse("2100-01-01T00:00:00Z");
    private static final LocalDate ADULT = LocalDate.of(1980, 1, 1);

    private final Path directory;
    private final Map<String, EventSigner> signers = new HashMap<>();
    private final Map<String, EventSigner> expiredSigners = new HashMap<>();
    private final OpenIdSimulator identityProvider;
    private final OpenIdSimulator walletIssuer;
    private final AccessTokens walletTokens;
    private final AtomicLong sequence = new AtomicLong();

    private final Map<String, List<ServiceKey>> keys = new HashMap<>();
    private final EventSigner root = new EventSigner(randomSeed());
    private final io.jiucang.ledger.SigningKey ledgerKey = io.jiucang.ledger.SigningKey.of(ORIGIN, randomSeed());
    private final Map<String, SigningKey> partyKeys = new HashMap<>();
    private final Map<String, SigningKey> endedPartyKeys = new HashMap<>();

    TestPlatform() {
        try {
            directory = Files.createTempDirectory("jiucang-test");
            for (String service : SERVICES) {
                signers.put(service, addKey(service, service + "-1", END));
                expiredSigners.put(service, addKey(service, service + "-0", EXPIRY));
            }
            for (String party : List.of(WINERY, WAREHOUSE, CARRIER, OTHER_CARRIER)) {
                partyKeys.put(party, SigningKey.create());
                endedPartyKeys.put(party, SigningKey.create());
            }
            Files.write(directoryFile(), signedDirectory(keys));
            identityProvider = OpenIdSimulator.start(directory.resolve("oidc"), 0, USERS, Clock.systemUTC());
            // As token-service would be found by the others; without users, because nobody signs in there.
            walletIssuer = OpenIdSimulator.start(directory.resolve("wallets"), 0, List.of(), Clock.systemUTC());
            walletTokens = AccessTokens.of(directory.resolve("wallets"), Clock.systemUTC());
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

    static byte[] randomSeed() {
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
                List.of(new Document.Winery(
                        WINERY, listed(WINERY), List.of(new Document.Account(PROVIDER, APPID, PAYEE)))),
                List.of(new Document.Warehouse(WAREHOUSE, listed(WAREHOUSE), SITES)),
                List.of(
                        new Document.Carrier(CARRIER, listed(CARRIER)),
                        new Document.Carrier(OTHER_CARRIER, listed(OTHER_CARRIER))),
                List.of(new Document.Provider(PROVIDER, List.of(new ListedProviderKey(providerKey(), END)))));
        return Directory.sign(document, List.of(root));
    }

    private List<PartyKey> listed(String party) {
        return List.of(
                new PartyKey(publicKey(partyKey(party)), END), new PartyKey(publicKey(endedPartyKey(party)), EXPIRY));
    }

    private static P256Key publicKey(SigningKey key) {
        Map<String, String> jwk = key.publicKey();
        return new P256Key(
                Objects.requireNonNull(jwk.get("crv")),
                Objects.requireNonNull(jwk.get("kty")),
                Objects.requireNonNull(jwk.get("x")),
                Objects.requireNonNull(jwk.get("y")));
    }

    private ProviderKey providerKey() {
        return new ProviderKey(
                PROVIDER_SERIAL, Base64Url.encode(providerKeys().getPublic().getEncoded()));
    }

    private KeyPair providerKeys() {
        return KeyFiles.rsa(providerFolder().resolve("platform.key.pem"));
    }

    /** What the provider answers once this is paid, signed with its key. */
    public SignedAnswer receipt(PaymentId payment, Money amount, Instant paidAt) {
        String body = """
                {"amount":{"currency":"%s","total":%d},"appid":"%s","mchid":"%s","out_trade_no":"%s","success_time":"%s",\
                "trade_state":"SUCCESS","transaction_id":"%s"}""".formatted(
                        amount.currency(),
                        amount.minorUnits(),
                        APPID,
                        PAYEE,
                        payment.value().replace("-", ""),
                        paidAt.truncatedTo(ChronoUnit.SECONDS),
                        transactionId(payment));
        String timestamp = Long.toString(paidAt.getEpochSecond());
        String nonce = Ids.next();
        try {
            Signature rsa = Signature.getInstance("SHA256withRSA");
            rsa.initSign(providerKeys().getPrivate());
            rsa.update((timestamp + "\n" + nonce + "\n" + body + "\n").getBytes(StandardCharsets.UTF_8));
            return new SignedAnswer(
                    PROVIDER_SERIAL, timestamp, nonce, body.getBytes(StandardCharsets.UTF_8), rsa.sign());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The provider's own number of what was paid. */
    static String transactionId(PaymentId payment) {
        return "42" + payment;
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

    private static final List<User> USERS = List.of(
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

    /** The first device of the user's wallet, the same in all tests of this JVM. */
    public static Device device(String user) {
        return DEVICES.computeIfAbsent(user, name -> Device.create(ENVIRONMENT, ORIGIN, Clock.systemUTC()));
    }

    /** The same by the wallet's id, where it is one of those above. */
    public static Device deviceOf(String wallet) {
        return DEVICES.values().stream()
                .filter(device -> device.wallet().equals(wallet))
                .findFirst()
                .orElseGet(() -> device(wallet));
    }

    private static String wallet(String user) {
        return device(user).wallet();
    }

    /** What one of the directory's wineries, warehouses and carriers signs with. */
    public SigningKey partyKey(String party) {
        return Objects.requireNonNull(partyKeys.get(party));
    }

    /** One that the directory lists as well, and that ended with the year 2020. */
    public SigningKey endedPartyKey(String party) {
        return Objects.requireNonNull(endedPartyKeys.get(party));
    }

    public Winery winery() {
        return new Winery(party(WINERY));
    }

    public Warehouse warehouse() {
        return new Warehouse(party(WAREHOUSE));
    }

    public Carrier carrier() {
        return new Carrier(party(CARRIER));
    }

    /** A terminal of the warehouse at this site, once it is enrolled. */
    public Dock dock(String site) {
        return new Dock(Speaker.terminal(ORIGIN, dockKey(site), Clock.systemUTC()));
    }

    public String dockEnrolment(String site) {
        return warehouse().dockEnrolment(dockKey(site).publicKey(), site);
    }

    private static SigningKey dockKey(String site) {
        return DOCKS.computeIfAbsent(site, its -> SigningKey.create());
    }

    public Carrier otherCarrier() {
        return new Carrier(party(OTHER_CARRIER));
    }

    private Speaker party(String party) {
        return Speaker.party(ORIGIN, party, partyKey(party), Clock.systemUTC());
    }

    /** Where the provider's simulator finds the keys that the directory lists. */
    public Path providerFolder() {
        return directory.resolve(PROVIDER);
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

    /** What the ledger signs its checkpoints with. */
    public io.jiucang.ledger.SigningKey ledgerKey() {
        return ledgerKey;
    }

    /** The ledger's public key, as C2SP signed-note vkey. */
    public String ledgerVkey() {
        return ledgerKey.verifierKey().format();
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

    public String walletIssuer() {
        return walletIssuer.issuer().toString();
    }

    /** PKCS#8 PEM of the RSA key that wallets' access tokens are signed with. */
    public Path walletTokensKeyFile() {
        return directory.resolve("wallets").resolve("token-signing.key.pem");
    }

    /**
     * An access token of one of: winery, li, wang, minor (buyers), scanner, courier, rider, bank, auditor, operator; or that of
     * a wallet of one of them, by its id.
     */
    public String accessToken(String user) {
        return USERS.stream()
                .filter(owner -> device(owner.username()).wallet().equals(user))
                .findFirst()
                .map(this::walletToken)
                .orElseGet(() -> identityProvider.tokenFor(user));
    }

    private String walletToken(User owner) {
        return walletTokens.issue(
                walletIssuer.issuer(), new User(wallet(owner.username()), "", "", owner.roles(), owner.birthdate()));
    }

    /** Whatever these claims say, signed as the identity provider signs its access tokens. */
    public String accessToken(JWTClaimsSet claims) {
        return signed(claims, directory.resolve("oidc").resolve("token-signing.key.pem"));
    }

    /** The same, as wallets' access tokens are signed. */
    public String walletToken(JWTClaimsSet claims) {
        return signed(claims, walletTokensKeyFile());
    }

    private static String signed(JWTClaimsSet claims, Path keyFile) {
        try {
            String pem = Files.readString(keyFile);
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
