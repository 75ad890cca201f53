package io.jiucang.warehouse;

import io.jiucang.events.DeliveryEvent.StoredCase;
import io.jiucang.events.WarehouseEvent.CaseStated;
import io.jiucang.events.WarehouseEvent.CasesReleased;
import io.jiucang.events.WarehouseEvent.ReleaseRequested;
import io.jiucang.events.WarehouseEvent.ReleasedCase;
import io.jiucang.events.value.BoxCode;
import io.jiucang.events.value.Cite;
import io.jiucang.events.value.OrderId;
import io.jiucang.events.value.PickupId;
import io.jiucang.events.value.PlanId;
import io.jiucang.events.value.ReleaseId;
import io.jiucang.events.value.TokenId;
import io.jiucang.events.value.VaultId;
import io.jiucang.simulators.statement.Dock;
import io.jiucang.simulators.statement.SigningKey;
import io.jiucang.simulators.statement.Speaker;
import io.jiucang.warehouse.WarehouseCommand.Scan;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.stream.LongStream;
import org.hamcrest.Description;
import org.hamcrest.Matcher;
import org.hamcrest.TypeSafeMatcher;

/** A site with one product, and a release of its cases. */
final class WarehouseFixtures {

    static final String SITE = "泸州黄舣酒库";
    static final String BIN = "A-03-2";
    static final String GTIN = "19521141111014";
    static final String OTHER_GTIN = "16970345200018";
    static final PlanId PLAN = new PlanId("019aa0c0-0000-7000-8000-000000000001");
    static final VaultId VAULT = new VaultId("019aa0c0-0000-7000-8000-000000000002");
    static final OrderId ORDER = new OrderId("019aa0c0-0000-7000-8000-000000000003");
    static final ReleaseId RELEASE = new ReleaseId(ORDER.value());
    static final PickupId PICKUP = new PickupId("019aa0c0-0000-7000-8000-000000000004");
    static final String COURIER = "courier";
    static final Scan SCAN = new Scan("PDA-07", "scanner", Instant.parse("2026-11-22T04:00:00Z"));

    static final Cite SALE = new Cite(7, "5a".repeat(32));

    /** What a dock said, where it does not matter what. */
    static final String STATEMENT = "a dock's statement";

    private static final Dock DOCK =
            new Dock(Speaker.terminal("test.jiucang.example/ledger", SigningKey.create(), Clock.systemUTC()));

    private WarehouseFixtures() {}

    static CaseStated notReleased(ReleaseId release, List<TokenId> tokens) {
        return new CaseStated(release, List.of(DOCK.notReleased(SALE.leafHash(), texts(tokens))));
    }

    static CaseStated refused(ReleaseId release, List<TokenId> tokens) {
        return new CaseStated(release, List.of(DOCK.refusal(SALE.leafHash(), texts(tokens)), STATEMENT));
    }

    private static List<String> texts(List<TokenId> tokens) {
        return tokens.stream().map(TokenId::toString).toList();
    }

    static BoxCode box(int number) {
        return new BoxCode(GTIN, "A%06d".formatted(number));
    }

    static CasePicked picked(int box) {
        return new CasePicked(box(box), SITE, BIN, RELEASE, SCAN);
    }

    static CaseDispatched dispatched(int box) {
        return new CaseDispatched(box(box), SITE, BIN, PICKUP, SCAN);
    }

    /** As delivery-service names it. */
    static StoredCase stored(int number) {
        return new StoredCase(token(number), box(number), SITE, BIN);
    }

    static TokenId token(long serial) {
        return new TokenId(VAULT, serial);
    }

    static List<TokenId> tokens(long count) {
        return LongStream.rangeClosed(1, count)
                .mapToObj(WarehouseFixtures::token)
                .toList();
    }

    static ReleaseRequested requested(long tokens) {
        return new ReleaseRequested(RELEASE, ORDER, VAULT, SITE, GTIN, tokens(tokens), SALE);
    }

    static CasesReleased released(ReleasedCase... cases) {
        return new CasesReleased(RELEASE, ORDER, VAULT, List.of(cases), SALE, STATEMENT);
    }

    static ReleasedCase servedBy(long token, int box) {
        return new ReleasedCase(token(token), box(box), BIN);
    }

    static Matcher<WarehouseRejected> rejectedFor(WarehouseRejected.Reason reason) {
        return new TypeSafeMatcher<>() {
            @Override
            protected boolean matchesSafely(WarehouseRejected rejected) {
                return rejected.reason() == reason;
            }

            @Override
            public void describeTo(Description description) {
                description.appendText("rejected for " + reason);
            }
        };
    }
}
