package io.jiucang.warehouse;

import static io.jiucang.warehouse.WarehouseRejected.Reason.BOX_AT_OTHER_SITE;
import static io.jiucang.warehouse.WarehouseRejected.Reason.RELEASE_CANCELLED;
import static io.jiucang.warehouse.WarehouseRejected.Reason.RELEASE_FINISHED;
import static io.jiucang.warehouse.WarehouseRejected.Reason.RELEASE_UNKNOWN;
import static io.jiucang.warehouse.WarehouseRejected.Reason.TOO_MANY_BOXES;
import static io.jiucang.warehouse.WarehouseRejected.Reason.WRONG_PRODUCT;
import static org.axonframework.modelling.command.AggregateCreationPolicy.CREATE_IF_MISSING;
import static org.axonframework.modelling.command.AggregateLifecycle.apply;

import io.jiucang.events.WarehouseEvent.CasesReleased;
import io.jiucang.events.WarehouseEvent.ReleaseCancellationRefused;
import io.jiucang.events.WarehouseEvent.ReleaseCancelled;
import io.jiucang.events.WarehouseEvent.ReleaseRefused;
import io.jiucang.events.WarehouseEvent.ReleaseRequested;
import io.jiucang.events.WarehouseEvent.ReleasedCase;
import io.jiucang.events.value.ReleaseId;
import io.jiucang.events.value.TokenId;
import io.jiucang.warehouse.WarehouseCommand.CancelRelease;
import io.jiucang.warehouse.WarehouseCommand.RefuseRelease;
import io.jiucang.warehouse.WarehouseCommand.ReleaseCases;
import io.jiucang.warehouse.WarehouseCommand.RequestRelease;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
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
                    command.planId(),
                    command.vaultId(),
                    command.site(),
                    command.gtin(),
                    command.tokens()));
        }
    }

    @CommandHandler
    @CreationPolicy(CREATE_IF_MISSING)
    CasesReleased handle(ReleaseCases command) {
        ReleaseRequested release = requireOpen(command.releaseId());
        List<CasePicked> cases = command.cases();
        if (cases.size() > waiting.size()) {
            throw new WarehouseRejected(
                    TOO_MANY_BOXES, cases.size() + " boxes for " + waiting.size() + " waiting tokens");
        }
        cases.forEach(picked -> requireFit(release, picked));
        CasesReleased released = new CasesReleased(
                release.releaseId(),
                release.orderId(),
                release.vaultId(),
                IntStream.range(0, cases.size())
                        .mapToObj(i -> new ReleasedCase(
                                waiting.get(i),
                                cases.get(i).boxCode(),
                                cases.get(i).bin()))
                        .toList());
        apply(released);
        return released;
    }

    /** Nobody hears of a second cancellation, nor of one after a refusal of every case: the order has ended by then. */
    @CommandHandler
    @CreationPolicy(CREATE_IF_MISSING)
    void handle(CancelRelease command) {
        ReleaseRequested release = require(command.releaseId());
        if (waiting.size() < release.tokens().size()) {
            apply(new ReleaseCancellationRefused(release.releaseId(), release.orderId()));
        } else if (state == State.OPEN) {
            apply(new ReleaseCancelled(release.releaseId(), release.orderId()));
        }
    }

    @CommandHandler
    @CreationPolicy(CREATE_IF_MISSING)
    void handle(RefuseRelease command) {
        ReleaseRequested release = requireOpen(command.releaseId());
        apply(new ReleaseRefused(release.releaseId(), release.orderId(), waiting, command.description()));
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
        if (!picked.boxCode().gtin().equals(release.gtin())) {
            throw new WarehouseRejected(WRONG_PRODUCT, picked.boxCode() + " is not of GTIN " + release.gtin());
        }
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
    void on(ReleaseRefused event) {
        state = State.REFUSED;
    }
}
