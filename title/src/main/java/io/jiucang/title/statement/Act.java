package io.jiucang.title.statement;

import static io.jiucang.title.form.Form.ACCOUNT;
import static io.jiucang.title.form.Form.NAME;
import static io.jiucang.title.form.Form.PARTY;
import static io.jiucang.title.form.Form.THUMBPRINT;

import io.jiucang.events.value.BoxCode;
import io.jiucang.events.value.HandoverCode;
import io.jiucang.events.value.Money;
import io.jiucang.events.value.OrderId;
import io.jiucang.events.value.PickupId;
import io.jiucang.events.value.PlanId;
import io.jiucang.events.value.Require;
import io.jiucang.events.value.TokenId;
import io.jiucang.events.value.VaultId;
import io.jiucang.ledger.Hash;
import io.jiucang.title.form.P256Key;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;

/**
 * What somebody says in a statement: one record for each act, its components are the claims of that act. Each constructor
 * refuses what is not of its form; what it means, and whether it counts, is the law's business.
 */
public sealed interface Act {

    /** The most tokens that one statement names: a 50-case order, twice. */
    int MOST_TOKENS = 100;

    /** The most cases of one offer. */
    long MOST_CASES = 10_000_000;

    /** Who may speak it. */
    enum Speaker {
        WINERY,
        WAREHOUSE,
        CARRIER,
        /** A warehouse's terminal, at one of its sites. */
        DOCK,
        /** A carrier's terminal. */
        COURIER,
        WALLET
    }

    /**
     * A winery offers cases (S1).
     *
     * @param product the winery's own name for it
     * @param gtin the case's GTIN-14
     * @param count serials run from 1 to it
     * @param price of one case
     * @param limit the most cases for one buyer: a process, not law
     * @param from intents count from the first tick of this time or later
     * @param until and until the first tick of this one or later
     * @param site where the cases stand
     * @param appid the winery's app at its payment provider
     * @param payee the winery's merchant number there
     * @param agreement SHA-256 of the custody agreement's text
     * @param deliverBy days after the sale within which a case is granted, or its buyer may have the sale undone
     * @param longestPayBy seconds from an intent's {@code iat} to its {@code payBy}, at most
     */
    record Offer(
            String product,
            String gtin,
            long count,
            Money price,
            long limit,
            Instant from,
            Instant until,
            String site,
            String appid,
            String payee,
            Hash agreement,
            int deliverBy,
            long longestPayBy)
            implements Act {
        public Offer {
            NAME.require(product, "product");
            BoxCode.requireGtin(gtin);
            atMost(count, MOST_CASES, "count");
            Require.positive(price, "price");
            price.times(count);
            atMost(limit, MOST_CASES, "limit");
            if (!from.isBefore(until)) {
                throw new IllegalArgumentException("the window ends before it begins");
            }
            NAME.require(site, "site");
            ACCOUNT.require(appid, "appid");
            ACCOUNT.require(payee, "payee");
            atMost(deliverBy, 3_650, "deliverBy");
            Require.positive(longestPayBy, "longestPayBy");
        }
    }

    /**
     * A buyer wants cases (S2).
     *
     * @param offer the offer's statement id
     * @param total the offer's price times the quantity
     * @param agreement the offer's
     * @param payBy the provider's time of the payment must not be later
     */
    record Order(Hash offer, long quantity, Money total, Hash agreement, Instant payBy) implements Act {
        public Order {
            atMost(quantity, MOST_CASES, "quantity");
            Require.positive(total, "total");
        }

        /** The offer's plan. */
        public PlanId plan() {
            return new PlanId(DerivedId.of("plan", offer));
        }

        /** The offer's vault. */
        public VaultId vault() {
            return new VaultId(DerivedId.of("vault", offer));
        }
    }

    /** A buyer ends an order, or asks for the sale to be undone where the case has not been released (S7). */
    record OrderCancellation(OrderId order) implements Act {}

    /**
     * An owner has cases brought to them (H2): the hold of kind pickup.
     *
     * @param pickup the pickup order, which exists before this statement
     * @param carrier whose terminals alone can prove the delivery
     * @param envelope SHA-256 of the compact JWE with the address
     * @param hashlocks by token, {@link Hashlock#of}
     * @param until not shipped before the first tick of this time or later, the hold ends
     */
    record Pickup(PickupId pickup, String carrier, Hash envelope, Map<TokenId, Hash> hashlocks, Instant until)
            implements Act {
        public Pickup {
            PARTY.require(carrier, "carrier");
            hashlocks = Tokens.sorted(hashlocks);
            distinct(hashlocks, "hashlocks");
        }
    }

    /** An owner ends a pickup, as far as its cases are still in the warehouse (H2). */
    record PickupCancellation(HoldId hold) implements Act {}

