package io.jiucang.benchmarks;

import io.jiucang.events.envelope.Dsse;
import io.jiucang.events.value.BoxCode;
import io.jiucang.events.value.Ids;
import io.jiucang.simulators.device.Device;
import io.jiucang.simulators.oidc.AccessTokens;
import io.jiucang.simulators.oidc.User;
import io.jiucang.simulators.statement.SigningKey;
import io.jiucang.simulators.statement.Speaker;
import io.jiucang.simulators.statement.StatementId;
import io.jiucang.simulators.statement.Winery;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** One winery's cases, and everybody who has to do with them: what they do, over HTTP alone. */
final class Shop {

    private static final String GTIN = "19521141115043";
    private static final String SITE = "fenyang";
    private static final String WINERY = "winery";
    private static final long UNIT_PRICE = 264_000;
    private static final int CASES = 1_000_000;
    private static final int BOXES_A_REQUEST = 100;
    private static final LocalDate ADULT = LocalDate.of(1985, 5, 20);
    private static final Duration TIME_TO_PAY = Duration.ofMinutes(30);
    private static final Duration PAUSE = Duration.ofMillis(100);
    private static final ZoneId WECHAT_CALENDAR = ZoneId.of("Asia/Shanghai");

    private final RunningStack stack;
    private final Http http;
    private final AccessTokens tokens;
    private final URI issuer;
    private final AccessTokens walletTokens;
    private final URI walletIssuer;
    private final String seller;
    private final String scanner;
    private final String auditor;
    private final List<Buyer> buyers;
    private final String run = Long.toString(Instant.now().getEpochSecond(), 36);
    private final AtomicInteger boxes = new AtomicInteger();

    private String offer = "";
    private String vaultId = "";
    private String agreement = "";

    /**
     * @param account access token at the identity provider
     * @param accessToken the wallet's, which is good for longer than a benchmark takes
     */
    record Buyer(String name, String account, String accessToken, Device device) {}

    /** An order as its buyer signed it: the same, however often it is sent. */
    record Draft(Buyer buyer, String key, String statement) {}

    /** Money that moved, in the provider's bill: to us, or back if it is a refund. */
    record Movement(String paymentId, boolean refund, long minorUnits) {}

    Shop(RunningStack stack, Http http, int buyers) {
        this.stack = stack;
        this.http = http;
        this.tokens = AccessTokens.of(stack.data().resolve("identity"), Clock.systemUTC());
        this.issuer = stack.uri("identity");
        this.walletTokens = AccessTokens.of(stack.data().resolve("keys").resolve("wallets"), Clock.systemUTC());
        this.walletIssuer = stack.uri("token");
        this.seller = token("bench-winery", "seller");
        this.scanner = token("bench-scanner", "warehouse");
        this.auditor = token("bench-auditor", "auditor");
        this.buyers = IntStream.range(0, buyers)
                .mapToObj(i -> "bench-" + run + "-" + i)
                .map(this::buyer)
                .toList();
    }

    private Buyer buyer(String name) {
        Device device = Device.create(RunningStack.ENVIRONMENT, RunningStack.ORIGIN, Clock.systemUTC());
        User wallet = new User(device.wallet(), "", "", List.of("buyer"), ADULT);
        return new Buyer(name, token(name, "buyer"), walletTokens.issue(walletIssuer, wallet), device);
    }

    private String token(String name, String role) {
        return tokens.issue(issuer, new User(name, "", name, List.of(role), ADULT));
    }

    List<Buyer> buyers() {
        return buyers;
    }

    String vaultId() {
        return vaultId;
    }

    /** Offers the cases, and bears every buyer's wallet; when it returns, all services know of both. */
    void open() throws InterruptedException {
        agreement = http.get(uri("order", "/api/v1/custody-agreements/current"), null)
                .requireSuccess()
                .json()
                .path("sha256")
                .asString();
        JsonNode created = post(
                        "token",
                        "/api/v1/plans",
                        seller,
                        Ids.next(),
                        json(Map.of(
                                "name",
                                Map.of("zh-CN", "基准", "en", "Benchmark"),
                                "code",
                                "VLT-" + run,
                                "statement",
                                signedOffer())))
                .requireSuccess()
                .json();
        offer = created.path("offer").asString();
        vaultId = created.path("vaultId").asString();
        for (Buyer buyer : buyers) {
            post(
                            "token",
                            "/api/v1/wallet",
                            buyer.account,
                            Ids.next(),
                            json(Map.of(
                                    "statement",
                                    buyer.device.birth(),
                                    "proof",
                                    buyer.device.proofOfPossession(buyer.name),
                                    "label",
                                    "phone")))
                    .requireSuccess();
        }
        shelve(1);
        for (Buyer buyer : buyers) {
            untilKnown(() -> draft(buyer));
        }
    }

