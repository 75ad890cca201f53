package io.jiucang.title.event;

import io.jiucang.events.PaymentEvent.ReturnReason;
import io.jiucang.events.value.BoxCode;
import io.jiucang.events.value.Money;
import io.jiucang.events.value.OrderId;
import io.jiucang.events.value.PickupId;
import io.jiucang.events.value.Require;
import io.jiucang.events.value.TokenId;
import io.jiucang.ledger.Hash;
import io.jiucang.title.receipt.SignedAnswer;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What happened, as far as the law asks: the rows of its table of events. Statements are carried as the texts that were
 * signed, evidence that stands elsewhere is cited. Gifts, loans and pledges will be further records here.
 *
 * <p>Constructors refuse what no event can mean; whoever maps an authentic event that is refused makes it {@link Unreadable}.
 */
public sealed interface LawEvent {

    /** An event that changes a token from {@code Sold} on: it names, for each token, the last valid one before it. */
    sealed interface TitleEvent extends LawEvent {

        /** Leaf hashes by token; of a sale, only for serials that were sold and undone before. */
        Map<TokenId, Hash> prev();
    }

    /**
     * An authentic event of a type of these, whose data are not of its form: void, where whoever maps it must neither stop nor
     * leave it out.
     */
    record Unreadable(String type, String why) implements LawEvent {}

    /** @param envelope DSSE over the directory's document */
    @SuppressWarnings("ArrayRecordComponent") // Never compared: its leaf hash is.
    record DirectoryVersion(byte[] envelope) implements LawEvent {}

    /**
     * @param number 1 for the first
     * @param before the tick before; for the first, index 0
     * @param directory leaf hash of the directory version in force
     */
    record Tick(long number, Instant time, Cite before, Hash directory) implements LawEvent {

        private static final Instant YEAR_10000 = Instant.parse("+10000-01-01T00:00:00Z");

        public Tick {
            if (time.isBefore(Instant.EPOCH) || !time.isBefore(YEAR_10000)) {
                throw new IllegalArgumentException("not a time of ours: " + time);
            }
        }
    }

    record TerminalEnrolled(String statement) implements LawEvent {}

    record TerminalWithdrawn(String statement) implements LawEvent {}

    record WalletBorn(String statement) implements LawEvent {}

    record KeyEndorsed(String statement) implements LawEvent {}

    record KeyRevoked(String statement) implements LawEvent {}

    record SalesPlanCreated(String statement) implements LawEvent {}

    record OrderPlaced(String statement) implements LawEvent {}

    record OrderCancelled(String statement) implements LawEvent {}

    record PickupAuthorised(String statement) implements LawEvent {}

    /** @param pickup the event's own word for what the statement names by its hold: the two must agree */
    record PickupCancelled(PickupId pickup, String statement) implements LawEvent {}

    record LossAnswered(String statement) implements LawEvent {}

    /**
     * @param receipt {@link SignedAnswer#sha256}, all that the event itself has of the receipt
     * @param answer the bytes, which are kept beside the ledger: without them the leaf is not opened
     */
    record PaymentCaptured(OrderId order, Hash receipt, SignedAnswer answer) implements LawEvent {}

    /** @param orderId what it calls the order that it cites */
    record TokensSold(OrderId orderId, Cite order, List<Cite> payments, List<TokenId> tokens, Map<TokenId, Hash> prev)
            implements TitleEvent {
        public TokensSold {
            payments = distinct(payments, "payments");
            tokens = distinct(tokens, "tokens");
            prev = Map.copyOf(prev);
        }
    }

    /**
     * @param tokens whose price goes back; none for the whole receipt
     * @param ends the events that ended these tokens' sale
     */
    record ReceiptReturned(Cite payment, ReturnReason reason, Money amount, List<TokenId> tokens, List<Cite> ends)
            implements LawEvent {
        public ReceiptReturned {
            tokens = List.copyOf(tokens);
            requireDistinct(tokens, "tokens");
            ends = List.copyOf(ends);
        }
    }

    record CasesReleased(String statement, Cite sale) implements LawEvent {}

    /** @param party the party's own statement beside its terminal's, where the law asks for both */
    record CaseStated(String terminal, Optional<String> party) implements LawEvent {}

    /**
     * @param orderId what it calls the order of the sale, {@code owner} its buyer, and {@code boxes} those released last
     * @param release the event that released each of these tokens' boxes
     */
    record TokenGranted(
            OrderId orderId,
            String owner,
            Map<TokenId, BoxCode> boxes,
            Cite sale,
            Cite release,
            Map<TokenId, Hash> prev)
            implements TitleEvent {
        public TokenGranted {
            boxes = Map.copyOf(boxes);
            prev = Require.some(prev, "prev");
        }
    }

    /**
     * @param orderId what it calls the order of the sale
     * @param reasons what carries the statements of S7
     */
    record SaleUndone(OrderId orderId, Cite sale, List<Cite> reasons, Map<TokenId, Hash> prev) implements TitleEvent {
        public SaleUndone {
            reasons = distinct(reasons, "reasons");
            prev = Require.some(prev, "prev");
        }
    }

    /** @param by the event that carries the owner's statement */
    record TokenHeld(Cite by, Map<TokenId, Hash> prev) implements TitleEvent {
        public TokenHeld {
            prev = Require.some(prev, "prev");
        }
    }

    record CasesShipped(String statement, Cite held, Map<TokenId, Hash> prev) implements TitleEvent {
        public CasesShipped {
            prev = Require.some(prev, "prev");
        }
    }

    record DeliveryCompleted(String statement, Cite shipped) implements LawEvent {}

    /** @param reasons what carries the statements that ended the hold; none where a date did */
    record TokenFreed(List<Cite> reasons, Map<TokenId, Hash> prev) implements TitleEvent {
        public TokenFreed {
            requireDistinct(reasons, "reasons");
            reasons = List.copyOf(reasons);
            prev = Require.some(prev, "prev");
        }
    }

    record TokenLost(Cite by, Map<TokenId, Hash> prev) implements TitleEvent {
        public TokenLost {
            prev = Require.some(prev, "prev");
        }
    }

    record TokenFound(Cite by, Map<TokenId, Hash> prev) implements TitleEvent {
        public TokenFound {
            prev = Require.some(prev, "prev");
        }
    }

    /** @param by the proof of the delivery, or the owner's choice of their money */
    record TokenBurned(Cite by, Map<TokenId, Hash> prev) implements TitleEvent {
        public TokenBurned {
            prev = Require.some(prev, "prev");
        }
    }

    private static <T> List<T> distinct(List<T> values, String name) {
        requireDistinct(values, name);
        return Require.some(values, name);
    }

    private static void requireDistinct(List<?> values, String name) {
        if (new HashSet<>(values).size() < values.size()) {
            throw new IllegalArgumentException("one of the " + name + " stands twice");
        }
    }
}
