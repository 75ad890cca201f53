package io.jiucang.warehouse;

import static io.jiucang.warehouse.WarehouseRejected.Reason.BOX_ALREADY_KNOWN;
import static io.jiucang.warehouse.WarehouseRejected.Reason.BOX_DAMAGED;
import static io.jiucang.warehouse.WarehouseRejected.Reason.BOX_NOT_RELEASED;
import static io.jiucang.warehouse.WarehouseRejected.Reason.BOX_NOT_SHIPPED;
import static io.jiucang.warehouse.WarehouseRejected.Reason.BOX_RELEASED;
import static io.jiucang.warehouse.WarehouseRejected.Reason.BOX_SHIPPED;
import static io.jiucang.warehouse.WarehouseRejected.Reason.BOX_UNKNOWN;
import static org.axonframework.modelling.command.AggregateCreationPolicy.CREATE_IF_MISSING;
import static org.axonframework.modelling.command.AggregateLifecycle.apply;

import io.jiucang.events.WarehouseEvent.CaseDamaged;
import io.jiucang.events.WarehouseEvent.CaseShelved;
import io.jiucang.events.value.BoxCode;
import io.jiucang.events.value.PickupId;
import io.jiucang.warehouse.WarehouseCommand.DispatchCase;
import io.jiucang.warehouse.WarehouseCommand.PickCase;
import io.jiucang.warehouse.WarehouseCommand.ReportDamage;
import io.jiucang.warehouse.WarehouseCommand.ReshelveCase;
import io.jiucang.warehouse.WarehouseCommand.ShelveCase;
import java.util.Arrays;
import org.axonframework.commandhandling.CommandHandler;
import org.axonframework.eventsourcing.EventSourcingHandler;
import org.axonframework.modelling.command.AggregateIdentifier;
import org.axonframework.modelling.command.CreationPolicy;
import org.jspecify.annotations.Nullable;

/**
 * One case, known by its box code. It leaves its bin once, for one release, or never; from then on it is in custody for
 * one token, wherever it goes.
 */
class StockCase {

    enum State {
        SHELVED,
        RELEASED,
        /** Out with a courier. */
        SHIPPED,
        /** Back in a bin, for its token and no other. */
        IN_CUSTODY,
        /** It never leaves its bin any more, whether it stands for a token or not. */
        DAMAGED
    }

    /** Axon alone reads it. */
    @AggregateIdentifier
    @Nullable
    BoxCode boxCode;

    /** Absent as long as nobody has shelved a case of this box code. */
    private @Nullable State state;

    private String site = "";
    private String bin = "";

    /** What it left with a courier for, the last time. */
    private @Nullable PickupId pickup;

    @CommandHandler
    @CreationPolicy(CREATE_IF_MISSING)
    void handle(ShelveCase command) {
        if (state != null) {
            throw new WarehouseRejected(BOX_ALREADY_KNOWN, command.boxCode() + " was shelved before, in " + where());
        }
        apply(new CaseShelved(command.boxCode(), command.site(), command.bin()));
    }

    /** Sold or not, as long as it stands here; a token whose case is damaged stays its owner's. */
    @CommandHandler
    @CreationPolicy(CREATE_IF_MISSING)
    void handle(ReportDamage command) {
        require(command.boxCode(), State.SHELVED, State.RELEASED, State.IN_CUSTODY);
        apply(new CaseDamaged(command.boxCode(), site, bin, command.description()));
    }

    @CommandHandler
    @CreationPolicy(CREATE_IF_MISSING)
    CasePicked handle(PickCase command) {
        require(command.boxCode(), State.SHELVED);
        CasePicked picked = new CasePicked(command.boxCode(), site, bin, command.releaseId(), command.scan());
        apply(picked);
        return picked;
    }

    @CommandHandler
    @CreationPolicy(CREATE_IF_MISSING)
    CaseDispatched handle(DispatchCase command) {
        require(command.boxCode(), State.RELEASED, State.IN_CUSTODY);
        CaseDispatched dispatched =
                new CaseDispatched(command.boxCode(), site, bin, command.pickupId(), command.scan());
        apply(dispatched);
        return dispatched;
    }

    @CommandHandler
    @CreationPolicy(CREATE_IF_MISSING)
    void handle(ReshelveCase command) {
        if (state != State.SHIPPED || !command.pickupId().equals(pickup)) {
            throw new WarehouseRejected(
                    BOX_NOT_SHIPPED, command.boxCode() + " is not out for pickup " + command.pickupId());
        }
        apply(new CaseReshelved(command.boxCode(), command.site(), command.bin(), command.pickupId()));
    }

    private void require(BoxCode box, State... fit) {
        if (!Arrays.asList(fit).contains(state)) {
            throw unfit(box);
        }
    }

    private WarehouseRejected unfit(BoxCode box) {
        return switch (state) {
            case SHELVED -> new WarehouseRejected(BOX_NOT_RELEASED, box + " stands for no token");
            case RELEASED, IN_CUSTODY -> new WarehouseRejected(BOX_RELEASED, box + " stands for a token already");
            case SHIPPED -> new WarehouseRejected(BOX_SHIPPED, box + " left " + where() + " with a courier");
            case DAMAGED -> new WarehouseRejected(BOX_DAMAGED, box + " is damaged and stays in " + where());
            case null -> new WarehouseRejected(BOX_UNKNOWN, box + " was never shelved");
        };
    }

    private String where() {
        return "bin " + bin + " of " + site;
    }

    @EventSourcingHandler
    void on(CaseShelved event) {
        boxCode = event.boxCode();
        site = event.site();
        bin = event.bin();
        state = State.SHELVED;
    }

    @EventSourcingHandler
    void on(CaseDamaged event) {
        state = State.DAMAGED;
    }

    @EventSourcingHandler
    void on(CasePicked event) {
        state = State.RELEASED;
    }

    @EventSourcingHandler
    void on(CaseDispatched event) {
        pickup = event.pickupId();
        state = State.SHIPPED;
    }

    @EventSourcingHandler
    void on(CaseReshelved event) {
        site = event.site();
        bin = event.bin();
        state = State.IN_CUSTODY;
    }
}
