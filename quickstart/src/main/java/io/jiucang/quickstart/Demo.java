package io.jiucang.quickstart;

import io.jiucang.events.BoxCode;
import io.jiucang.events.DomainEvent;
import io.jiucang.events.EventVerifier;
import io.jiucang.events.KeyDirectory;
import io.jiucang.events.OrderEvent.OrderCancelled;
import io.jiucang.events.OrderEvent.OrderConfirmed;
import io.jiucang.events.OrderEvent.OrderDeclined;
import io.jiucang.events.OrderEvent.OrderFulfilled;
import io.jiucang.events.OrderEvent.OrderPlaced;
import io.jiucang.events.PaymentEvent.PaymentCaptured;
import io.jiucang.events.PaymentEvent.PaymentClosed;
import io.jiucang.events.PaymentEvent.PaymentOpened;
import io.jiucang.events.PaymentEvent.RefundCompleted;
import io.jiucang.events.PaymentEvent.SaleRecorded;
import io.jiucang.events.TokenEvent.ReservationReleased;
import io.jiucang.events.TokenEvent.SalesPlanCreated;
import io.jiucang.events.TokenEvent.TokenGranted;
import io.jiucang.events.TokenEvent.TokensMinted;
import io.jiucang.events.TokenEvent.TokensReserved;
import io.jiucang.events.TokenEvent.WalletKeyRegistered;
import io.jiucang.events.WarehouseEvent.CaseDamaged;
import io.jiucang.events.WarehouseEvent.CaseShelved;
import io.jiucang.events.WarehouseEvent.CasesReleased;
import io.jiucang.events.WarehouseEvent.ReleaseRequested;
import io.jiucang.ledger.Entry;
import io.jiucang.ledger.ProofBundle;
import io.jiucang.ledger.TlogProof;
import io.jiucang.ledger.VerifierKey;
import io.jiucang.ledger.cli.Verify;
import io.jiucang.quickstart.EventTail.Seen;
import io.jiucang.simulators.KeyFiles;
import io.jiucang.simulators.device.Device;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Steps S1 to S5 as their users live them, over HTTP alone; then what a sceptic checks. */
final class Demo {

    private static final JsonMapper JSON = new JsonMapper();

    private final Stack stack;
    private final Path data;
    private final Console console;
    private final EventTail tail;
    private final Map<String, Api> users = new HashMap<>();
    private final Map<String, Device> devices = new HashMap<>();
    private final String run = Long.toString(Instant.now().getEpochSecond(), 36);
    private int boxes;

    private Demo(Stack stack, Path data, Console console, EventTail tail) {
        this.stack = stack;
        this.data = data;
        this.console = console;
        this.tail = tail;
    }

    /** @param product as the catalogue has it */
    private record Plan(String planId, JsonNode terms, JsonNode product) {

        String name() {
            return product.path("name").path("zh-CN").asString();
        }
    }

    private record Order(String id, String buyer, Plan plan, long quantity) {}

    static void play(Stack stack, Path data, Console console) throws IOException {
        EventVerifier verifier = new EventVerifier(
                KeyDirectory.read(Files.readAllBytes(stack.keys().directoryFile())));
        Instant begun = Instant.now();
        try (EventTail tail = EventTail.start(verifier, stack.bootstrapServers())) {
            Demo demo = new Demo(stack, data, console, tail);
            List<Order> sold = demo.story();
            demo.proveEverything(sold);
        }
        console.line("");
        console.line("Done after " + Console.seconds(Duration.between(begun, Instant.now())) + ".");
    }

