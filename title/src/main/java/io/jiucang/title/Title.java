package io.jiucang.title;

import static io.jiucang.title.Rule.DIRECTORY;
import static io.jiucang.title.Rule.LEAF_ORDER;
import static io.jiucang.title.Rule.TELLER;
import static io.jiucang.title.Rule.TICK;
import static io.jiucang.title.Rule.VERSION;

import io.jiucang.title.directory.Directory;
import io.jiucang.title.directory.DirectoryRefused;
import io.jiucang.title.directory.Pins;
import io.jiucang.title.event.LawEvent.CaseStated;
import io.jiucang.title.event.LawEvent.CasesReleased;
import io.jiucang.title.event.LawEvent.CasesShipped;
import io.jiucang.title.event.LawEvent.DeliveryCompleted;
import io.jiucang.title.event.LawEvent.DirectoryVersion;
import io.jiucang.title.event.LawEvent.KeyEndorsed;
import io.jiucang.title.event.LawEvent.KeyRevoked;
import io.jiucang.title.event.LawEvent.LossAnswered;
import io.jiucang.title.event.LawEvent.OrderCancelled;
import io.jiucang.title.event.LawEvent.OrderPlaced;
import io.jiucang.title.event.LawEvent.PaymentCaptured;
import io.jiucang.title.event.LawEvent.PickupAuthorised;
import io.jiucang.title.event.LawEvent.PickupCancelled;
import io.jiucang.title.event.LawEvent.ReceiptReturned;
import io.jiucang.title.event.LawEvent.SaleUndone;
import io.jiucang.title.event.LawEvent.SalesPlanCreated;
import io.jiucang.title.event.LawEvent.TerminalEnrolled;
import io.jiucang.title.event.LawEvent.TerminalWithdrawn;
import io.jiucang.title.event.LawEvent.Tick;
import io.jiucang.title.event.LawEvent.TokenBurned;
import io.jiucang.title.event.LawEvent.TokenFound;
import io.jiucang.title.event.LawEvent.TokenFreed;
import io.jiucang.title.event.LawEvent.TokenGranted;
import io.jiucang.title.event.LawEvent.TokenHeld;
import io.jiucang.title.event.LawEvent.TokenLost;
import io.jiucang.title.event.LawEvent.TokensSold;
import io.jiucang.title.event.LawEvent.Unreadable;
import io.jiucang.title.event.LawEvent.WalletBorn;
import io.jiucang.title.event.Leaf;
import java.time.Instant;

/**
 * The law. Whoever replays the same leaves in index order comes to the same titles, whoever they are.
 *
 * <p>A leaf costs the signatures it carries and a few look-ups, whatever the size of the state: 100,000 events are a matter
 * of seconds, nearly all of them spent on P-256.
 */
public final class Title {

    private Title() {}

    /**
     * Begins with the leaf of index 0, the first version of the directory.
     *
     * @throws ReaderStopped if it is anything else: without the roots' word nothing can be decided
     */
    public static TitleState begin(Pins pins, Leaf first) {
        if (first.index() != 0 || !(first.event() instanceof DirectoryVersion version)) {
            throw new ReaderStopped(DIRECTORY, "the ledger does not begin with a directory version");
        }
        try {
            TitleState state = new TitleState(pins, Directory.read(version.envelope(), pins), first);
            // Its keys sign at once.
            new Hearing(state, first).requireTeller();
            return state;
        } catch (DirectoryRefused e) {
            throw stopped(e);
        } catch (LawBroken e) {
            throw new ReaderStopped(DIRECTORY, e.voided().why());
        }
    }

    /**
     * Takes in the next opened leaf: changes the state by it, or counts it as void.
     *
     * @throws ReaderStopped if the leaf is beyond what this reader knows
     * @throws IllegalArgumentException if its index is not above those before
     */
    public static Ruling apply(TitleState state, Leaf leaf) {
        Ruling ruling = decide(state, leaf);
        state.evolve(leaf, ruling);
        return ruling;
    }

