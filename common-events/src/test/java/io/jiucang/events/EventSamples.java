package io.jiucang.events;

import io.jiucang.events.OrderEvent.EndReason;
import io.jiucang.events.PaymentEvent.ClosingReason;
import io.jiucang.events.PaymentEvent.RefundReason;
import io.jiucang.events.PaymentEvent.ReturnReason;
import io.jiucang.events.TokenEvent.RefusalReason;
import io.jiucang.events.value.BoxCode;
import io.jiucang.events.value.Cite;
import io.jiucang.events.value.LedgerReference;
import io.jiucang.events.value.Money;
import io.jiucang.events.value.OrderId;
import io.jiucang.events.value.PaymentId;
import io.jiucang.events.value.PickupId;
import io.jiucang.events.value.PlanId;
import io.jiucang.events.value.RefundId;
import io.jiucang.events.value.ReleaseId;
import io.jiucang.events.value.SerialRange;
import io.jiucang.events.value.TokenId;
import io.jiucang.events.value.VaultId;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** One event of every type. */
public final class EventSamples {

    public static final PlanId PLAN = new PlanId("019aa0c0-0000-7000-8000-000000000001");
    public static final VaultId VAULT = new VaultId("019aa0c0-0000-7000-8000-000000000002");
    public static final OrderId ORDER = new OrderId("019aa0c0-0000-7000-8000-000000000003");
    public static final PaymentId PAYMENT = new PaymentId("019aa0c0-0000-7000-8000-000000000004");
    public static final RefundId REFUND = new RefundId("019aa0c0-0000-7000-8000-000000000005");
    public static final ReleaseId RELEASE = new ReleaseId("019aa0c0-0000-7000-8000-000000000006");
    public static final PickupId PICKUP = new PickupId("019aa0c0-0000-7000-8000-000000000008");
    public static final String EVENT_ID = "019aa0c0-0000-7000-8000-000000000007";

    private static final String WALLET = "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs";
    private static final String TERMINAL = "poWB0kBUOBLwBkOBeTKUQVmHHNQKDgRCbnNKHWmAjYs";
    private static final String STATEMENT = "eyJhbGciOiJFUzI1NiJ9.e30.c2ln";
    private static final Instant NOON = Instant.parse("2026-11-22T04:00:00Z");
    private static final Instant LATER = Instant.parse("2026-11-22T04:30:00.123456Z");
    private static final String GTIN = "19521141111014";
    private static final TokenId TOKEN = new TokenId(VAULT, 17);
    private static final BoxCode BOX = new BoxCode(GTIN, "A/1-000017");
    private static final DeliveryEvent.StoredCase STORED =
            new DeliveryEvent.StoredCase(TOKEN, BOX, "luzhou-1", "A-03-2");
    private static final DeliveryEvent.DeliveredCase DELIVERED = new DeliveryEvent.DeliveredCase(TOKEN, BOX);
    private static final List<SerialRange> SERIALS = List.of(new SerialRange(17, 18), new SerialRange(3, 3));
    private static final Money PRICE = Money.cny(659_400);
    private static final String SHA256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
    private static final String HASH = "n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg=";

