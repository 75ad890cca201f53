package io.jiucang.title;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.jiucang.events.envelope.Dsse;
import io.jiucang.events.envelope.Ed25519Key;
import io.jiucang.events.envelope.EventSigner;
import io.jiucang.events.value.Base64Url;
import io.jiucang.events.value.Sha256;
import io.jiucang.ledger.Hash;
import io.jiucang.title.directory.Directory;
import io.jiucang.title.directory.Document;
import io.jiucang.title.directory.Document.Account;
import io.jiucang.title.directory.Document.Carrier;
import io.jiucang.title.directory.Document.ListedProviderKey;
import io.jiucang.title.directory.Document.PartyKey;
import io.jiucang.title.directory.Document.ServiceEntry;
import io.jiucang.title.directory.Document.ServiceKey;
import io.jiucang.title.directory.Document.Warehouse;
import io.jiucang.title.directory.Document.Winery;
import io.jiucang.title.directory.Parameters;
import io.jiucang.title.directory.Pins;
import io.jiucang.title.directory.Service;
import io.jiucang.title.event.LawEvent;
import io.jiucang.title.event.Leaf;
import io.jiucang.title.receipt.ProviderKey;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Everybody the tests' directory lists, with their keys. */
public final class Parties {

    public static final String ORIGIN = "ledger.example/jiucang";
    public static final String SITE = "huangyi";
    public static final String OTHER_SITE = "luohan";
    public static final String PROVIDER = "wechatpay";
    public static final String APPID = "wx0123456789abcdef";
    public static final String PAYEE = "1900000001";

    public static final Actor WINERY = Actor.called("winery");
    public static final Actor WAREHOUSE = Actor.called("warehouse");
    public static final Actor CARRIER = Actor.called("carrier");
    public static final Actor OTHER_CARRIER = Actor.called("other-carrier");

    /** The provider's; made anew for each run, as nothing depends on its value. */
    public static final KeyPair PROVIDER_KEY = rsa();

    public static final String PROVIDER_SERIAL = "7132D72A03E93CDDF8C03BBD1F37EEDF";

    private static final Instant FOR_EVER = Instant.parse("2099-01-01T00:00:00Z");
    private static final byte[] ROOT = seed("root");
    private static final Map<Service, String> SERVICE_KEYS = Arrays.stream(Service.values())
            .collect(Collectors.toMap(
                    Function.identity(),
                    service -> publicKey(seed(service.name())).thumbprint()));

    private Parties() {}

    public static Pins pins() {
        return new Pins(ORIGIN, List.of(publicKey(ROOT)), 1);
    }

    /** The thumbprint of a service's key. */
    public static String keyOf(Service service) {
        return Objects.requireNonNull(SERVICE_KEYS.get(service));
    }

    public static Document document() {
        return new Document(
                Directory.LAW,
                1,
                ORIGIN,
                Parameters.USUAL,
                Arrays.stream(Service.values())
                        .map(service -> new ServiceEntry(
                                service, List.of(new ServiceKey(publicKey(seed(service.name())), FOR_EVER))))
                        .toList(),
                List.of(new Winery(
                        WINERY.name(), keys(WINERY, FOR_EVER), List.of(new Account(PROVIDER, APPID, PAYEE)))),
                List.of(new Warehouse(WAREHOUSE.name(), keys(WAREHOUSE, FOR_EVER), List.of(SITE, OTHER_SITE))),
                List.of(
                        new Carrier(CARRIER.name(), keys(CARRIER, FOR_EVER)),
                        new Carrier(OTHER_CARRIER.name(), keys(OTHER_CARRIER, FOR_EVER))),
                List.of(new Document.Provider(
                        PROVIDER, List.of(new ListedProviderKey(providerKey(PROVIDER_KEY), FOR_EVER)))));
    }

    public static List<PartyKey> keys(Actor party, Instant until) {
        return List.of(new PartyKey(party.key(), until));
    }

    public static ProviderKey providerKey(KeyPair key) {
        return new ProviderKey(PROVIDER_SERIAL, Base64Url.encode(key.getPublic().getEncoded()));
    }

    public static byte[] signed(Document document) {
        return signed(Directory.write(document), "root");
    }

    /** A DSSE envelope over any payload, signed by any roots. */
    public static byte[] signed(byte[] payload, String... roots) {
        List<Dsse.Signature> signatures = Arrays.stream(roots)
                .map(root -> new EventSigner(seed(root)).sign(Directory.PAYLOAD_TYPE, payload))
                .toList();
        return new Dsse(Directory.PAYLOAD_TYPE, payload, signatures).toJson();
    }

    public static Leaf first(byte[] envelope) {
        return new Leaf(
                0,
                Hash.of(Sha256.digest().digest(envelope)),
                Service.LEDGER,
                keyOf(Service.LEDGER),
                new LawEvent.DirectoryVersion(envelope));
    }

    private static byte[] seed(String name) {
        return Sha256.digest().digest(("seed of " + name).getBytes(US_ASCII));
    }

    static Ed25519Key publicKey(byte[] seed) {
        return new EventSigner(seed).publicKey();
    }

    public static KeyPair rsa() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(2048);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
