package io.jiucang.starter.test;

import io.cloudevents.CloudEvent;
import io.jiucang.events.DomainEvent;
import io.jiucang.events.OrderEvent.OrderPlaced;
import io.jiucang.events.PaymentEvent.PaymentCaptured;
import io.jiucang.events.TokenEvent.SaleUndone;
import io.jiucang.events.TokenEvent.SalesPlanCreated;
import io.jiucang.events.TokenEvent.TokenGranted;
import io.jiucang.events.TokenEvent.TokensSold;
import io.jiucang.events.TokenEvent.WalletBorn;
import io.jiucang.events.WarehouseEvent.CaseStated;
import io.jiucang.events.WarehouseEvent.CasesReleased;
import io.jiucang.events.WarehouseEvent.ReleasedCase;
import io.jiucang.events.value.BoxCode;
import io.jiucang.events.value.OrderId;
import io.jiucang.events.value.ReleaseId;
import io.jiucang.events.value.SerialRange;
import io.jiucang.events.value.TokenId;
import io.jiucang.events.value.VaultId;
import io.jiucang.simulators.device.Device;
import io.jiucang.simulators.statement.Dock;
import io.jiucang.title.event.Cite;
import io.jiucang.title.receipt.SignedAnswer;
import io.jiucang.title.statement.Act;
import io.jiucang.title.statement.Statement;
import io.jiucang.title.statement.Statements;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/**
 * The way of cases to their owner, as all services but the one under test would tell it: each event anchored at once, with
 * the evidence that the law asks for.
 */
public final class TestSales {

    private final TestPlatform platform;
    private final TestLedger ledger;

    TestSales(TestPlatform platform, TestLedger ledger) {
        this.platform = platform;
        this.ledger = ledger;
    }

    /** @param at where the order stands */
    public record Placed(Statement<Act.Order> intent, Cite at) {}

    /** @param at where the sale stands */
    public record Sold(Statement<Act.Offer> offer, OrderId order, String buyer, List<TokenId> tokens, Cite at) {

        public VaultId vault() {
            return offer.vaultId();
        }

        String site() {
            return offer.act().site();
        }

        public TokenId token(long serial) {
            return new TokenId(vault(), serial);
        }
    }

    /** What token-service tells when a winery makes an offer. */
    public Statement<Act.Offer> offer(String statement) {
        Statement<Act.Offer> offer = Statements.read(statement, Act.Offer.class);
        tell(
                new SalesPlanCreated(
                        offer.planId(),
                        offer.vaultId(),
                        Map.of("en", offer.act().product()),
                        statement),
                offer.vaultId());
        return offer;
    }

    /** From the buyer's order to the sale of these serials. */
    public Sold sell(Statement<Act.Offer> offer, String buyer, long... serials) {
        return sell(offer, order(offer, buyer, serials.length), serials);
    }

    public Sold sell(Statement<Act.Offer> offer, Placed placed, long... serials) {
        return sell(offer, placed, pay(placed.intent), serials);
    }

    /** @param payment where its capture stands */
    public Sold sell(Statement<Act.Offer> offer, Placed placed, Cite payment, long... serials) {
        TokensSold sale = sale(offer, placed, payment, serials);
        Cite at = tell(sale, offer.vaultId());
        List<TokenId> tokens =
                SerialRange.tokens(offer.vaultId(), sale.serials()).toList();
        return new Sold(offer, sale.orderId(), placed.intent.spoken().sub(), tokens, at);
    }

    /** The same, not told yet. */
    public TokensSold sale(Statement<Act.Offer> offer, Placed placed, Cite payment, long... serials) {
        return new TokensSold(
                offer.vaultId(),
                placed.intent.orderId(),
                LongStream.of(serials)
                        .mapToObj(serial -> new SerialRange(serial, serial))
                        .toList(),
                placed.at.told(),
                List.of(payment.told()),
                Map.of());
    }

    /** The buyer places an order; their wallet is born, if it was not. */
    public Placed order(Statement<Act.Offer> offer, String buyer, long quantity) {
        Device device = TestPlatform.deviceOf(buyer);
        ledger.once(
                "wallet " + device.wallet(),
                () -> tell(new WalletBorn(device.wallet(), device.birth()), device.wallet()));
        String statement = device.speaking()
                .order(
                        offer.id().hex(),
                        quantity,
                        offer.act().price().times(quantity).minorUnits(),
                        offer.act().agreement().hex(),
                        Instant.now().plusSeconds(offer.act().longestPayBy() / 2));
        Statement<Act.Order> intent = Statements.read(statement, Act.Order.class);
        return new Placed(intent, tell(new OrderPlaced(intent.orderId(), statement), intent.orderId()));
    }