    public static final List<DomainEvent> ALL = List.of(
            new TokenEvent.SalesPlanCreated(
                    PLAN, VAULT, Map.of("zh-CN", "国窖1573 经典装", "en", "Guojiao 1573 Classic"), STATEMENT),
            new TokenEvent.VaultOpened(VAULT, PLAN, "luzhou-1", "GJ1573-A"),
            new TokenEvent.TokensMinted(VAULT, PLAN, 1, 100_000),
            new TokenEvent.TokensReserved(VAULT, PLAN, ORDER, WALLET, SERIALS),
            new TokenEvent.ReservationRefused(VAULT, PLAN, ORDER, WALLET, RefusalReason.SOLD_OUT),
            new TokenEvent.ReservationReleased(VAULT, PLAN, ORDER, SERIALS),
            new TokenEvent.TokensSold(
                    VAULT, ORDER, SERIALS, new Cite(12, SHA256), List.of(new Cite(23, SHA256)), Map.of(TOKEN, SHA256)),
            new TokenEvent.TokenGranted(TOKEN, ORDER, WALLET, BOX, new Cite(41, SHA256), new Cite(57, SHA256), SHA256),
            new TokenEvent.SaleUndone(
                    ORDER,
                    Map.of(TOKEN, SHA256),
                    new Cite(41, SHA256),
                    List.of(new Cite(43, SHA256), new Cite(57, SHA256))),
            new TokenEvent.SaleRefused(VAULT, ORDER, "S7: its buyer had cancelled"),
            new TokenEvent.LawAdopted(VAULT, ORDER, SERIALS, new Cite(41, SHA256)),
            new TokenEvent.TokenLocked(TOKEN, WALLET, PICKUP, SHA256),
            new TokenEvent.TokenLockRefused(TOKEN, PICKUP, TokenEvent.LockRefusal.NOT_AVAILABLE),
            new TokenEvent.TokenUnlocked(TOKEN, WALLET, PICKUP),
            new TokenEvent.TokenBurned(TOKEN, WALLET, PICKUP, new LedgerReference(EVENT_ID, 99, 128)),
            new TokenEvent.WalletBorn(WALLET, STATEMENT),
            new TokenEvent.KeyEndorsed(WALLET, STATEMENT),
            new TokenEvent.KeyRevoked(WALLET, STATEMENT),
            new OrderEvent.OrderPlaced(ORDER, STATEMENT),
            new OrderEvent.OrderConfirmed(ORDER, PAYMENT, WALLET, PLAN, VAULT, SERIALS, PRICE.times(3), LATER),
            new OrderEvent.OrderDeclined(ORDER, WALLET, RefusalReason.BUYER_LIMIT_EXCEEDED),
            new OrderEvent.OrderCancelled(ORDER, STATEMENT),
            new OrderEvent.PaymentOverdue(ORDER),
            new OrderEvent.OrderPaid(ORDER, PAYMENT),
            new OrderEvent.CancellationRefused(ORDER),
            new OrderEvent.OrderEnded(ORDER, PLAN, VAULT, EndReason.PAYMENT_OVERDUE),
            new OrderEvent.RefundDue(ORDER, PAYMENT, REFUND, PRICE, 1, EndReason.RELEASE_REFUSED),
            new OrderEvent.CasesWithdrawn(ORDER, PLAN, VAULT, List.of(TOKEN)),
            new OrderEvent.OrderFulfilled(ORDER, WALLET, 3),
            new PaymentEvent.PaymentDue(PAYMENT, ORDER, WALLET, PLAN, VAULT, SERIALS, PRICE.times(3), LATER),
            new PaymentEvent.PaymentOpened(PAYMENT, ORDER, "wechat", "weixin://wxpay/bizpayurl?pr=p4lpSuKzz"),
            new PaymentEvent.PaymentCaptured(PAYMENT, ORDER, PRICE.times(3), "4200002026112200001", NOON, SHA256),
            new PaymentEvent.SaleRecorded(
                    PAYMENT, ORDER, WALLET, PLAN, VAULT, SERIALS, PRICE.times(3), "4200002026112200001", NOON),
            new PaymentEvent.PaymentClosed(PAYMENT, ORDER, ClosingReason.ORDER_CANCELLED),
            new PaymentEvent.ReceiptReturned(
                    PAYMENT,
                    ORDER,
                    REFUND,
                    new Cite(7, SHA256),
                    "4200002026112200001",
                    ReturnReason.CASES_ENDED,
                    PRICE,
                    List.of(TOKEN),
                    List.of(new Cite(58, SHA256))),
            new PaymentEvent.RefundRequested(
                    PAYMENT, ORDER, REFUND, PRICE, RefundReason.CASES_WITHDRAWN, "4200002026112200001"),
            new PaymentEvent.RefundCompleted(PAYMENT, ORDER, REFUND, PRICE),
            new PaymentEvent.RefundFailed(PAYMENT, ORDER, REFUND, "账户已注销"),
            new WarehouseEvent.CaseShelved(BOX, "luzhou-1", "A-03-2"),
            new WarehouseEvent.CaseDamaged(BOX, "luzhou-1", "A-03-2", "瓶身破裂"),
            new WarehouseEvent.ReleaseRequested(
                    RELEASE, ORDER, VAULT, "luzhou-1", GTIN, List.of(TOKEN), new Cite(41, SHA256)),
            new WarehouseEvent.CasesReleased(
                    RELEASE,
                    ORDER,
                    VAULT,
                    List.of(new WarehouseEvent.ReleasedCase(TOKEN, BOX, "A-03-2")),
                    new Cite(41, SHA256),
                    STATEMENT),
            new WarehouseEvent.ReleaseCancelled(RELEASE, ORDER),
            new WarehouseEvent.ReleaseCancellationRefused(RELEASE, ORDER),
            new WarehouseEvent.CaseStated(RELEASE, List.of(STATEMENT)),
            new WarehouseEvent.CasesShipped(PICKUP, "courier-7", List.of(DELIVERED)),
            new WarehouseEvent.ShipmentCancelled(PICKUP, List.of(TOKEN)),
            new WarehouseEvent.ShipmentCancellationRefused(PICKUP, List.of(TOKEN)),
            new WarehouseEvent.CasesReturned(PICKUP, "luzhou-1", "B-01-1", List.of(DELIVERED)),
            new DeliveryEvent.PickupOrdered(PICKUP, WALLET, "sf", List.of(STORED), PRICE, Money.cny(0), NOON),
            new DeliveryEvent.PickupAuthorised(PICKUP, "sf-2026", STATEMENT),
            new DeliveryEvent.DeliveryRequested(PICKUP, WALLET, "sf", List.of(STORED), LATER),
            new DeliveryEvent.DeliveryAccepted(PICKUP, "sf", "courier-7"),
            new DeliveryEvent.CasesCollected(PICKUP, "courier-7", List.of(DELIVERED)),
            new DeliveryEvent.DeliveryFailed(PICKUP, 1, DeliveryEvent.FailureReason.NOBODY_HOME),
            new DeliveryEvent.DeliveryCompleted(PICKUP, WALLET, List.of(DELIVERED), STATEMENT),
            new DeliveryEvent.ReturnRequested(
                    PICKUP, List.of(DELIVERED), DeliveryEvent.FailureReason.REFUSED_BY_RECIPIENT),
            new DeliveryEvent.PickupCancelled(PICKUP, STATEMENT),
            new DeliveryEvent.PickupCancellationRequested(PICKUP, List.of(TOKEN), DeliveryEvent.PickupEndReason.OWNER),
            new DeliveryEvent.PickupEnded(PICKUP, WALLET, List.of(TOKEN), DeliveryEvent.PickupEndReason.LOCK_REFUSED),
            new DeliveryEvent.CasesLost(PICKUP, WALLET, "courier-7", List.of(DELIVERED)),
            new DeliveryEvent.AddressDestroyed(PICKUP, SHA256, LATER),
            new LedgerEvent.EventsAnchored(
                    "ledger.jiucang.example",
                    2,
                    "ledger.jiucang.example\n2\n" + HASH + "\n\n— ledger.jiucang.example AAAAAAAA\n",
                    List.of(new LedgerEvent.Anchor(
                            "urn:jiucang:payment-service",
                            EVENT_ID,
                            SHA256,
                            "io.jiucang.payment.SaleRecorded.v1",
                            1,
                            List.of(HASH)))),
            new LedgerEvent.DirectoryVersion("{\"payload\":\"e30=\"}"),
            new LedgerEvent.Tick(2, Instant.parse("2026-11-22T04:01:00Z"), 17, SHA256, SHA256),
            new LedgerEvent.TerminalEnrolled(TERMINAL, STATEMENT),
            new LedgerEvent.TerminalWithdrawn(TERMINAL, STATEMENT));

    private EventSamples() {}
}
