package io.jiucang.warehouse;

import static io.jiucang.warehouse.WarehouseRejected.Reason.BOX_AT_OTHER_SITE;
import static io.jiucang.warehouse.WarehouseRejected.Reason.RELEASE_CANCELLED;
import static io.jiucang.warehouse.WarehouseRejected.Reason.RELEASE_FINISHED;
import static io.jiucang.warehouse.WarehouseRejected.Reason.RELEASE_NOT_CANCELLED;
import static io.jiucang.warehouse.WarehouseRejected.Reason.RELEASE_UNKNOWN;
import static io.jiucang.warehouse.WarehouseRejected.Reason.STATEMENT_OUT_OF_PLACE;
import static io.jiucang.warehouse.WarehouseRejected.Reason.TOKEN_NOT_WAITING;
import static org.axonframework.modelling.command.AggregateCreationPolicy.CREATE_IF_MISSING;
import static org.axonframework.modelling.command.AggregateLifecycle.apply;

import io.jiucang.events.WarehouseEvent.CaseStated;
import io.jiucang.events.WarehouseEvent.CasesReleased;
import io.jiucang.events.WarehouseEvent.ReleaseCancellationRefused;
import io.jiucang.events.WarehouseEvent.ReleaseCancelled;
import io.jiucang.events.WarehouseEvent.ReleaseRequested;
import io.jiucang.events.WarehouseEvent.ReleasedCase;
import io.jiucang.events.value.ReleaseId;
import io.jiucang.events.value.TokenId;
import io.jiucang.title.statement.Act;
import io.jiucang.title.statement.Statements;
import io.jiucang.warehouse.WarehouseCommand.CancelRelease;
import io.jiucang.warehouse.WarehouseCommand.ReleaseCases;
import io.jiucang.warehouse.WarehouseCommand.RequestRelease;
import io.jiucang.warehouse.WarehouseCommand.StateCases;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import org.axonframework.commandhandling.CommandHandler;
import org.axonframework.eventsourcing.EventSourcingHandler;
import org.axonframework.modelling.command.AggregateIdentifier;
import org.axonframework.modelling.command.CreationPolicy;
import org.jspecify.annotations.Nullable;

/** One release order 出库单: a case for each of its tokens, or the reason why not. */
class Release {

    enum State {
        OPEN,
        /** Every token has its case. */
        RELEASED,
        /** Its docks have to say of each token that waits that it was not released, and will not be. */
        CANCELLED,
        /** No sound case was left for the last of its tokens, or for all of them. */
        REFUSED
    }

    /** Axon alone reads it. */
    @AggregateIdentifier
    @Nullable
    ReleaseId id;

    private @Nullable ReleaseRequested requested;
    private State state = State.OPEN;

    /** A case has left its bin. */
    private boolean begun;

    /** The tokens that have no case, in order. */
    private final List<TokenId> waiting = new ArrayList<>();

    /** One release per order, however often its sale is told. */
    @CommandHandler
    @CreationPolicy(CREATE_IF_MISSING)
    void handle(RequestRelease command) {
        if (requested == null) {
            apply(new ReleaseRequested(
                    command.releaseId(),
                    command.orderId(),
                    command.vaultId(),
                    command.site(),
                    command.gtin(),
                    command.tokens(),
                    command.sale()));
        }
    }

    @CommandHandler
    @CreationPolicy(CREATE_IF_MISSING)
    CasesReleased handle(ReleaseCases command) {
        ReleaseRequested release = requireOpen(command.releaseId());
        requireWaiting(command.cases().keySet());
        command.cases().values().forEach(picked -> requireFit(release, picked));
        CasesReleased released = new CasesReleased(
                release.releaseId(),
                release.orderId(),
                release.vaultId(),
                command.cases().entrySet().stream()
                        .sorted(Comparator.comparingLong(each -> each.getKey().serial()))
                        .map(each -> released(each.getKey(), each.getValue()))
                        .toList(),
                release.sale(),
                command.statement());
        apply(released);
        return released;
    }