    /** With the winery's own key, and an account of its own: both as the stack's first start left them. */
    private String signedOffer() {
        Path key = stack.data().resolve("parties").resolve(WINERY).resolve("key.jwk");
        JsonNode account = directory().path("wineries").path(0).path("accounts").path(0);
        Instant now = Instant.now();
        return new Winery(Speaker.party(RunningStack.ORIGIN, WINERY, SigningKey.open(key), Clock.systemUTC()))
                .offer(new Winery.Offer(
                        "bench-" + run,
                        GTIN,
                        CASES,
                        UNIT_PRICE,
                        CASES,
                        now.minusSeconds(3600),
                        now.plusSeconds(86_400),
                        SITE,
                        account.path("appid").asString(),
                        account.path("payee").asString(),
                        agreement,
                        30,
                        TIME_TO_PAY));
    }

    private JsonNode directory() {
        try {
            byte[] envelope = Files.readAllBytes(stack.data().resolve("keys").resolve("directory.json"));
            return Http.JSON.readTree(Dsse.parse(envelope).payload());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Others may not have heard yet of what an order names: then it is signed and sent anew. */
    private void untilKnown(Supplier<Draft> draft) throws InterruptedException {
        Http.Answer answer = send(draft.get());
        while (answer.status() / 100 == 4) {
            Thread.sleep(PAUSE);
            answer = send(draft.get());
        }
        answer.requireSuccess();
    }

    /** Orders for the buyers in turn, each signed now: a buyer's statement is good for a few minutes. */
    List<Draft> drafts(int count) {
        return IntStream.range(0, count).parallel().mapToObj(this::draft).toList();
    }

    /** An order of whoever's turn it is. */
    Draft draft(int number) {
        return draft(buyers.get(number % buyers.size()));
    }

    private Draft draft(Buyer buyer) {
        Instant payBy = Instant.now().plus(TIME_TO_PAY);
        return new Draft(buyer, Ids.next(), buyer.device.speaking().order(offer, 1, UNIT_PRICE, agreement, payBy));
    }

    /** @return the order, acknowledged */
    Purchase place(Draft draft) throws InterruptedException {
        send(draft).requireSuccess();
        StatementId id = StatementId.of(draft.statement);
        return new Purchase(draft.buyer, id.orderId(), id.paymentId());
    }

    private Http.Answer send(Draft draft) throws InterruptedException {
        return post(
                "order",
                "/api/v1/orders",
                draft.buyer.accessToken,
                draft.key,
                json(Map.of("statement", draft.statement)));
    }

    void openPayment(Purchase purchase) throws InterruptedException {
        post(
                        "payment",
                        "/api/v1/payments",
                        purchase.buyer().accessToken,
                        Ids.next(),
                        json(Map.of("orderId", purchase.orderId())))
                .requireSuccess();
    }

    /** In WeChat. Asked twice because the first answer was lost, it says that the money has moved. */
    void pay(Purchase purchase) throws InterruptedException {
        Http.Answer answer = http.post(
                stack.uri("WeChat Pay").resolve("/simulator/payments/" + reference(purchase.paymentId()) + "/pay"),
                null,
                Ids.next(),
                "{}");
        if (!answer.text().contains("ORDERPAID")) {
            answer.requireSuccess();
        }
        purchase.acknowledgePaid();
    }

    /** What WeChat Pay knows a payment by. */
    private static String reference(String paymentId) {
        return paymentId.replace("-", "");
    }

    /** @return the codes of the boxes that are now in their bins */
    List<String> shelve(int count) throws InterruptedException {
        List<String> all = new ArrayList<>();
        for (int left = count; left > 0; left -= BOXES_A_REQUEST) {
            List<String> codes = IntStream.range(0, Math.min(left, BOXES_A_REQUEST))
                    .mapToObj(i -> new BoxCode(GTIN, run + "-" + boxes.incrementAndGet()).toString())
                    .toList();
            String body = json(Map.of("site", SITE, "bin", "A-1", "boxCodes", codes));
            Http.Answer answer = post("warehouse", "/api/v1/stock", scanner, Ids.next(), body);
            while (answer.text().contains("UNKNOWN_PRODUCT")) {
                Thread.sleep(PAUSE);
                answer = post("warehouse", "/api/v1/stock", scanner, Ids.next(), body);
            }
            answer.requireSuccess();
            all.addAll(codes);
        }
        return all;
    }

    void release(Purchase purchase, String boxCode) throws InterruptedException {
        post(
                        "warehouse",
                        "/api/v1/releases/" + purchase.orderId() + "/scans",
                        scanner,
                        Ids.next(),
                        json(Map.of(
                                "boxCodes",
                                List.of(boxCode),
                                "scanner",
                                "gate-1",
                                "scannedAt",
                                Instant.now().toString())))
                .requireSuccess();
        purchase.acknowledgeReleased();
    }

    /** How many entries the ledger has. */
    long ledgerSize() throws InterruptedException {
        String checkpoint =
                http.get(uri("ledger", "/checkpoint"), null).requireSuccess().text();
        return Long.parseLong(checkpoint.lines().skip(1).findFirst().orElse("0"));
    }

    /** The status of every order of all buyers. */
    Map<String, String> orders() throws InterruptedException {
        Map<String, String> orders = new HashMap<>();
        for (Buyer buyer : buyers) {
            for (JsonNode order : all("order", "/api/v1/orders?limit=100", buyer.accessToken)) {
                orders.put(
                        order.path("orderId").asString(), order.path("status").asString());
            }
        }
        return orders;
    }

    /** The tokens each buyer owns; a token that two own is two. */
    Map<String, Integer> cellars() throws InterruptedException {
        Map<String, Integer> cellars = new HashMap<>();
        for (Buyer buyer : buyers) {
            cellars.put(
                    buyer.name,
                    all("token", "/api/v1/tokens?", buyer.accessToken).size());
        }
        return cellars;
    }

    private List<JsonNode> all(String service, String path, String accessToken) throws InterruptedException {
        List<JsonNode> items = new ArrayList<>();
        String cursor = "";
        do {
            JsonNode page = http.get(uri(service, path + (cursor.isEmpty() ? "" : "&cursor=" + cursor)), accessToken)
                    .requireSuccess()
                    .json();
            page.path("items").forEach(items::add);
            cursor = page.path("next").asString("");
        } while (!cursor.isEmpty());
        return Collections.unmodifiableList(items);
    }

    /** The provider's bill: all money that moved. */
    List<Movement> statement() throws InterruptedException {
        List<Movement> movements = new ArrayList<>();
        JsonNode lines = http.get(stack.uri("WeChat Pay").resolve("/simulator/statement"), null)
                .requireSuccess()
                .json();
        for (JsonNode line : lines) {
            movements.add(new Movement(
                    uuid(line.path("out_trade_no").asString()),
                    !line.path("out_refund_no").asString("").isEmpty(),
                    line.path("amount").asLong()));
        }
        return movements;
    }

    private static String uuid(String reference) {
        return reference.replaceFirst("(.{8})(.{4})(.{4})(.{4})(.{12})", "$1-$2-$3-$4-$5");
    }

    /** What payment-service finds, holding its own books of today against the provider's file. */
    List<String> discrepancies() throws InterruptedException {
        List<String> discrepancies = new ArrayList<>();
        http.get(
                        uri(
                                "payment",
                                "/api/v1/reconciliation?date=" + LocalDate.ofInstant(Instant.now(), WECHAT_CALENDAR)),
                        auditor)
                .requireSuccess()
                .json()
                .path("discrepancies")
                .forEach(discrepancy -> discrepancies.add(discrepancy.toString()));
        return discrepancies;
    }

    static long unitPrice() {
        return UNIT_PRICE;
    }

    private Http.Answer post(String service, String path, @Nullable String accessToken, String key, String body)
            throws InterruptedException {
        return http.post(uri(service, path), accessToken, key, body);
    }

    private URI uri(String service, String path) {
        return stack.uri(service).resolve(path);
    }

    private static String json(Object value) {
        return Http.JSON.writeValueAsString(value);
    }
}
