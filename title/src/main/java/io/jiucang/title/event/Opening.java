package io.jiucang.title.event;

import io.jiucang.events.DeliveryEvent;
import io.jiucang.events.DomainEvent;
import io.jiucang.events.EventRefused;
import io.jiucang.events.EventTypes;
import io.jiucang.events.LedgerEvent;
import io.jiucang.events.OrderEvent;
import io.jiucang.events.PaymentEvent;
import io.jiucang.events.PaymentEvent.PaymentCaptured;
import io.jiucang.events.TokenEvent;
import io.jiucang.events.WarehouseEvent;
import io.jiucang.events.envelope.VerifiedEvent;
import io.jiucang.events.value.BoxCode;
import io.jiucang.events.value.SerialRange;
import io.jiucang.events.value.Sha256;
import io.jiucang.events.value.TokenId;
import io.jiucang.ledger.Hash;
import io.jiucang.title.directory.Service;
import io.jiucang.title.receipt.SignedAnswer;
import io.jiucang.title.statement.Act;
import io.jiucang.title.statement.Statement;
import io.jiucang.title.statement.StatementRefused;
import io.jiucang.title.statement.Statements;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.BiPredicate;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Opens leaves: what an authentic event says for the law, and who tells it. */
public final class Opening {

    private static final byte[] NO_EVIDENCE = {};

    private static final Map<String, BiFunction<DomainEvent, byte[], LawEvent>> MEANINGS = Map.ofEntries(
            meaning(
                    LedgerEvent.DirectoryVersion.class,
                    event -> new LawEvent.DirectoryVersion(event.envelope().getBytes(StandardCharsets.UTF_8))),
            meaning(
                    LedgerEvent.Tick.class,
                    event -> new LawEvent.Tick(
                            event.number(),
                            event.time(),
                            new Cite(event.beforeIndex(), Hash.ofHex(event.beforeLeaf())),
                            Hash.ofHex(event.directoryLeaf()))),
            meaning(LedgerEvent.TerminalEnrolled.class, event -> new LawEvent.TerminalEnrolled(event.statement())),
            meaning(LedgerEvent.TerminalWithdrawn.class, event -> new LawEvent.TerminalWithdrawn(event.statement())),
            meaning(TokenEvent.WalletBorn.class, event -> new LawEvent.WalletBorn(event.statement())),
            meaning(TokenEvent.KeyEndorsed.class, event -> new LawEvent.KeyEndorsed(event.statement())),
            meaning(TokenEvent.KeyRevoked.class, event -> new LawEvent.KeyRevoked(event.statement())),
            said(
                    TokenEvent.SalesPlanCreated.class,
                    TokenEvent.SalesPlanCreated::statement,
                    Act.Offer.class,
                    (plan, offer) -> offer.planId().equals(plan.planId())
                            && offer.vaultId().equals(plan.vaultId()),
                    (event, statement) -> new LawEvent.SalesPlanCreated(statement)),
            said(
                    OrderEvent.OrderPlaced.class,
                    OrderEvent.OrderPlaced::statement,
                    Act.Order.class,
                    (order, intent) -> intent.orderId().equals(order.orderId()),
                    (event, statement) -> new LawEvent.OrderPlaced(statement)),
            said(
                    OrderEvent.OrderCancelled.class,
                    OrderEvent.OrderCancelled::statement,
                    Act.OrderCancellation.class,
                    (cancelled, word) -> word.act().order().equals(cancelled.orderId()),
                    (event, statement) -> new LawEvent.OrderCancelled(statement)),
            meaning(
                    PaymentEvent.ReceiptReturned.class,
                    event -> new LawEvent.ReceiptReturned(
                            Cite.of(event.payment()),
                            event.reason(),
                            event.amount(),
                            event.tokens(),
                            event.ends().stream().map(Cite::of).toList())),
            said(
                    DeliveryEvent.PickupAuthorised.class,
                    DeliveryEvent.PickupAuthorised::statement,
                    Act.Pickup.class,
                    (pickup, word) -> word.act().pickup().equals(pickup.pickupId()),
                    (event, statement) -> new LawEvent.PickupAuthorised(statement)),
            meaning(
                    DeliveryEvent.PickupCancelled.class,
                    event -> new LawEvent.PickupCancelled(event.pickupId(), event.statement())),
            Map.entry(EventTypes.typeOf(PaymentCaptured.class), (event, evidence) -> {
                PaymentCaptured captured = (PaymentCaptured) event;
                return new LawEvent.PaymentCaptured(
                        captured.orderId(), Hash.ofHex(captured.receipt()), SignedAnswer.parse(evidence));
            }),
            meaning(
                    TokenEvent.TokensSold.class,
                    event -> new LawEvent.TokensSold(
                            event.orderId(),
                            Cite.of(event.order()),
                            event.payments().stream().map(Cite::of).toList(),
                            SerialRange.tokens(event.vaultId(), event.serials()).toList(),
                            hashes(event.prev()))),
            said(
                    WarehouseEvent.CasesReleased.class,
                    WarehouseEvent.CasesReleased::statement,
                    Act.Release.class,
                    (released, word) -> word.act().boxes().equals(boxes(released))
                            && word.act().sale().hex().equals(released.sale().leafHash()),
                    (event, statement) -> new LawEvent.CasesReleased(statement, Cite.of(event.sale()))),
            meaning(
                    TokenEvent.TokenGranted.class,
                    event -> new LawEvent.TokenGranted(
                            event.orderId(),
                            event.owner(),
                            Map.of(event.tokenId(), event.boxCode()),
                            Cite.of(event.sale()),
                            Cite.of(event.release()),
                            hashes(Map.of(event.tokenId(), event.prev())))),
            meaning(
                    TokenEvent.SaleUndone.class,
                    event -> new LawEvent.SaleUndone(
                            event.orderId(),
                            Cite.of(event.sale()),
                            event.reasons().stream().map(Cite::of).toList(),
                            hashes(event.prev()))),
            meaning(
                    WarehouseEvent.CaseStated.class,
                    event -> new LawEvent.CaseStated(
                            event.statements().getFirst(),
                            event.statements().stream().skip(1).findFirst())));

