package io.jiucang.token;

import static io.jiucang.token.TokenRejected.Reason.WALLET_FULL;
import static org.axonframework.modelling.command.AggregateLifecycle.apply;

import io.jiucang.events.TokenEvent.KeyEndorsed;
import io.jiucang.events.TokenEvent.KeyRevoked;
import io.jiucang.events.TokenEvent.WalletBorn;
import io.jiucang.starter.wallet.KeyRing;
import io.jiucang.title.statement.Act.KeyEndorsement;
import io.jiucang.title.statement.Act.KeyRevocation;
import io.jiucang.title.statement.Act.WalletBirth;
import io.jiucang.title.statement.Statements;
import io.jiucang.token.WalletCommand.BearWallet;
import io.jiucang.token.WalletCommand.EndorseKey;
import io.jiucang.token.WalletCommand.RevokeKey;
import java.util.Objects;
import org.axonframework.commandhandling.CommandHandler;
import org.axonframework.eventsourcing.EventSourcingHandler;
import org.axonframework.modelling.command.AggregateIdentifier;
import org.jspecify.annotations.Nullable;

/** One wallet's keys, by its own statements alone. Whose wallet it is it does not know. */
class Wallet {

    static final int MOST_KEYS = 10;

    @AggregateIdentifier
    @SuppressWarnings("UnusedVariable") // Axon reads it.
    private @Nullable String id;

    private @Nullable KeyRing keys;

    Wallet() {}

    @CommandHandler
    Wallet(BearWallet command) {
        KeyRing.born(Statements.read(command.statement(), WalletBirth.class));
        apply(new WalletBorn(command.wallet(), command.statement()));
    }

    @CommandHandler
    void handle(EndorseKey command) {
        keys().endorsed(Statements.read(command.statement(), KeyEndorsement.class));
        if (keys().keys().stream().filter(KeyRing.Key::stands).count() == MOST_KEYS) {
            throw new TokenRejected(WALLET_FULL, "a wallet holds " + MOST_KEYS + " devices; revoke one first");
        }
        apply(new KeyEndorsed(command.wallet(), command.statement()));
    }

    @CommandHandler
    void handle(RevokeKey command) {
        keys().revoked(Statements.read(command.statement(), KeyRevocation.class));
        apply(new KeyRevoked(command.wallet(), command.statement()));
    }

    @EventSourcingHandler
    void on(WalletBorn event) {
        id = event.wallet();
        keys = KeyRing.born(Statements.read(event.statement(), WalletBirth.class));
    }

    @EventSourcingHandler
    void on(KeyEndorsed event) {
        keys = keys().with(Statements.read(event.statement(), KeyEndorsement.class)
                .act()
                .key());
    }

    @EventSourcingHandler
    void on(KeyRevoked event) {
        keys = keys().without(Statements.read(event.statement(), KeyRevocation.class)
                .act()
                .key());
    }

    private KeyRing keys() {
        return Objects.requireNonNull(keys, "born");
    }
}