    private List<Order> story() throws IOException {
        console.heading("S1  A winery offers cases; each becomes a token in a vault");
        List<Plan> plans = createPlans();
        Plan guojiao = plans.get(0);
        Plan wuliangye = plans.get(1);
        Plan moutai = plans.get(2);
        Plan menglan = plans.get(3);
        Plan qinghua = plans.get(4);
        Plan zodiac = plans.get(5);

        console.heading("    Buyers register their devices; the private keys stay there");
        for (String buyer : List.of("li", "wang", "zhao")) {
            registerDevice(buyer);
        }

        console.heading("S2  Buyers sign what they want; cases are reserved, orders confirmed");
        Order neverPaid = confirmed(place("wang", qinghua, 1));
        Order paidLate = confirmed(place("zhao", moutai, 1));
        List<Order> sold = new ArrayList<>(List.of(
                confirmed(place("li", guojiao, 2)),
                confirmed(place("wang", wuliangye, 1)),
                confirmed(place("zhao", menglan, 1)),
                confirmed(place("li", zodiac, 2)),
                confirmed(place("wang", zodiac, 1))));
        Order soldOut = place("zhao", zodiac, 1);
        Seen<OrderDeclined> declined = await(OrderDeclined.class, event -> isOf(event.orderId(), soldOut));
        console.refused(at(declined) + "  " + described(soldOut) + ": "
                + declined.event().reason());

        console.heading("S3  Payments, through WeChat Pay; each becomes a recorded sale");
        URI lateCodeHolder = openPayment(paidLate);
        for (Order order : sold) {
            pay(openPayment(order), Map.of());
            Seen<SaleRecorded> sale = await(SaleRecorded.class, event -> isOf(event.orderId(), order));
            console.done(
                    at(sale) + "  " + described(order) + ": " + sale.event().amount() + " received");
        }

        console.heading("S4  The warehouse releases a case for each token");
        damageOneCase(sold.getFirst());
        for (Order order : sold) {
            release(order);
        }

        console.heading("S5  Title passes, once sale and release are both proven to be in the ledger");
        for (Order order : sold) {
            Seen<TokenGranted> granted = await(TokenGranted.class, event -> isOf(event.orderId(), order));
            Seen<OrderFulfilled> fulfilled = await(OrderFulfilled.class, event -> isOf(event.orderId(), order));
            console.done(at(fulfilled) + "  " + order.buyer() + " owns "
                    + fulfilled.event().cases() + " × "
                    + order.plan().name()
                    + console.faint("  sale #" + granted.event().sale().index() + ", release #"
                            + granted.event().release().index()));
        }

        console.heading("    What goes wrong is put right");
        cancelledForNoPayment(neverPaid);
        cancelledForNoPayment(paidLate);
        pay(lateCodeHolder, Map.of("after_closing", true));
        Seen<PaymentCaptured> late = await(PaymentCaptured.class, event -> isOf(event.orderId(), paidLate));
        console.refused(at(late) + "  " + described(paidLate) + ": paid after all, too late");
        Seen<RefundCompleted> refund = await(RefundCompleted.class, event -> isOf(event.orderId(), paidLate));
        console.done(at(refund) + "  " + refund.event().amount() + " paid back to " + paidLate.buyer());
        return sold;
    }

    private List<Plan> createPlans() throws IOException {
        Map<String, JsonNode> products = new HashMap<>();
        resource("catalogue.json")
                .forEach(product -> products.put(product.path("sku").asString(), product));
        List<Plan> plans = new ArrayList<>();
        for (JsonNode terms : resource("sales-plans.json")) {
            JsonNode product =
                    Objects.requireNonNull(products.get(terms.path("sku").asString()));
            Map<String, Object> body = new LinkedHashMap<>();
            body.put("sku", terms.path("sku").asString());
            body.put("gtin", product.path("gtin").asString());
            body.put("name", product.path("name"));
            for (String term : List.of("cases", "unitPrice", "perBuyerLimit", "saleFrom", "saleUntil", "vault")) {
                body.put(term, terms.path(term));
            }
            JsonNode created = as("winery")
                    .post(Stack.Member.TOKEN.uri().resolve("/api/v1/plans"), body)
                    .requireSuccess()
                    .json();
            String planId = created.path("planId").asString();
            await(SalesPlanCreated.class, event -> event.planId().value().equals(planId));
            Seen<TokensMinted> minted =
                    await(TokensMinted.class, event -> event.planId().value().equals(planId));
            Plan plan = new Plan(planId, terms, product);
            plans.add(plan);
            console.done(String.format(
                    "%s  %s: %,d cases in %s",
                    at(minted),
                    plan.name(),
                    minted.event().count(),
                    terms.path("vault").path("site").asString()));
        }
        return plans;
    }

    private void registerDevice(String buyer) {
        Clock clock = Clock.systemUTC();
        String saved = KeyFiles.readOrMake(
                data.resolve("devices").resolve(buyer + ".jwk"),
                () -> Device.create(Stack.ENVIRONMENT, buyer, clock).save());
        Device device = Device.restore(Stack.ENVIRONMENT, buyer, saved, clock);
        devices.put(buyer, device);
        URI keys = Stack.Member.TOKEN.uri().resolve("/api/v1/wallet/keys");
        boolean known = false;
        for (JsonNode key : as(buyer).get(keys).requireSuccess().json().path("items")) {
            known |= key.path("kid").asString().equals(device.kid());
        }
        if (!known) {
            as(buyer)
                    .post(
                            keys,
                            Map.of(
                                    "jwk",
                                    device.publicJwk(),
                                    "label",
                                    buyer + "'s phone",
                                    "proof",
                                    device.proofOfPossession()))
                    .requireSuccess();
        }
        Seen<WalletKeyRegistered> registered =
                await(WalletKeyRegistered.class, event -> event.kid().equals(device.kid()));
        console.done(at(registered) + "  " + buyer + "'s phone  " + console.faint(device.kid()));
    }

