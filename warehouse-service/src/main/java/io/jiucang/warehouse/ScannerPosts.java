package io.jiucang.warehouse;

import static io.jiucang.starter.RequestRejected.Reason.STATEMENT_MALFORMED;
import static io.jiucang.warehouse.WarehouseRejected.Reason.BOX_CODE_MALFORMED;
import static io.jiucang.warehouse.WarehouseRejected.Reason.BOX_COUNT_INVALID;
import static io.jiucang.warehouse.WarehouseRejected.Reason.BOX_REPEATED;
import static io.jiucang.warehouse.WarehouseRejected.Reason.RELEASE_UNKNOWN;
import static io.jiucang.warehouse.WarehouseRejected.Reason.SCAN_TIME_IMPLAUSIBLE;
import static io.jiucang.warehouse.WarehouseRejected.Reason.STATEMENT_OUT_OF_PLACE;
import static io.jiucang.warehouse.WarehouseRejected.Reason.STATEMENT_VOID;
import static io.jiucang.warehouse.WarehouseRejected.Reason.STOCK_LEFT;
import static io.jiucang.warehouse.WarehouseRejected.Reason.UNKNOWN_PRODUCT;

import io.jiucang.events.WarehouseEvent.CaseStated;
import io.jiucang.events.WarehouseEvent.CasesReturned;
import io.jiucang.events.WarehouseEvent.CasesShipped;
import io.jiucang.events.value.BoxCode;
import io.jiucang.events.value.PickupId;
import io.jiucang.events.value.ReleaseId;
import io.jiucang.events.value.TokenId;
import io.jiucang.ledger.Hash;
import io.jiucang.starter.RequestRejected;
import io.jiucang.starter.law.LawReader;
import io.jiucang.title.Ruling;
import io.jiucang.title.event.Cite;
import io.jiucang.title.event.LawEvent;
import io.jiucang.title.statement.Act;
import io.jiucang.title.statement.Spoken;
import io.jiucang.title.statement.Statement;
import io.jiucang.title.statement.StatementRefused;
import io.jiucang.title.statement.Statements;
import io.jiucang.warehouse.WarehouseCommand.DispatchCase;
import io.jiucang.warehouse.WarehouseCommand.PickCase;
import io.jiucang.warehouse.WarehouseCommand.ReleaseCases;
import io.jiucang.warehouse.WarehouseCommand.ReportDamage;
import io.jiucang.warehouse.WarehouseCommand.ReshelveCase;
import io.jiucang.warehouse.WarehouseCommand.ReturnCases;
import io.jiucang.warehouse.WarehouseCommand.Scan;
import io.jiucang.warehouse.WarehouseCommand.ShelveCase;
import io.jiucang.warehouse.WarehouseCommand.ShipCases;
import io.jiucang.warehouse.WarehouseCommand.StateCases;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.axonframework.commandhandling.gateway.CommandGateway;
import org.springframework.stereotype.Component;

/**
 * What scanners post, with all its boxes or with no effect at all: a refusal of one undoes the whole request.
 *
 * <p>Boxes are locked in the order of their codes and before the release or shipment, so that posts which share some
 * wait for each other and never in a circle.
 */
@Component
class ScannerPosts {

    private static final int MOST_BOXES = 500;

    /** A scanner may have been out of reach for a while; a clock ahead of ours is wrong. */
    private static final Duration OLDEST_SCAN = Duration.ofDays(30);

    private static final Duration CLOCK_SKEW = Duration.ofMinutes(5);

    private final CommandGateway commands;
    private final Vaults vaults;
    private final StockViews stock;
    private final ReleaseViews releases;
    private final LawReader law;
    private final Clock clock;

    ScannerPosts(
            CommandGateway commands,
            Vaults vaults,
            StockViews stock,
            ReleaseViews releases,
            LawReader law,
            Clock clock) {
        this.law = law;
        this.commands = commands;
        this.vaults = vaults;
        this.stock = stock;
        this.releases = releases;
        this.clock = clock;
    }

    /** @return the box codes in canonical form, in the order of scanning */
    List<BoxCode> shelve(String site, String bin, List<String> labels) {
        List<BoxCode> boxes = parse(labels);
        boxes.stream().map(BoxCode::gtin).distinct().forEach(gtin -> requireKept(site, gtin));
        sorted(boxes).forEach(box -> commands.sendAndWait(new ShelveCase(box, site, bin)));
        return boxes;
    }

    void reportDamage(String label, String description) {
        commands.sendAndWait(new ReportDamage(parse(label), description));
    }

    /** What a dock says of cases to be released: which box for which token, or that there will be none. */
    void state(ReleaseId id, List<String> statements, String worker) {
        ReleaseView release = releases.find(id)
                .orElseThrow(() -> new WarehouseRejected(RELEASE_UNKNOWN, "there is no release " + id));
        if (statements.isEmpty() || statements.size() > 2) {
            throw new WarehouseRejected(STATEMENT_OUT_OF_PLACE, "one statement, or of a refusal two");
        }
        Statement<?> statement = read(statements.getFirst());
        switch (statement.act()) {
            case Act.Release said
            when statements.size() == 1 -> release(release, statements.getFirst(), statement.spoken(), said, worker);
            case Act.NotReleased said when statements.size() == 1 -> state(release, said.sale(), statements);
            case Act.Refusal said
            when statements.size() == 2 -> {
                requireNoneLeft(release);
                state(release, said.sale(), statements);
            }
            default -> throw new WarehouseRejected(STATEMENT_OUT_OF_PLACE, "a release, not-released, or two refusals");
        }
    }

