package io.jiucang.token;

import java.time.Instant;
import org.axonframework.modelling.command.TargetAggregateIdentifier;

/** What an owner's wallet can be asked. */
sealed interface WalletCommand {

    /** @param jwk public P-256 key as canonical JWK JSON, whose possession was proven; {@code kid} its thumbprint */
    record RegisterWalletKey(@TargetAggregateIdentifier String owner, String kid, String jwk, Instant at)
            implements WalletCommand {}

    record RevokeWalletKey(@TargetAggregateIdentifier String owner, String kid, Instant at) implements WalletCommand {}
}