    private Order place(String buyer, Plan plan, long quantity) {
        Device device = Objects.requireNonNull(devices.get(buyer));
        URI orders = Stack.Member.ORDER.uri().resolve("/api/v1/orders");
        JsonNode agreement = Api.getPublic(Stack.Member.ORDER.uri().resolve("/api/v1/custody-agreements/current"))
                .requireSuccess()
                .json();
        String terms = agreement.path("sha256").asString();
        String id = retried(() -> as(buyer)
                        .post(
                                orders,
                                Map.of(
                                        "planId", plan.planId(),
                                        "quantity", quantity,
                                        "agreement",
                                                Map.of(
                                                        "version",
                                                        agreement
                                                                .path("version")
                                                                .asString(),
                                                        "sha256",
                                                        terms),
                                        "intent", device.orderIntent(plan.planId(), quantity, terms))))
                .requireSuccess()
                .json()
                .path("orderId")
                .asString();
        await(OrderPlaced.class, event -> event.orderId().value().equals(id));
        return new Order(id, buyer, plan, quantity);
    }

    private Order confirmed(Order order) {
        await(TokensReserved.class, event -> isOf(event.orderId(), order));
        Seen<OrderConfirmed> confirmed = await(OrderConfirmed.class, event -> isOf(event.orderId(), order));
        console.done(at(confirmed) + "  " + described(order) + ": "
                + confirmed.event().total());
        return order;
    }

    private URI openPayment(Order order) {
        String codeUrl = retried(() -> as(order.buyer())
                        .post(Stack.Member.PAYMENT.uri().resolve("/api/v1/payments"), Map.of("orderId", order.id())))
                .requireSuccess()
                .json()
                .path("codeUrl")
                .asString();
        await(PaymentOpened.class, event -> isOf(event.orderId(), order));
        String reference = order.id().replace("-", "");
        if (codeUrl.isBlank()) {
            throw new IllegalStateException("the payment of " + order.id() + " has no code to scan");
        }
        return stack.weChatPay().resolve("/simulator/payments/" + reference + "/pay");
    }

    /** What the buyer does on their phone, in WeChat. */
    private static void pay(URI payment, Map<String, ?> how) {
        Api.postPublic(payment, how).requireSuccess();
    }

    private void cancelledForNoPayment(Order order) {
        await(PaymentClosed.class, event -> isOf(event.orderId(), order));
        Seen<OrderCancelled> cancelled = await(OrderCancelled.class, event -> isOf(event.orderId(), order));
        await(ReservationReleased.class, event -> isOf(event.orderId(), order));
        console.refused(at(cancelled) + "  " + described(order) + ": "
                + cancelled.event().reason() + ", its cases are for sale again");
    }

    private void damageOneCase(Order order) {
        String box = shelve(order, 1).getFirst();
        as("scanner")
                .post(
                        Stack.Member.WAREHOUSE.uri().resolve("/api/v1/stock/damage"),
                        Map.of("boxCode", box, "description", "leaking, found at the shelf"))
                .requireSuccess();
        Seen<CaseDamaged> damaged =
                await(CaseDamaged.class, event -> event.boxCode().toString().equals(box));
        console.refused(at(damaged) + "  " + box + ": " + damaged.event().description());
    }

    private void release(Order order) {
        Seen<ReleaseRequested> requested = await(ReleaseRequested.class, event -> isOf(event.orderId(), order));
        List<String> boxCodes = shelve(order, order.quantity());
        as("scanner")
                .post(
                        Stack.Member.WAREHOUSE
                                .uri()
                                .resolve("/api/v1/releases/" + requested.event().releaseId() + "/scans"),
                        Map.of(
                                "boxCodes",
                                boxCodes,
                                "scanner",
                                "gate-1",
                                "scannedAt",
                                Instant.now().toString()))
                .requireSuccess();
        Seen<CasesReleased> released = await(CasesReleased.class, event -> isOf(event.orderId(), order));
        released.event()
                .cases()
                .forEach(released1 -> console.done(at(released) + "  "
                        + order.plan().name() + " " + console.faint(released1.boxCode() + " from " + released1.bin())));
    }

