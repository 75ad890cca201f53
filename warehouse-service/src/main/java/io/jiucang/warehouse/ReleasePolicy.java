package io.jiucang.warehouse;

import io.jiucang.events.OrderEvent.OrderCancelled;
import io.jiucang.events.OrderEvent.OrderDeclined;
import io.jiucang.events.OrderEvent.OrderEnded;
import io.jiucang.events.PaymentEvent.PaymentClosed;
import io.jiucang.events.TokenEvent.TokensSold;
import io.jiucang.events.value.OrderId;
import io.jiucang.events.value.ReleaseId;
import io.jiucang.events.value.SerialRange;
import io.jiucang.starter.inbox.PredecessorMissing;
import io.jiucang.starter.law.Anchored;
import io.jiucang.starter.law.AnchoredAt;
import io.jiucang.warehouse.WarehouseCommand.CancelRelease;
import io.jiucang.warehouse.WarehouseCommand.RequestRelease;
import org.axonframework.commandhandling.gateway.CommandGateway;
import org.axonframework.eventhandling.EventHandler;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * Whenever cases are sold, they shall be released; whenever its buyer cancels, they shall not, if none has left.
 *
 * <p>A cancellation may overtake the sale, for they come by different topics. It is kept until the sale comes, or until
 * the order ends without one.
 */
@Component
class ReleasePolicy {

    private final Vaults vaults;
    private final CommandGateway commands;
    private final JdbcClient jdbc;

    ReleasePolicy(Vaults vaults, CommandGateway commands, JdbcClient jdbc) {
        this.vaults = vaults;
        this.commands = commands;
        this.jdbc = jdbc;
    }

    @EventHandler
    void on(TokensSold sale, @AnchoredAt Anchored anchored) {
        Vaults.Vault vault = vaults.find(sale.vaultId())
                .orElseThrow(() -> new PredecessorMissing("site or GTIN of vault " + sale.vaultId()));
        commands.sendAndWait(new RequestRelease(
                releaseOf(sale.orderId()),
                sale.orderId(),
                sale.vaultId(),
                vault.site(),
                vault.gtin(),
                SerialRange.tokens(sale.vaultId(), sale.serials()).toList(),
                anchored.at().told()));
        if (forgetCancellation(sale.orderId())) {
            commands.sendAndWait(new CancelRelease(releaseOf(sale.orderId())));
        }
    }

    @EventHandler
    void on(OrderCancelled event) {
        try {
            commands.sendAndWait(new CancelRelease(releaseOf(event.orderId())));
        } catch (WarehouseRejected unknown) {
            // The only reason there is: no release yet.
            jdbc.sql("insert into early_cancellation (order_id) values (?) on conflict do nothing")
                    .param(event.orderId().value())
                    .update();
        }
    }

    @EventHandler
    void on(PaymentClosed event) {
        forgetCancellation(event.orderId());
    }

    /** Also for a cancellation that came after its {@link PaymentClosed}: these two share a topic and stay in order. */
    @EventHandler
    void on(OrderEnded event) {
        forgetCancellation(event.orderId());
    }

    @EventHandler
    void on(OrderDeclined event) {
        forgetCancellation(event.orderId());
    }

    private boolean forgetCancellation(OrderId order) {
        return jdbc.sql("delete from early_cancellation where order_id = ?")
                        .param(order.value())
                        .update()
                > 0;
    }

    /** One release per order, so that a sale told twice cannot make two. */
    private static ReleaseId releaseOf(OrderId order) {
        return new ReleaseId(order.value());
    }
}