    /** A buyer whose cases were lost before they disposed of them wants their price back rather than wait (H6). */
    record MoneyBack(OrderId order, List<TokenId> tokens) implements Act {
        public MoneyBack {
            tokens = Tokens.ascending(tokens);
        }
    }

    /**
     * A wallet's first words, signed by its first key, whose thumbprint is the wallet's id (K4).
     *
     * @param recovery thumbprints of recovery keys: one or none, and never again another
     */
    record WalletBirth(P256Key key, List<String> recovery) implements Act {
        public WalletBirth {
            recovery = List.copyOf(recovery);
            if (recovery.size() > 1) {
                throw new IllegalArgumentException("more than one recovery key");
            }
            recovery.forEach(thumbprint -> THUMBPRINT.require(thumbprint, "recovery"));
        }
    }

    /** A standing key of the wallet lets a younger one in (K4). */
    record KeyEndorsement(P256Key key) implements Act {}

    /** A key of the wallet puts another out (K4). */
    record KeyRevocation(String key) implements Act {
        public KeyRevocation {
            THUMBPRINT.require(key, "key");
        }
    }

    /** A warehouse's device joins it, for one of its sites (K5). */
    record DockEnrolment(P256Key key, String site) implements Act {
        public DockEnrolment {
            NAME.require(site, "site");
        }
    }

    /** A carrier's device joins it (K5). */
    record CourierEnrolment(P256Key key) implements Act {}

    /** A party's device counts no longer (K5). */
    record TerminalWithdrawal(String terminal) implements Act {
        public TerminalWithdrawal {
            THUMBPRINT.require(terminal, "terminal");
        }
    }

    /**
     * A dock terminal releases cases: this box for this token, under that sale (S5).
     *
     * @param sale leaf hash of the sale's event
     * @param boxes by token, each its own
     */
    record Release(Hash sale, Map<TokenId, BoxCode> boxes) implements Act {
        public Release {
            boxes = Tokens.sorted(boxes);
            distinct(boxes, "boxes");
        }
    }

    /** A dock terminal: these were not released under that sale, and I will not release them (S7). */
    record NotReleased(Hash sale, List<TokenId> tokens) implements Act {
        public NotReleased {
            tokens = Tokens.ascending(tokens);
        }
    }

    /** The warehouse and one of its terminals, each for itself: there is no sound case for these (S7). */
    record Refusal(Hash sale, List<TokenId> tokens) implements Act {
        public Refusal {
            tokens = Tokens.ascending(tokens);
        }
    }

    /** A dock terminal: these leave with the carrier, under that hold (H2). */
    record Ships(HoldId hold, List<TokenId> tokens) implements Act {
        public Ships {
            tokens = Tokens.ascending(tokens);
        }
    }

    /** A dock terminal: these stand here, and I will not ship them under that hold (H2). */
    record StandsHere(HoldId hold, List<TokenId> tokens) implements Act {
        public StandsHere {
            tokens = Tokens.ascending(tokens);
        }
    }

    /** A dock terminal: these came back from the road (H2). */
    record Returned(HoldId hold, List<TokenId> tokens) implements Act {
        public Returned {
            tokens = Tokens.ascending(tokens);
        }
    }

    /** A dock terminal: these were lost, and are here (H6). */
    record Found(List<TokenId> tokens) implements Act {
        public Found {
            tokens = Tokens.ascending(tokens);
        }
    }

    /** The warehouse and one of its terminals, each for itself: these are lost (H6). */
    record Lost(List<TokenId> tokens) implements Act {
        public Lost {
            tokens = Tokens.ascending(tokens);
        }
    }

    /** A courier's terminal: these were lost on the road (H6). */
    record LostOnTheRoad(HoldId hold, List<TokenId> tokens) implements Act {
        public LostOnTheRoad {
            tokens = Tokens.ascending(tokens);
        }
    }

    /**
     * A courier's terminal at the door (H5).
     *
     * @param codes by token, what the recipient gave for it
     * @param ageChecked always true: who is not of age gets nothing
     */
    record Delivery(HoldId hold, Map<TokenId, HandoverCode> codes, boolean ageChecked) implements Act {
        public Delivery {
            codes = Tokens.sorted(codes);
            if (!ageChecked) {
                throw new IllegalArgumentException("the recipient's age was not checked");
            }
        }
    }

    private static void atMost(long value, long most, String name) {
        if (value < 1 || value > most) {
            throw new IllegalArgumentException(name + " is not from 1 to " + most + ": " + value);
        }
    }

    private static void distinct(Map<TokenId, ?> values, String name) {
        if (new HashSet<>(values.values()).size() < values.size()) {
            throw new IllegalArgumentException("two of the " + name + " are the same");
        }
    }
}
