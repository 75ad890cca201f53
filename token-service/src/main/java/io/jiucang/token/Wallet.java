package io.jiucang.token;

import static io.jiucang.token.TokenRejected.Reason.WALLET_FULL;
import static io.jiucang.token.TokenRejected.Reason.WALLET_KEY_NOT_FOUND;
import static io.jiucang.token.TokenRejected.Reason.WALLET_KEY_REGISTERED_ALREADY;
import static io.jiucang.token.TokenRejected.Reason.WALLET_KEY_REVOKED;
import static org.axonframework.modelling.command.AggregateLifecycle.apply;

import io.jiucang.events.TokenEvent.WalletKeyRegistered;
import io.jiucang.events.TokenEvent.WalletKeyRevoked;
import io.jiucang.token.WalletCommand.RegisterWalletKey;
import io.jiucang.token.WalletCommand.RevokeWalletKey;
import java.util.HashSet;
import java.util.Set;
import org.axonframework.commandhandling.CommandHandler;
import org.axonframework.eventsourcing.EventSourcingHandler;
import org.axonframework.modelling.command.AggregateCreationPolicy;
import org.axonframework.modelling.command.AggregateIdentifier;
import org.axonframework.modelling.command.CreationPolicy;
import org.jspecify.annotations.Nullable;

/** One owner's device keys. A revoked key may be in a thief's hands, so it never comes back. */
class Wallet {

    static final int MOST_KEYS = 10;

    @AggregateIdentifier
    @SuppressWarnings("UnusedVariable") // Axon reads it.
    private @Nullable String owner;

    private final Set<String> live = new HashSet<>();
    private final Set<String> revoked = new HashSet<>();

    Wallet() {}

    @CommandHandler
    @CreationPolicy(AggregateCreationPolicy.CREATE_IF_MISSING)
    void handle(RegisterWalletKey command) {
        if (live.contains(command.kid())) {
            throw new TokenRejected(WALLET_KEY_REGISTERED_ALREADY, "this device is in the wallet");
        }
        if (revoked.contains(command.kid())) {
            throw new TokenRejected(WALLET_KEY_REVOKED, "a revoked key never comes back; make a new one");
        }
        if (live.size() == MOST_KEYS) {
            throw new TokenRejected(WALLET_FULL, "a wallet holds " + MOST_KEYS + " devices; revoke one first");
        }
        apply(new WalletKeyRegistered(command.owner(), command.kid(), command.jwk(), command.at()));
    }

    @CommandHandler
    @CreationPolicy(AggregateCreationPolicy.CREATE_IF_MISSING)
    void handle(RevokeWalletKey command) {
        if (revoked.contains(command.kid())) {
            return;
        }
        if (!live.contains(command.kid())) {
            throw new TokenRejected(WALLET_KEY_NOT_FOUND, "no such device in this wallet");
        }
        apply(new WalletKeyRevoked(command.owner(), command.kid(), command.at()));
    }

    @EventSourcingHandler
    void on(WalletKeyRegistered event) {
        owner = event.owner();
        live.add(event.kid());
    }

    @EventSourcingHandler
    void on(WalletKeyRevoked event) {
        live.remove(event.kid());
        revoked.add(event.kid());
    }
}
