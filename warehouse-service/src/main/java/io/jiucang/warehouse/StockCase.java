package io.jiucang.warehouse;

import static io.jiucang.warehouse.WarehouseRejected.Reason.BOX_ALREADY_KNOWN;
import static io.jiucang.warehouse.WarehouseRejected.Reason.BOX_DAMAGED;
import static io.jiucang.warehouse.WarehouseRejected.Reason.BOX_RELEASED;
import static io.jiucang.warehouse.WarehouseRejected.Reason.BOX_UNKNOWN;
import static org.axonframework.modelling.command.AggregateCreationPolicy.CREATE_IF_MISSING;
import static org.axonframework.modelling.command.AggregateLifecycle.apply;

import io.jiucang.events.BoxCode;
import io.jiucang.events.WarehouseEvent.CaseDamaged;
import io.jiucang.events.WarehouseEvent.CaseShelved;
import io.jiucang.warehouse.WarehouseCommand.PickCase;
import io.jiucang.warehouse.WarehouseCommand.ReportDamage;
import io.jiucang.warehouse.WarehouseCommand.ShelveCase;
import org.axonframework.commandhandling.CommandHandler;
import org.axonframework.eventsourcing.EventSourcingHandler;
import org.axonframework.modelling.command.AggregateIdentifier;
import org.axonframework.modelling.command.CreationPolicy;
import org.jspecify.annotations.Nullable;

/** One case, known by its box code. It leaves its bin once, for one release, or never. */
class StockCase {

    enum State {
        SHELVED,
        RELEASED,
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

    @CommandHandler
    @CreationPolicy(CREATE_IF_MISSING)
    void handle(ShelveCase command) {
        if (state != null) {
            throw new WarehouseRejected(BOX_ALREADY_KNOWN, command.boxCode() + " was shelved before, in " + where());
        }
        apply(new CaseShelved(command.boxCode(), command.site(), command.bin()));
    }

    @CommandHandler
    @CreationPolicy(CREATE_IF_MISSING)
    void handle(ReportDamage command) {
        requireSound(command.boxCode());
        apply(new CaseDamaged(command.boxCode(), site, bin, command.description()));
    }

    @CommandHandler
    @CreationPolicy(CREATE_IF_MISSING)
    CasePicked handle(PickCase command) {
        requireSound(command.boxCode());
        CasePicked picked = new CasePicked(command.boxCode(), site, bin, command.releaseId(), command.scan());
        apply(picked);
        return picked;
    }

    private void requireSound(BoxCode box) {
        switch (state) {
            case SHELVED -> {}
            case RELEASED -> throw new WarehouseRejected(BOX_RELEASED, box + " left " + where() + " before");
            case DAMAGED -> throw new WarehouseRejected(BOX_DAMAGED, box + " is damaged; take another box");
            case null -> throw new WarehouseRejected(BOX_UNKNOWN, box + " was never shelved");
        }
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
}