    private List<String> shelve(Order order, long count) {
        String gtin = order.plan().product().path("gtin").asString();
        List<String> boxCodes = IntStream.range(0, Math.toIntExact(count))
                .mapToObj(i -> new BoxCode(gtin, run + "-" + ++boxes).toString())
                .toList();
        as("scanner")
                .post(
                        Stack.Member.WAREHOUSE.uri().resolve("/api/v1/stock"),
                        Map.of(
                                "site",
                                order.plan().terms().path("vault").path("site").asString(),
                                "bin",
                                "A-" + (boxes % 9 + 1),
                                "boxCodes",
                                boxCodes))
                .requireSuccess();
        boxCodes.forEach(box ->
                await(CaseShelved.class, event -> event.boxCode().toString().equals(box)));
        return boxCodes;
    }

    private void proveEverything(List<Order> sold) throws IOException {
        console.heading("    An outsider checks, with the ledger's public key and nothing else");
        Audit audit = new Audit(Stack.Member.LEDGER.uri(), stack.keys().vkey());
        Audit.Findings findings = audit.run(tail.events(), tail.anchored());
        console.done(findings.events() + " events: every signature is its service's, every one is in the ledger");
        console.done(findings.announced() + " announced inclusion proofs: all hold");
        console.done(findings.checkpoints() + " checkpoints: each is consistent with the newest, of "
                + findings.entries() + " entries");

        console.heading("    A buyer takes the proof home");
        Order first = sold.getFirst();
        String token = await(TokenGranted.class, event -> isOf(event.orderId(), first))
                .event()
                .tokenId()
                .toString();
        Path bundle = writeBundle(first.buyer(), token);
        console.done(token + ", its whole life: " + bundle);
        int exit = new CommandLine(new Verify())
                .execute(
                        bundle.toString(),
                        "--key",
                        stack.keys().vkey(),
                        "--event-keys",
                        stack.keys().directoryFile().toString());
        if (exit != 0) {
            throw new IllegalStateException("the proof bundle does not verify");
        }
    }

    private Path writeBundle(String buyer, String token) throws IOException {
        JsonNode evidence = as(buyer)
                .get(Stack.Member.TOKEN.uri().resolve("/api/v1/tokens/" + token + "/evidence"))
                .requireSuccess()
                .json();
        List<ProofBundle.Item> items = new ArrayList<>();
        for (JsonNode event : evidence.path("events")) {
            String proof = Api.getPublic(Stack.Member.LEDGER
                            .uri()
                            .resolve("/api/v1/proofs/" + event.path("id").asString()))
                    .requireSuccess()
                    .text();
            items.add(new ProofBundle.Item(
                    Entry.of(Base64.getDecoder()
                            .decode(event.path("dssematerial").asString())),
                    TlogProof.parse(proof),
                    event.toString()));
        }
        Path file = data.resolve("proofs").resolve("token-" + token + ".json");
        Files.createDirectories(file.getParent());
        Files.write(file, new ProofBundle(VerifierKey.parse(stack.keys().vkey()), items).format());
        return file;
    }

    /** Another service may not have heard yet of what is asked for: 404 and 403 are answers to try again for a while. */
    private static Api.Answer retried(Supplier<Api.Answer> request) {
        Instant end = Instant.now().plusSeconds(10);
        while (true) {
            Api.Answer answer = request.get();
            boolean tooEarly = answer.status() == 404 || answer.status() == 403 || answer.status() == 503;
            if (!tooEarly || Instant.now().isAfter(end)) {
                return answer;
            }
            try {
                Thread.sleep(Duration.ofMillis(100));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return answer;
            }
        }
    }

    private Api as(String user) {
        return users.computeIfAbsent(user, name -> Api.signIn(stack.identityProvider(), name, Stack.PASSWORD));
    }

    private <E extends DomainEvent> Seen<E> await(Class<E> type, Predicate<E> matching) {
        return tail.await(type, matching);
    }

    private static boolean isOf(Object orderId, Order order) {
        return orderId.toString().equals(order.id());
    }

    private static String described(Order order) {
        return order.buyer() + " orders " + order.quantity() + " × "
                + order.plan().name();
    }

    private static String at(Seen<?> seen) {
        return String.format(
                "#%-4d %-19s", seen.index(), seen.event().getClass().getSimpleName());
    }

    private static JsonNode resource(String name) throws IOException {
        try (InputStream in = Demo.class.getResourceAsStream("/data/" + name)) {
            if (in == null) {
                throw new IllegalStateException("missing in this build: " + name);
            }
            return JSON.readTree(in);
        }
    }
}
