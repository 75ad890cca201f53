package io.jiucang.quickstart;

import io.jiucang.events.value.Base64Url;
import io.jiucang.quickstart.Stack.Member;
import io.jiucang.simulators.KeyFiles;
import io.jiucang.simulators.courier.Courier;
import io.jiucang.simulators.statement.Carrier;
import io.jiucang.simulators.statement.Dock;
import io.jiucang.simulators.statement.SigningKey;
import io.jiucang.simulators.statement.Speaker;
import io.jiucang.simulators.statement.Warehouse;
import io.jiucang.simulators.statement.Winery;
import io.jiucang.simulators.wechatpay.Merchant;
import io.jiucang.title.directory.Document;
import io.jiucang.title.directory.Document.ListedProviderKey;
import io.jiucang.title.directory.Document.PartyKey;
import io.jiucang.title.form.P256Key;
import io.jiucang.title.receipt.ProviderKey;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;

/**
 * Who takes part besides the platform: a winery, a warehouse, a carrier, each with its private keys in a folder of its own that
 * no service reads; and a payment provider. The directory lists them; which terminals are theirs they tell the ledger themselves.
 */
final class Parties {

    private static final String WINERY = "winery";
    private static final String WAREHOUSE = "warehouse";
    private static final String PROVIDER = "wechatpay";

    /** Of the offers in {@code sales-plans.json}. */
    private static final List<String> SITES = List.of("luzhou-huangyi", "yibin", "renhuai", "suqian", "fenyang");

    private final Path folder;
    private final Courier courier;

    private Parties(Path folder, Courier courier) {
        this.folder = folder;
        this.courier = courier;
    }

    /** As the last run left them, or new ones. */
    static Parties in(Path folder) {
        return new Parties(
                folder,
                Courier.open(
                        folder.resolve(Stack.CARRIER),
                        Stack.ENVIRONMENT,
                        Keys.ORIGIN,
                        Stack.CARRIER,
                        Stack.COURIER,
                        Clock.systemUTC()));
    }

    Winery winery() {
        return new Winery(speaker(WINERY));
    }

    Courier courier() {
        return courier;
    }

    List<Document.Winery> wineries(Merchant merchant, Instant until) {
        Document.Account account = new Document.Account(PROVIDER, merchant.appId(), merchant.id());
        return List.of(new Document.Winery(WINERY, keys(WINERY, until), List.of(account)));
    }

    List<Document.Warehouse> warehouses(Instant until) {
        return List.of(new Document.Warehouse(WAREHOUSE, keys(WAREHOUSE, until), SITES));
    }

    List<Document.Carrier> carriers(Instant until) {
        return List.of(new Document.Carrier(Stack.CARRIER, keys(Stack.CARRIER, until)));
    }

    List<Document.Provider> providers(Merchant merchant, Instant until) {
        try {
            byte[] key = KeyFiles.content(Files.readString(merchant.platformPublicKey()));
            ProviderKey listed = new ProviderKey(merchant.platformPublicKeyId(), Base64Url.encode(key));
            return List.of(new Document.Provider(PROVIDER, List.of(new ListedProviderKey(listed, until))));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A dock for each site, and the courier's phone. Said once; at later starts the ledger answers that it knows. */
    void enrolTerminals(Api warehouseman, Api rider) {
        Warehouse warehouse = new Warehouse(speaker(WAREHOUSE));
        for (String site : SITES) {
            SigningKey key = dockKey(site);
            bring(
                    warehouseman,
                    file(WAREHOUSE, "dock-" + site + ".enrolment"),
                    () -> warehouse.dockEnrolment(key.publicKey(), site));
        }
        Carrier carrier = new Carrier(speaker(Stack.CARRIER));
        SigningKey phone = courier.phone(Keys.ORIGIN).speaker().key();
        bring(
                rider,
                file(Stack.CARRIER, courier.name() + ".enrolment"),
                () -> carrier.courierEnrolment(phone.publicKey()));
    }

    Dock dock(String site) {
        return new Dock(Speaker.terminal(Keys.ORIGIN, dockKey(site), Clock.systemUTC()));
    }

    private SigningKey dockKey(String site) {
        return SigningKey.open(file(WAREHOUSE, "dock-" + site + ".jwk"));
    }

    private static void bring(Api account, Path kept, Supplier<String> enrolment) {
        String statement = KeyFiles.readOrMake(kept, enrolment);
        Api.Answer answer =
                account.post(Member.LEDGER.uri().resolve("/api/v1/statements"), Map.of("statement", statement));
        if (!answer.json().path("reason").asString("").equals("STATEMENT_USED")) {
            answer.requireSuccess();
        }
    }

    private Speaker speaker(String party) {
        return Speaker.party(Keys.ORIGIN, party, key(party), Clock.systemUTC());
    }

    private List<PartyKey> keys(String party, Instant until) {
        Map<String, String> jwk = key(party).publicKey();
        P256Key key = new P256Key(member(jwk, "crv"), member(jwk, "kty"), member(jwk, "x"), member(jwk, "y"));
        return List.of(new PartyKey(key, until));
    }

    private static String member(Map<String, String> jwk, String name) {
        return Objects.requireNonNull(jwk.get(name));
    }

    private SigningKey key(String party) {
        return SigningKey.open(file(party, "key.jwk"));
    }

    private Path file(String party, String name) {
        return folder.resolve(party).resolve(name);
    }
}
