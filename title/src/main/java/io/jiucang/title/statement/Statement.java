package io.jiucang.title.statement;

import io.jiucang.events.value.OrderId;
import io.jiucang.events.value.PaymentId;
import io.jiucang.events.value.PlanId;
import io.jiucang.events.value.Sha256;
import io.jiucang.events.value.VaultId;
import io.jiucang.ledger.Hash;
import io.jiucang.title.form.P256Key;

/**
 * A signed word in canonical form; made by {@link Statements#read} alone. That its signature is good, and its speaker who
 * they say, is still to be seen.
 */
public final class Statement<A extends Act> {

    private final Hash id;
    private final String kid;
    private final Spoken spoken;
    private final A act;
    private final byte[] signingInput;
    private final byte[] signature;

    Statement(String kid, Spoken spoken, A act, byte[] signingInput, byte[] signature) {
        this.id = Hash.of(Sha256.digest().digest(signingInput));
        this.kid = kid;
        this.spoken = spoken;
        this.act = act;
        this.signingInput = signingInput;
        this.signature = signature;
    }

    /**
     * SHA-256 of the signing input: what was said, however it was signed. Of the signature anybody can make a second one (r
     * and n−s), so nothing is known by it.
     */
    public Hash id() {
        return id;
    }

    /** The thumbprint of the key that it says it is signed with. */
    public String kid() {
        return kid;
    }

    public Spoken spoken() {
        return spoken;
    }

    public A act() {
        return act;
    }

    public boolean isSignedBy(P256Key key) {
        return key.verifies(signingInput, signature);
    }

    /** @throws StatementRefused with {@code UNKNOWN_ACT} if it is another act */
    public <B extends Act> Statement<B> as(Class<B> other) {
        if (!other.isInstance(act)) {
            throw new StatementRefused(
                    StatementRefused.Reason.UNKNOWN_ACT,
                    "not a " + other.getSimpleName() + " but a "
                            + act.getClass().getSimpleName());
        }
        return new Statement<>(kid, spoken, other.cast(act), signingInput, signature);
    }

    /** An offer's plan. */
    public PlanId planId() {
        return new PlanId(DerivedId.of("plan", id));
    }

    /** An offer's vault, where its tokens are from. */
    public VaultId vaultId() {
        return new VaultId(DerivedId.of("vault", id));
    }

    /** An order intent's order. */
    public OrderId orderId() {
        return new OrderId(DerivedId.of("order", id));
    }

    /** An order intent's payment; without hyphens it is the provider's order number. */
    public PaymentId paymentId() {
        return new PaymentId(DerivedId.of("payment", id));
    }

    /** The hold that an owner's statement begins. */
    public HoldId holdId() {
        return new HoldId(DerivedId.of("hold", id));
    }

    @Override
    public String toString() {
        return ActType.of(act).typ() + " " + id + " by " + spoken.sub();
    }
}
