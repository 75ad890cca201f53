package io.jiucang.title;

import io.jiucang.events.value.Money;
import io.jiucang.events.value.OrderId;
import io.jiucang.events.value.PaymentId;
import io.jiucang.events.value.PlanId;
import io.jiucang.events.value.TokenId;
import io.jiucang.events.value.VaultId;
import io.jiucang.ledger.Hash;
import io.jiucang.title.event.Cite;
import io.jiucang.title.form.P256Key;
import io.jiucang.title.receipt.Receipt;
import io.jiucang.title.statement.Act;
import io.jiucang.title.statement.HoldId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What the law remembers besides tokens: who there is, and what was said. */
public final class Facts {

    private Facts() {}

    /** How many of a plan's tokens are what (I1). */
    public record Counts(long unsold, long sold, long owned, long held, long lost, long burned) {

        public long minted() {
            return unsold + sold + owned + held + lost + burned;
        }
    }

    public record Tick(long number, Instant time, Cite at) {}

    /** @param site of a dock terminal; none for a courier's */
    public record Terminal(
            String id, P256Key key, Act.Speaker role, String party, Optional<String> site, boolean withdrawn) {

        Terminal withdraw() {
            return new Terminal(id, key, role, party, site, true);
        }
    }

    public record WalletKey(P256Key key, Optional<Cite> revoked) {

        public boolean stands() {
            return revoked.isEmpty();
        }
    }

    /** @param keys the oldest first */
    public record Wallet(String id, List<WalletKey> keys) {

        public Wallet {
            keys = List.copyOf(keys);
        }

        Optional<WalletKey> key(String thumbprint) {
            return keys.stream()
                    .filter(each -> each.key().thumbprint().equals(thumbprint))
                    .findFirst();
        }

        Wallet with(P256Key key) {
            List<WalletKey> more = new ArrayList<>(keys);
            more.add(new WalletKey(key, Optional.empty()));
            return new Wallet(id, more);
        }

        Wallet without(WalletKey revoked, Cite by) {
            return new Wallet(
                    id,
                    keys.stream()
                            .map(each -> each.equals(revoked) ? new WalletKey(each.key(), Optional.of(by)) : each)
                            .toList());
        }
    }

    /** @param offerId the offer's statement id; {@code account} whose provider has to say that money came in */
    public record Plan(PlanId id, VaultId vault, Hash offerId, Act.Offer offer, String winery, String provider) {}

    /** @param cancelled where its buyer said so first */
    public record Order(
            OrderId id,
            PaymentId payment,
            String buyer,
            PlanId plan,
            Act.Order intent,
            Cite placed,
            Optional<Cite> cancelled,
            Optional<Hash> sale) {

        Order cancel(Cite by) {
            return new Order(id, payment, buyer, plan, intent, placed, Optional.of(cancelled.orElse(by)), sale);
        }

        Order sell(Hash sold) {
            return new Order(id, payment, buyer, plan, intent, placed, cancelled, Optional.of(sold));
        }
    }

    public record Sale(Cite at, OrderId order) {}

    /**
     * Several providers may pay one order, each once; what one has taken twice is two payments.
     *
     * @param transactionId the provider's own number of the payment
     */
    public record Source(String provider, OrderId order, String transactionId) {}

    /**
     * A receipt, and what became of it.
     *
     * @param captured the first event that carries it
     * @param left how much of it is not given back
     */
    public record Account(Source source, Receipt receipt, Cite captured, Use use, Money left) {

        public enum Use {
            OPEN,
            SOLD_ON,
            RETURNED
        }

        Account sellOn() {
            return new Account(source, receipt, captured, Use.SOLD_ON, left);
        }

        Account giveBack(Money amount) {
            Money rest = new Money(left.currency(), left.minorUnits() - amount.minorUnits());
            return new Account(source, receipt, captured, use == Use.OPEN ? Use.RETURNED : use, rest);
        }
    }

    /**
     * An owner's statement that holds tokens.
     *
     * @param kid the key that signed it
     */
    public record Hold(HoldId id, String owner, String kid, Terms terms, Cite anchored, Optional<Cite> cancelled) {

        public Terms.Pickup pickup() {
            return switch (terms) {
                case Terms.Pickup pickup -> pickup;
            };
        }

        Hold cancel(Cite by) {
            return new Hold(id, owner, kid, terms, anchored, Optional.of(by));
        }
    }

    /** One token under one hold: a statement has one effect on each token. */
    public record Begun(HoldId hold, TokenId token) {}

    /** One token under one sale. */
    public record Sold(Hash sale, TokenId token) {}

    /** How a token's sale ended; its price goes back once. */
    public record SaleEnd(Cite by, boolean returned) {}

    /** @param barred refused, and never to be released again */
    public record Box(TokenId token, boolean barred) {}

    /** What a valid event says, for those that cite it. */
    public sealed interface Evidence {
        record Placed(OrderId order) implements Evidence {}

        record Cancelled(OrderId order) implements Evidence {}

        record Captured(Source source) implements Evidence {}

        record SoldUnder(Hash sale) implements Evidence {}

        record ReleasedUnder(Hash sale, Set<TokenId> tokens) implements Evidence {}

        record NotReleasedUnder(Hash sale, Set<TokenId> tokens) implements Evidence {}

        record RefusedUnder(Hash sale, Set<TokenId> tokens) implements Evidence {}

        record Authorised(HoldId hold) implements Evidence {}

        record HeldBy(HoldId hold) implements Evidence {}

        record ShippedUnder(HoldId hold) implements Evidence {}
    }
}
