package io.jiucang.token;

import static io.jiucang.token.TokenRejected.Reason.TITLE_GRANTED_ALREADY;
import static io.jiucang.token.TokenRejected.Reason.TOKEN_HAS_ANOTHER_CASE;
import static io.jiucang.token.TokenRejected.Reason.TOKEN_OF_ANOTHER_ORDER;
import static org.axonframework.modelling.command.AggregateLifecycle.apply;

import io.jiucang.events.BoxCode;
import io.jiucang.events.OrderId;
import io.jiucang.events.PlanId;
import io.jiucang.events.TokenEvent.BoxCodeAttached;
import io.jiucang.events.TokenEvent.TokenGranted;
import io.jiucang.events.TokenId;
import io.jiucang.token.TokenCommand.AttachBoxCode;
import io.jiucang.token.TokenCommand.GrantTitle;
import org.axonframework.commandhandling.CommandHandler;
import org.axonframework.eventsourcing.EventSourcingHandler;
import org.axonframework.modelling.command.AggregateCreationPolicy;
import org.axonframework.modelling.command.AggregateIdentifier;
import org.axonframework.modelling.command.CreationPolicy;
import org.jspecify.annotations.Nullable;

/** One case's token, from the moment it stands for that very case; until then its {@link Vault} speaks for it. */
class Token {

    @AggregateIdentifier
    private @Nullable TokenId tokenId;

    private PlanId planId;
    private OrderId orderId;
    private @Nullable BoxCode boxCode;
    private @Nullable String owner;

    @SuppressWarnings("NullAway.Init") // Axon calls it, and sets the fields from events.
    Token() {}

    @CommandHandler
    @CreationPolicy(AggregateCreationPolicy.CREATE_IF_MISSING)
    void handle(AttachBoxCode command) {
        if (boxCode == null) {
            apply(new BoxCodeAttached(command.tokenId(), command.planId(), command.orderId(), command.boxCode()));
        } else if (!boxCode.equals(command.boxCode())) {
            throw new TokenRejected(TOKEN_HAS_ANOTHER_CASE, tokenId + " stands for " + boxCode);
        }
    }

    @CommandHandler
    void handle(GrantTitle command) {
        if (owner != null) {
            throw new TokenRejected(TITLE_GRANTED_ALREADY, command.tokenId() + " has an owner");
        }
        if (!orderId.equals(command.orderId())) {
            throw new TokenRejected(TOKEN_OF_ANOTHER_ORDER, command.tokenId() + " was released for " + orderId);
        }
        apply(new TokenGranted(command.tokenId(), planId, orderId, command.owner(), command.sale(), command.release()));
    }

    @EventSourcingHandler
    void on(BoxCodeAttached event) {
        tokenId = event.tokenId();
        planId = event.planId();
        orderId = event.orderId();
        boxCode = event.boxCode();
    }

    @EventSourcingHandler
    void on(TokenGranted event) {
        owner = event.owner();
    }
}