    private static Statement<?> read(String statement) {
        try {
            return Statements.read(statement);
        } catch (StatementRefused e) {
            throw new RequestRejected(STATEMENT_MALFORMED, String.valueOf(e.getMessage()));
        }
    }

    private void release(ReleaseView release, String statement, Spoken spoken, Act.Release said, String worker) {
        requireSaleOf(release, said.sale());
        ReleaseId id = new ReleaseId(release.releaseId());
        Scan scan = new Scan(spoken.sub(), worker, spoken.iat());
        Map<BoxCode, CasePicked> picked = new HashMap<>();
        sorted(said.boxes().values())
                .forEach(box -> picked.put(box, commands.sendAndWait(new PickCase(box, id, scan))));
        Map<TokenId, CasePicked> cases = new HashMap<>();
        said.boxes().forEach((token, box) -> cases.put(token, Objects.requireNonNull(picked.get(box))));
        commands.sendAndWait(new ReleaseCases(id, statement, cases));
        requireLawful(new LawEvent.CasesReleased(statement, new Cite(release.saleIndex(), said.sale())));
    }

    private void state(ReleaseView release, Hash sale, List<String> statements) {
        requireSaleOf(release, sale);
        ReleaseId id = new ReleaseId(release.releaseId());
        commands.sendAndWait(new StateCases(id, new CaseStated(id, statements)));
        requireLawful(new LawEvent.CaseStated(
                statements.getFirst(), statements.stream().skip(1).findFirst()));
    }

    private static void requireSaleOf(ReleaseView release, Hash sale) {
        if (!sale.hex().equals(release.sale())) {
            throw new WarehouseRejected(
                    STATEMENT_OUT_OF_PLACE, "release " + release.releaseId() + " is of the sale " + release.sale());
        }
    }

    /**
     * As a whole: the law judges a statement token by token, but whoever posts it should know. Asked last, since it says less
     * plainly what is wrong; nothing has happened yet.
     */
    private void requireLawful(LawEvent event) {
        Ruling ruling = law.decide(event);
        Optional<Ruling.Voided> broken = switch (ruling) {
            case Ruling.Voided voided -> Optional.of(voided);
            case Ruling.Valid valid -> valid.except().values().stream().findFirst();
        };
        broken.ifPresent(voided -> {
            throw new WarehouseRejected(STATEMENT_VOID, voided.toString());
        });
    }

    private void requireNoneLeft(ReleaseView release) {
        if (stock.isSoundLeft(release.site(), release.gtin())) {
            throw new WarehouseRejected(
                    STOCK_LEFT, "sound boxes of " + release.gtin() + " are left at " + release.site());
        }
    }

    CasesShipped ship(PickupId pickup, List<String> labels, String courier, Scan scan) {
        requirePlausible(scan);
        List<BoxCode> boxes = parse(labels);
        List<CaseDispatched> cases = each(boxes, box -> commands.sendAndWait(new DispatchCase(box, pickup, scan)));
        return commands.sendAndWait(new ShipCases(pickup, courier, cases));
    }

    CasesReturned takeBack(PickupId pickup, String site, String bin, List<String> labels) {
        List<BoxCode> boxes = parse(labels);
        boxes.stream().map(BoxCode::gtin).distinct().forEach(gtin -> requireKept(site, gtin));
        sorted(boxes).forEach(box -> commands.sendAndWait(new ReshelveCase(box, site, bin, pickup)));
        return commands.sendAndWait(new ReturnCases(pickup, site, bin, boxes));
    }

    private void requireKept(String site, String gtin) {
        if (!vaults.hold(site, gtin)) {
            throw new WarehouseRejected(UNKNOWN_PRODUCT, "no vault at " + site + " holds GTIN " + gtin);
        }
    }

    private void requirePlausible(Scan scan) {
        Instant now = clock.instant();
        if (scan.scannedAt().isAfter(now.plus(CLOCK_SKEW)) || scan.scannedAt().isBefore(now.minus(OLDEST_SCAN))) {
            throw new WarehouseRejected(
                    SCAN_TIME_IMPLAUSIBLE, "scanned at " + scan.scannedAt() + ", while it is " + now);
        }
    }

    /** What becomes of each box: taken in the order of their codes, given back in the order of scanning. */
    private static <T> List<T> each(List<BoxCode> boxes, Function<BoxCode, T> take) {
        Map<BoxCode, T> taken = new HashMap<>();
        sorted(boxes).forEach(box -> taken.put(box, take.apply(box)));
        return boxes.stream().map(taken::get).map(Objects::requireNonNull).toList();
    }

    private static List<BoxCode> sorted(Collection<BoxCode> boxes) {
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
