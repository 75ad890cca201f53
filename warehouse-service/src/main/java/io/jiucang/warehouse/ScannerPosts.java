package io.jiucang.warehouse;

import static io.jiucang.warehouse.WarehouseRejected.Reason.BOX_CODE_MALFORMED;
import static io.jiucang.warehouse.WarehouseRejected.Reason.BOX_COUNT_INVALID;
import static io.jiucang.warehouse.WarehouseRejected.Reason.BOX_REPEATED;
import static io.jiucang.warehouse.WarehouseRejected.Reason.RELEASE_UNKNOWN;
import static io.jiucang.warehouse.WarehouseRejected.Reason.STOCK_LEFT;
import static io.jiucang.warehouse.WarehouseRejected.Reason.UNKNOWN_PRODUCT;

import io.jiucang.events.BoxCode;
import io.jiucang.events.ReleaseId;
import io.jiucang.events.WarehouseEvent.CasesReleased;
import io.jiucang.warehouse.WarehouseCommand.PickCase;
import io.jiucang.warehouse.WarehouseCommand.RefuseRelease;
import io.jiucang.warehouse.WarehouseCommand.ReleaseCases;
import io.jiucang.warehouse.WarehouseCommand.ReportDamage;
import io.jiucang.warehouse.WarehouseCommand.Scan;
import io.jiucang.warehouse.WarehouseCommand.ShelveCase;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;
import org.axonframework.commandhandling.gateway.CommandGateway;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * What scanners post, with all its boxes or with no effect at all.
 *
 * <p>Boxes are locked in the order of their codes and before the release, so that posts which share some wait for each
 * other and never in a circle.
 */
@Component
class ScannerPosts {

    private static final int MOST_BOXES = 500;

    private final CommandGateway commands;
    private final Vaults vaults;
    private final StockViews stock;
    private final ReleaseViews releases;
    private final TransactionTemplate savepoint;

    ScannerPosts(
            CommandGateway commands,
            Vaults vaults,
            StockViews stock,
            ReleaseViews releases,
            PlatformTransactionManager transactions) {
        this.commands = commands;
        this.vaults = vaults;
        this.stock = stock;
        this.releases = releases;
        // A refused post undoes its boxes, but not the request's transaction, which keeps its answer.
        this.savepoint = new TransactionTemplate(transactions);
        this.savepoint.setPropagationBehavior(TransactionDefinition.PROPAGATION_NESTED);
    }

    /** @return the box codes in canonical form, in the order of scanning */
    List<BoxCode> shelve(String site, String bin, List<String> labels) {
        List<BoxCode> boxes = parse(labels);
        boxes.stream().map(BoxCode::gtin).distinct().forEach(gtin -> requireKept(site, gtin));
        return whole(() -> {
            sorted(boxes).forEach(box -> commands.sendAndWait(new ShelveCase(box, site, bin)));
            return boxes;
        });
    }

    void reportDamage(String label, String description) {
        commands.sendAndWait(new ReportDamage(parse(label), description));
    }

    CasesReleased release(ReleaseId release, List<String> labels, Scan scan) {
        List<BoxCode> boxes = parse(labels);
        return whole(() -> {
            Map<BoxCode, CasePicked> picked = new HashMap<>();
            for (BoxCode box : sorted(boxes)) {
                picked.put(box, commands.sendAndWait(new PickCase(box, release, scan)));
            }
            List<CasePicked> cases =
                    boxes.stream().map(picked::get).map(Objects::requireNonNull).toList();
            return commands.sendAndWait(new ReleaseCases(release, cases));
        });
    }

    void refuse(ReleaseId id, String description) {
        ReleaseView release = releases.find(id)
                .orElseThrow(() -> new WarehouseRejected(RELEASE_UNKNOWN, "there is no release " + id));
        if (release.state() == Release.State.OPEN && stock.isSoundLeft(release.site(), release.gtin())) {
            throw new WarehouseRejected(
                    STOCK_LEFT, "sound boxes of " + release.gtin() + " are left at " + release.site());
        }
        commands.sendAndWait(new RefuseRelease(id, description));
    }

    private void requireKept(String site, String gtin) {
        if (!vaults.hold(site, gtin)) {
            throw new WarehouseRejected(UNKNOWN_PRODUCT, "no vault at " + site + " holds GTIN " + gtin);
        }
    }

    private <T> T whole(Supplier<T> post) {
        return Objects.requireNonNull(savepoint.execute(status -> post.get()));
    }

    private static List<BoxCode> sorted(List<BoxCode> boxes) {
        return boxes.stream().sorted(Comparator.comparing(BoxCode::toString)).toList();
    }

    private static List<BoxCode> parse(List<String> labels) {
        if (labels.isEmpty() || labels.size() > MOST_BOXES) {
            throw new WarehouseRejected(BOX_COUNT_INVALID, "1 to " + MOST_BOXES + " boxes, not " + labels.size());
        }
        List<BoxCode> boxes = labels.stream().map(ScannerPosts::parse).toList();
        Set<BoxCode> seen = new HashSet<>();
        for (BoxCode box : boxes) {
            if (!seen.add(box)) {
                throw new WarehouseRejected(BOX_REPEATED, box + " is in this post twice");
            }
        }
        return boxes;
    }

    private static BoxCode parse(String label) {
        try {
            return BoxCode.parse(label);
        } catch (IllegalArgumentException e) {
            throw new WarehouseRejected(BOX_CODE_MALFORMED, Objects.requireNonNull(e.getMessage()));
        }
    }
}