    private static ReleasedCase released(TokenId token, CasePicked picked) {
        return new ReleasedCase(token, picked.boxCode(), picked.bin());
    }

    /** Nobody hears of a second cancellation, nor of one after a refusal of every case: the order has ended by then. */
    @CommandHandler
    @CreationPolicy(CREATE_IF_MISSING)
    void handle(CancelRelease command) {
        ReleaseRequested release = require(command.releaseId());
        if (begun) {
            apply(new ReleaseCancellationRefused(release.releaseId(), release.orderId()));
        } else if (state == State.OPEN) {
            apply(new ReleaseCancelled(release.releaseId(), release.orderId()));
        }
    }

    @CommandHandler
    @CreationPolicy(CREATE_IF_MISSING)
    void handle(StateCases command) {
        Act word = word(command.word());
        switch (word) {
            case Act.Refusal _ -> requireOpen(command.releaseId());
            case Act.NotReleased _ -> requireCancelled(command.releaseId());
            default -> throw new WarehouseRejected(STATEMENT_OUT_OF_PLACE, "not a word about a release: " + word);
        }
        requireWaiting(tokens(word));
        apply(command.word());
    }

    private void requireCancelled(ReleaseId releaseId) {
        require(releaseId);
        if (state != State.CANCELLED) {
            throw new WarehouseRejected(
                    RELEASE_NOT_CANCELLED, "nobody has cancelled the order of release " + releaseId);
        }
    }

    private void requireWaiting(Collection<TokenId> tokens) {
        tokens.stream().filter(token -> !waiting.contains(token)).findFirst().ifPresent(token -> {
            throw new WarehouseRejected(TOKEN_NOT_WAITING, token + " does not wait for a case here");
        });
    }

    static Act word(CaseStated event) {
        return Statements.read(event.statements().getFirst()).act();
    }

    static List<TokenId> tokens(Act word) {
        return switch (word) {
            case Act.NotReleased said -> said.tokens();
            case Act.Refusal said -> said.tokens();
            default -> List.of();
        };
    }

    private ReleaseRequested require(ReleaseId releaseId) {
        if (requested == null) {
            throw new WarehouseRejected(RELEASE_UNKNOWN, "there is no release " + releaseId);
        }
        return requested;
    }

    private ReleaseRequested requireOpen(ReleaseId releaseId) {
        ReleaseRequested release = require(releaseId);
        return switch (state) {
            case OPEN -> release;
            case RELEASED, REFUSED ->
                throw new WarehouseRejected(RELEASE_FINISHED, "release " + releaseId + " is finished");
            case CANCELLED -> throw new WarehouseRejected(RELEASE_CANCELLED, "release " + releaseId + " is cancelled");
        };
    }

    private static void requireFit(ReleaseRequested release, CasePicked picked) {
        if (!picked.site().equals(release.site())) {
            throw new WarehouseRejected(
                    BOX_AT_OTHER_SITE, picked.boxCode() + " stands at " + picked.site() + ", not at " + release.site());
        }
    }

    @EventSourcingHandler
    void on(ReleaseRequested event) {
        id = event.releaseId();
        requested = event;
        waiting.addAll(event.tokens());
    }

    @EventSourcingHandler
    void on(CasesReleased event) {
        begun = true;
        event.cases().forEach(released -> waiting.remove(released.tokenId()));
        if (waiting.isEmpty()) {
            state = State.RELEASED;
        }
    }

    @EventSourcingHandler
    void on(ReleaseCancelled event) {
        state = State.CANCELLED;
    }

    @EventSourcingHandler
    void on(CaseStated event) {
        Act word = word(event);
        waiting.removeAll(tokens(word));
        if (waiting.isEmpty() && word instanceof Act.Refusal) {
            state = State.REFUSED;
        }
    }
}