    /** What {@link #apply} would say, without changing anything. */
    public static Ruling decide(TitleState state, Leaf leaf) {
        if (leaf.index() <= state.lastIndex()) {
            throw new IllegalArgumentException(
                    "leaf " + leaf.index() + " after leaf " + state.lastIndex() + ": only index order counts");
        }
        try {
            LEAF_ORDER.require(!state.hasLeaf(leaf.hash()), "the same leaf stands at a lower index");
            Hearing hearing = new Hearing(state, leaf);
            hearing.requireTeller();
            return ruling(hearing, leaf);
        } catch (LawBroken e) {
            return e.voided();
        }
    }

    /**
     * For a reader who lives now, not one who replays: the ledger's clock must not run ahead of theirs (O3).
     *
     * @throws ReaderStopped if the last tick is further ahead than the directory allows
     */
    public static void requireNotAhead(TitleState state, Instant readersClock) {
        Instant latest = readersClock.plusSeconds(state.directory().parameters().readerBehind());
        state.lastTick().filter(tick -> tick.time().isAfter(latest)).ifPresent(tick -> {
            throw new ReaderStopped(
                    TICK, "tick " + tick.number() + " says " + tick.time() + ", and it is " + readersClock);
        });
    }

    private static Ruling ruling(Hearing hearing, Leaf leaf) {
        return switch (leaf.event()) {
            case Unreadable event -> throw TELLER.broken("not a readable " + event.type() + ": " + event.why());
            case DirectoryVersion event -> laterDirectory(hearing, event);
            case Tick event -> new Ticks(hearing).judge(event);
            case TerminalEnrolled event -> new Keys(hearing).judge(event);
            case TerminalWithdrawn event -> new Keys(hearing).judge(event);
            case WalletBorn event -> new Keys(hearing).judge(event);
            case KeyEndorsed event -> new Keys(hearing).judge(event);
            case KeyRevoked event -> new Keys(hearing).judge(event);
            case SalesPlanCreated event -> new Sales(hearing).judge(event);
            case OrderPlaced event -> new Sales(hearing).judge(event);
            case OrderCancelled event -> new Sales(hearing).judge(event);
            case PaymentCaptured event -> new Payments(hearing).judge(event);
            case TokensSold event -> new Sales(hearing).judge(event);
            case ReceiptReturned event -> new Payments(hearing).judge(event);
            case CasesReleased event -> new Releases(hearing).judge(event);
            case CaseStated event -> new Words(hearing).judge(event);
            case TokenGranted event -> new Releases(hearing).judge(event);
            case SaleUndone event -> new Undoings(hearing).judge(event);
            case PickupAuthorised event -> new Holds(hearing).judge(event);
            case PickupCancelled event -> new Holds(hearing).judge(event);
            case TokenHeld event -> new Holds(hearing).judge(event);
            case CasesShipped event -> new Holds(hearing).judge(event);
            case DeliveryCompleted event -> new Holds(hearing).judge(event);
            case TokenFreed event -> new Ends(hearing).judge(event);
            case TokenBurned event -> new Ends(hearing).judge(event);
            case TokenLost event -> new Ends(hearing).judge(event);
            case TokenFound event -> new Ends(hearing).judge(event);
            case LossAnswered event -> new Ends(hearing).judge(event);
        };
    }

    /** From anybody but the roots it is void; from them it is something this reader does not know yet. */
    private static Ruling laterDirectory(Hearing hearing, DirectoryVersion event) {
        try {
            Directory.read(event.envelope(), hearing.state().pins());
        } catch (DirectoryRefused e) {
            if (e.isFromTheRoots()) {
                throw stopped(e);
            }
            throw DIRECTORY.broken(String.valueOf(e.getMessage()));
        }
        throw DIRECTORY.broken("the first version, again");
    }

    private static ReaderStopped stopped(DirectoryRefused e) {
        Rule rule = e.reason() == DirectoryRefused.Reason.UNKNOWN_LAW ? VERSION : DIRECTORY;
        return new ReaderStopped(rule, String.valueOf(e.getMessage()));
    }
}
