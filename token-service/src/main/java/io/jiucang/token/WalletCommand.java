package io.jiucang.token;

import org.axonframework.modelling.command.TargetAggregateIdentifier;

/** What a wallet says about itself: each is a statement ({@code docs/statements.md}) as it was signed. */
sealed interface WalletCommand {

    record BearWallet(@TargetAggregateIdentifier String wallet, String statement) implements WalletCommand {}

    record EndorseKey(@TargetAggregateIdentifier String wallet, String statement) implements WalletCommand {}

    record RevokeKey(@TargetAggregateIdentifier String wallet, String statement) implements WalletCommand {}
}