    /** Paid now and as it should be. */
    public Cite pay(Statement<Act.Order> order) {
        Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);
        SignedAnswer receipt = platform.receipt(order.paymentId(), order.act().total(), now);
        ledger.tellEvidence(receipt.bytes());
        return tell(
                new PaymentCaptured(
                        order.paymentId(),
                        order.orderId(),
                        order.act().total(),
                        TestPlatform.transactionId(order.paymentId()),
                        now,
                        receipt.sha256().hex()),
                order.paymentId());
    }

    /** A dock terminal of the site, enrolled if it was not. */
    public Dock dock(String site) {
        Dock dock = platform.dock(site);
        ledger.once(
                "dock " + site, () -> ledger.enrol(dock.speaker().key().thumbprint(), platform.dockEnrolment(site)));
        return dock;
    }

    /** What warehouse-service tells when a dock of the site releases these. */
    public Cite release(Sold sold, Map<TokenId, BoxCode> boxes) {
        CasesReleased released = released(sold.order, sold.at, sold.site(), boxes);
        return tell(released, released.releaseId());
    }

    /** The same, not told yet. */
    public CasesReleased released(OrderId order, Cite sale, String site, Map<TokenId, BoxCode> boxes) {
        Map<String, String> said = boxes.entrySet().stream()
                .collect(Collectors.toMap(
                        each -> each.getKey().toString(),
                        each -> each.getValue().toString()));
        return new CasesReleased(
                new ReleaseId(order.value()),
                order,
                boxes.keySet().iterator().next().vault(),
                boxes.entrySet().stream()
                        .sorted(Comparator.comparingLong(each -> each.getKey().serial()))
                        .map(each -> new ReleasedCase(
                                each.getKey(),
                                each.getValue(),
                                "A-" + each.getKey().serial()))
                        .toList(),
                sale.told(),
                dock(site).release(sale.leaf().hex(), said));
    }

    /** What it tells when a dock, and the warehouse beside it, refuse these for good. */
    public Cite refuse(Sold sold, List<TokenId> tokens) {
        String sale = sold.at.leaf().hex();
        return state(
                sold,
                dock(sold.site()).refusal(sale, named(tokens)),
                platform.warehouse().refusal(sale, named(tokens)));
    }

    /** What it tells when a dock has not released these, and will not. */
    public Cite keep(Sold sold, List<TokenId> tokens) {
        return state(sold, dock(sold.site()).notReleased(sold.at.leaf().hex(), named(tokens)));
    }

    private Cite state(Sold sold, String... statements) {
        ReleaseId release = new ReleaseId(sold.order.value());
        return tell(new CaseStated(release, List.of(statements)), release);
    }

    private static List<String> named(List<TokenId> tokens) {
        return tokens.stream().map(TokenId::toString).toList();
    }

    /** What token-service tells of cases that are to have no owner: refused, or cancelled by their buyer and kept. */
    public Cite undo(Sold sold, List<TokenId> tokens, Cite... reasons) {
        return tell(undoing(sold, tokens, reasons), sold.vault());
    }

    /** The same, not told yet. */
    public SaleUndone undoing(Sold sold, List<TokenId> tokens, Cite... reasons) {
        return new SaleUndone(
                sold.order,
                tokens.stream()
                        .collect(Collectors.toMap(
                                token -> token, token -> sold.at.leaf().hex())),
                sold.at.told(),
                Arrays.stream(reasons).map(Cite::told).toList());
    }

    /** What token-service tells of a case that was released. */
    public Cite grant(Sold sold, Cite release, TokenId token, BoxCode box, Instant time) {
        return ledger.tell(platform.signed(
                new TokenGranted(
                        token,
                        sold.order,
                        sold.buyer,
                        box,
                        sold.at.told(),
                        release.told(),
                        sold.at.leaf().hex()),
                token.toString(),
                platform.signer("token"),
                time));
    }

    public Cite tell(DomainEvent event, Object subject) {
        CloudEvent signed = platform.signed(event, subject.toString());
        return ledger.tell(signed);
    }
}
