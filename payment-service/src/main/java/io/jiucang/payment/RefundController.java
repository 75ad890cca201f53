package io.jiucang.payment;

import static io.jiucang.payment.PaymentRejected.Reason.REFUND_NOT_FOUND;

import io.jiucang.events.value.RefundId;
import io.jiucang.payment.PaymentCommand.RetryRefund;
import io.jiucang.starter.web.Page;
import org.axonframework.commandhandling.gateway.CommandGateway;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** Refunds, for operators to watch and, once what made one fail is removed, to retry. */
@RestController
@RequestMapping("/api/v1/refunds")
@PreAuthorize("hasRole('OPERATOR')")
class RefundController {

    private final CommandGateway commands;
    private final PaymentViews payments;

    RefundController(CommandGateway commands, PaymentViews payments) {
        this.commands = commands;
        this.payments = payments;
    }

    @GetMapping
    Page<RefundView> refunds(
            @RequestParam(required = false) RefundView.@Nullable Status status,
            @RequestParam(required = false) @Nullable String cursor,
            @RequestParam(defaultValue = "50") int limit) {
        return Page.of(
                payments.listRefunds(status, Page.after(cursor), Page.requireSize(limit)), limit, RefundView::position);
    }

    @PostMapping("/{refundId}/retry")
    @ResponseStatus(HttpStatus.ACCEPTED)
    RefundView retry(@PathVariable RefundId refundId) {
        commands.sendAndWait(new RetryRefund(find(refundId).paymentId(), refundId));
        return find(refundId);
    }

    private RefundView find(RefundId refundId) {
        return payments.findRefund(refundId)
                .orElseThrow(() -> new PaymentRejected(REFUND_NOT_FOUND, "no refund " + refundId));
    }
}