    private Opening() {}

    private static Map<TokenId, Hash> hashes(Map<TokenId, String> prev) {
        return prev.entrySet().stream()
                .collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, entry -> Hash.ofHex(entry.getValue())));
    }

    private static Map<TokenId, BoxCode> boxes(WarehouseEvent.CasesReleased event) {
        Map<TokenId, BoxCode> boxes = new HashMap<>();
        for (WarehouseEvent.ReleasedCase each : event.cases()) {
            if (!each.tokenId().vault().equals(event.vaultId())) {
                throw new IllegalArgumentException("of another vault: " + each.tokenId());
            }
            if (boxes.put(each.tokenId(), each.boxCode()) != null) {
                throw new IllegalArgumentException("it releases two boxes for " + each.tokenId());
            }
        }
        return boxes;
    }

    private static <E extends DomainEvent> Map.Entry<String, BiFunction<DomainEvent, byte[], LawEvent>> meaning(
            Class<E> type, Function<E, LawEvent> meaning) {
        return Map.entry(EventTypes.typeOf(type), (event, evidence) -> meaning.apply(type.cast(event)));
    }

    /**
     * An event that carries a statement. Whoever reads it believes what it says beside that, so the two must agree, or it is
     * unreadable; what is no such statement is the law's to judge.
     */
    private static <E extends DomainEvent, A extends Act>
            Map.Entry<String, BiFunction<DomainEvent, byte[], LawEvent>> said(
                    Class<E> type,
                    Function<E, String> text,
                    Class<A> act,
                    BiPredicate<E, Statement<A>> agree,
                    BiFunction<E, String, LawEvent> meaning) {
        return meaning(type, event -> {
            if (statement(text.apply(event), act)
                    .filter(statement -> !agree.test(event, statement))
                    .isPresent()) {
                throw new IllegalArgumentException("it says something else than its statement");
            }
            return meaning.apply(event, text.apply(event));
        });
    }

    private static <A extends Act> Optional<Statement<A>> statement(String text, Class<A> act) {
        try {
            return Optional.of(Statements.read(text, act));
        } catch (StatementRefused e) {
            return Optional.empty();
        }
    }

    /** Whether events of this CloudEvents type are the law's business: all others it passes over unread. */
    public static boolean concerns(String type) {
        return MEANINGS.containsKey(type);
    }

    /** What opening a leaf comes to. */
    public sealed interface Outcome {}

    public record Open(Leaf leaf) implements Outcome {}

    public record NotTheLawsBusiness() implements Outcome {}

    /**
     * The leaf cannot be judged, and so none after it can, until the bytes are there that its event names.
     *
     * @param evidence their SHA-256
     */
    public record Closed(Hash evidence) implements Outcome {}

    /**
     * @param index where the event stands in the ledger
     * @param evidence finds the bytes of this SHA-256; other bytes are none
     */
    public static Outcome open(long index, VerifiedEvent verified, Function<Hash, Optional<byte[]>> evidence) {
        String type = verified.event().getType();
        if (!concerns(type)) {
            return new NotTheLawsBusiness();
        }
        DomainEvent event;
        try {
            event = verified.domainEvent();
        } catch (EventRefused e) {
            return open(index, verified, new LawEvent.Unreadable(type, whyNot(e)));
        }
        Optional<Hash> named = evidenceOf(event);
        Optional<byte[]> found = named.flatMap(hash -> evidence.apply(hash)
                .filter(bytes -> Hash.of(Sha256.digest().digest(bytes)).equals(hash)));
        return named.isPresent() && found.isEmpty()
                ? new Closed(named.get())
                : open(
                        index,
                        verified,
                        meaning(event, found.orElse(NO_EVIDENCE)).orElseThrow());
    }

    private static Open open(long index, VerifiedEvent verified, LawEvent meaning) {
        Service teller = Service.of(verified.event().getSource()).orElseThrow();
        String key = verified.keyIds().iterator().next();
        return new Open(new Leaf(index, Hash.of(verified.leafHash()), teller, key, meaning));
    }

    /**
     * The SHA-256 of the bytes that an event has by it alone, since they may name a person. They travel beside the event, and
     * without them nobody can judge it.
     */
    public static Optional<Hash> evidenceOf(DomainEvent event) {
        return event instanceof PaymentCaptured captured
                ? Optional.of(Hash.ofHex(captured.receipt()))
                : Optional.empty();
    }

    /**
     * What an event says for the law that names no evidence; empty if it is not the law's business.
     *
     * @throws IllegalArgumentException if it names some
     */
    public static Optional<LawEvent> meaning(DomainEvent event) {
        if (evidenceOf(event).isPresent()) {
            throw new IllegalArgumentException("nothing without its evidence: " + event);
        }
        return meaning(event, NO_EVIDENCE);
    }

    private static Optional<LawEvent> meaning(DomainEvent event, byte[] evidence) {
        String type = EventTypes.typeOf(event.getClass());
        try {
            return Optional.ofNullable(MEANINGS.get(type)).map(meaning -> meaning.apply(event, evidence));
        } catch (IllegalArgumentException e) {
            return Optional.of(new LawEvent.Unreadable(type, whyNot(e)));
        }
    }

    private static String whyNot(RuntimeException failure) {
        return String.valueOf(failure.getMessage());
    }
}
