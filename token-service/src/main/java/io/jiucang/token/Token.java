package io.jiucang.token;

import static io.jiucang.token.TokenRejected.Reason.HANDOVER_CODE_WRONG;
import static io.jiucang.token.TokenRejected.Reason.TOKEN_HAS_ANOTHER_CASE;
import static io.jiucang.token.TokenRejected.Reason.TOKEN_NOT_IN_PICKUP;
import static org.axonframework.modelling.command.AggregateLifecycle.apply;

import io.jiucang.events.TokenEvent.LockRefusal;
import io.jiucang.events.TokenEvent.TokenBurned;
import io.jiucang.events.TokenEvent.TokenGranted;
import io.jiucang.events.TokenEvent.TokenLockRefused;
import io.jiucang.events.TokenEvent.TokenLocked;
import io.jiucang.events.TokenEvent.TokenUnlocked;
import io.jiucang.events.value.BoxCode;
import io.jiucang.events.value.PickupId;
import io.jiucang.events.value.TokenId;
import io.jiucang.ledger.Hash;
import io.jiucang.title.statement.Hashlock;
import io.jiucang.token.TokenCommand.BurnToken;
import io.jiucang.token.TokenCommand.GrantTitle;
import io.jiucang.token.TokenCommand.LockForPickup;
import io.jiucang.token.TokenCommand.UnlockFromPickup;
import java.util.HashSet;
import java.util.Set;
import org.axonframework.commandhandling.CommandHandler;
import org.axonframework.eventsourcing.EventSourcingHandler;
import org.axonframework.modelling.command.AggregateCreationPolicy;
import org.axonframework.modelling.command.AggregateIdentifier;
import org.axonframework.modelling.command.CreationPolicy;
import org.jspecify.annotations.Nullable;

/**
 * One case's token, once it is granted; until then its {@link Vault} speaks for it. It is {@code HELD ⇄ PICKUP_PENDING → BURNED}: locked for one pickup at a time, and burned by that one
 * alone, with the code that opens the owner's hashlock.
 */
class Token {

    /** Axon alone reads it. */
    @AggregateIdentifier
    @Nullable
    TokenId tokenId;

    private @Nullable BoxCode boxCode;
    private @Nullable String owner;

    private @Nullable TokenLocked lock;

    /** Pickups that ended without this token's delivery: their authorisation is spent, however often it is told. */
    private final Set<PickupId> ended = new HashSet<>();

    private boolean burned;

    Token() {}

    /** Again, if what was told before proved void: the law decides what stands, its box included. */
    @CommandHandler
    @CreationPolicy(AggregateCreationPolicy.CREATE_IF_MISSING)
    void handle(GrantTitle command) {
        apply(command.grant());
    }

    /** Also answers for a token that never stood for a case, lest whoever asks waits in vain. */
    @CommandHandler
    @CreationPolicy(AggregateCreationPolicy.CREATE_IF_MISSING)
    void handle(LockForPickup command) {
        if (isLockedFor(command.pickupId())) {
            return;
        }
        if (!command.owner().equals(owner)) {
            refuse(command.tokenId(), command.pickupId(), LockRefusal.NOT_THE_OWNER);
        } else if (lock != null || burned || ended.contains(command.pickupId())) {
            refuse(command.tokenId(), command.pickupId(), LockRefusal.NOT_AVAILABLE);
        } else {
            apply(new TokenLocked(command.tokenId(), command.owner(), command.pickupId(), command.hashlock()));
        }
    }

    private static void refuse(TokenId token, PickupId pickup, LockRefusal reason) {
        apply(new TokenLockRefused(token, pickup, reason));
    }

    /** Nothing to do for a pickup that does not hold it: the lock was refused, or the token was burned. */
    @CommandHandler
    void handle(UnlockFromPickup command) {
        if (owner != null && isLockedFor(command.pickupId())) {
            apply(new TokenUnlocked(command.tokenId(), owner, command.pickupId()));
        }
    }

    /** A delivery may name any token, even one that never stood for a case. */
    @CommandHandler
    @CreationPolicy(AggregateCreationPolicy.CREATE_IF_MISSING)
    void handle(BurnToken command) {
        if (lock == null
                || !lock.pickupId().equals(command.pickupId())
                || !command.owner().equals(owner)) {
            throw new TokenRejected(
                    TOKEN_NOT_IN_PICKUP, command.tokenId() + " is not locked for pickup " + command.pickupId());
        }
        if (!command.boxCode().equals(boxCode)) {
            throw new TokenRejected(TOKEN_HAS_ANOTHER_CASE, command.tokenId() + " stands for " + boxCode);
        }
        Hash opened = Hashlock.of(command.pickupId(), command.tokenId(), command.code());
        if (!opened.hex().equals(lock.hashlock())) {
            throw new TokenRejected(
                    HANDOVER_CODE_WRONG, command.tokenId() + " came without the code that opens its hashlock");
        }
        apply(new TokenBurned(command.tokenId(), command.owner(), command.pickupId(), command.delivery()));
    }

    private boolean isLockedFor(PickupId pickup) {
        return lock != null && lock.pickupId().equals(pickup);
    }

    @EventSourcingHandler
    void on(TokenGranted event) {
        tokenId = event.tokenId();
        owner = event.owner();
        boxCode = event.boxCode();
    }

    @EventSourcingHandler
    void on(TokenLocked event) {
        lock = event;
    }

    @EventSourcingHandler
    void on(TokenLockRefused event) {
        tokenId = event.tokenId();
    }

    @EventSourcingHandler
    void on(TokenUnlocked event) {
        ended.add(event.pickupId());
        lock = null;
    }

    @EventSourcingHandler
    void on(TokenBurned event) {
        lock = null;
        burned = true;
    }
}
