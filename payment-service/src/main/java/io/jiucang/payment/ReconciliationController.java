package io.jiucang.payment;

import static io.jiucang.payment.PaymentRejected.Reason.PROVIDER_UNAVAILABLE;
import static io.jiucang.starter.RequestRejected.Reason.MALFORMED_PARAMETER;

import io.jiucang.payment.PaymentProvider.Unavailable;
import io.jiucang.starter.RequestRejected;
import java.time.LocalDate;
import org.springframework.format.annotation.DateTimeFormat;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** The books of a day beside the provider's, for whoever must answer for them. */
@RestController
@RequestMapping("/api/v1/reconciliation")
@PreAuthorize("hasAnyRole('OPERATOR', 'AUDITOR')")
class ReconciliationController {

    private final Reconciliation reconciliation;

    ReconciliationController(Reconciliation reconciliation) {
        this.reconciliation = reconciliation;
    }

    /** @param date a day of the provider's calendar, which in WeChat Pay's case is Beijing's */
    @GetMapping
    Reconciliation.Report of(@RequestParam @DateTimeFormat(iso = DateTimeFormat.ISO.DATE) LocalDate date) {
        if (date.getYear() < 2000 || date.getYear() > 9999) {
            throw new RequestRejected(MALFORMED_PARAMETER, "date is not of the years 2000 to 9999");
        }
        try {
            return reconciliation.of(date);
        } catch (Unavailable e) {
            throw new PaymentRejected(PROVIDER_UNAVAILABLE, "the provider's file of " + date + " is not to be had");
        }
    }
}
