package io.jiucang.token;

import io.jiucang.events.BoxCode;
import io.jiucang.events.Ids;
import io.jiucang.events.Money;
import io.jiucang.events.OrderId;
import io.jiucang.events.PlanId;
import io.jiucang.events.SerialRange;
import io.jiucang.events.TokenEvent.SalesPlanCreated;
import io.jiucang.events.TokenEvent.TokensMinted;
import io.jiucang.events.TokenEvent.TokensReserved;
import io.jiucang.events.TokenEvent.TokensSold;
import io.jiucang.events.TokenEvent.VaultOpened;
import io.jiucang.events.TokenId;
import io.jiucang.events.VaultId;
import io.jiucang.token.VaultCommand.CreateSalesPlan;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** A plan of ten cases, at most three for each buyer, and those who buy them. */
final class TokenFixtures {

    static final PlanId PLAN = new PlanId(Ids.next());
    static final VaultId VAULT = new VaultId(Ids.next());
    static final OrderId ORDER = new OrderId(Ids.next());
    static final OrderId OTHER_ORDER = new OrderId(Ids.next());
    static final String SELLER = "luzhou-laojiao";
    static final String BUYER = "zhang-wei";
    static final String OTHER_BUYER = "li-na";
    static final String GTIN = "19521141111014";
    static final Instant SALE_FROM = Instant.parse("2026-11-01T00:00:00Z");
    static final Instant SALE_UNTIL = Instant.parse("2027-02-01T00:00:00Z");
    static final Instant DURING_SALE = Instant.parse("2026-11-22T10:00:00Z");
    static final long CASES = 10;
    static final long LIMIT = 3;

    private TokenFixtures() {}

    static CreateSalesPlan createSalesPlan() {
        return createSalesPlan(GTIN, CASES, LIMIT);
    }

    static CreateSalesPlan createSalesPlan(String gtin, long cases, long limit) {
        return new CreateSalesPlan(
                VAULT,
                PLAN,
                SELLER,
                "guojiao-1573-52",
                gtin,
                Map.of("zh-CN", "国窖1573 经典装", "en", "Guojiao 1573 Classic"),
                cases,
                Money.cny(588_000),
                limit,
                SALE_FROM,
                SALE_UNTIL,
                "泸州黄舣酒库",
                "VLT-01");
    }

    static SalesPlanCreated salesPlanCreated() {
        return new SalesPlanCreated(
                PLAN,
                VAULT,
                SELLER,
                "guojiao-1573-52",
                GTIN,
                Map.of("zh-CN", "国窖1573 经典装", "en", "Guojiao 1573 Classic"),
                CASES,
                Money.cny(588_000),
                LIMIT,
                SALE_FROM,
                SALE_UNTIL);
    }

    static VaultOpened vaultOpened() {
        return new VaultOpened(VAULT, PLAN, "泸州黄舣酒库", "VLT-01");
    }

    static TokensMinted tokensMinted() {
        return new TokensMinted(VAULT, PLAN, 1, CASES);
    }

    static TokensReserved tokensReserved(OrderId order, String buyer, SerialRange... serials) {
        return new TokensReserved(VAULT, PLAN, order, buyer, List.of(serials));
    }

    static TokensSold tokensSold(OrderId order, String buyer, SerialRange... serials) {
        return new TokensSold(VAULT, PLAN, order, buyer, List.of(serials));
    }

    static SerialRange range(long from, long to) {
        return new SerialRange(from, to);
    }

    static Serials serials(SerialRange... ranges) {
        return Serials.of(List.of(ranges));
    }

    static TokenId token(long serial) {
        return new TokenId(VAULT, serial);
    }

    static BoxCode boxCode(long serial) {
        return new BoxCode(GTIN, "BX" + serial);
    }
}
