package io.jiucang.payment;

import static io.jiucang.payment.PaymentRejected.Reason.PAYMENT_ALREADY_MADE;
import static io.jiucang.payment.PaymentRejected.Reason.PAYMENT_CLOSED;
import static io.jiucang.payment.PaymentRejected.Reason.PROVIDER_BUSY;
import static io.jiucang.payment.PaymentRejected.Reason.PROVIDER_REFUSED;
import static io.jiucang.payment.PaymentRejected.Reason.PROVIDER_UNAVAILABLE;

import io.jiucang.payment.PaymentProvider.Prepared;
import io.jiucang.payment.PaymentProvider.Refused;
import io.jiucang.payment.PaymentProvider.Unavailable;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.springframework.stereotype.Component;

/**
 * Payments on their way to the provider: a bounded number at once, the others wait for their turn. Whoever has it keeps it
 * while the provider is asked again, so that a busy provider is asked ever more rarely by everybody.
 */
@Component
class Openings {

    private static final long FIRST_WAIT_MILLIS = 100;
    private static final long LONGEST_WAIT_MILLIS = 2_000;

    private final PaymentProvider provider;
    private final Duration patience;
    private final Semaphore turns;

    Openings(PaymentProvider provider, PaymentSettings settings) {
        this.provider = provider;
        this.patience = settings.patience();
        this.turns = new Semaphore(settings.openings(), true);
    }

    /**
     * Waits; to be called by who holds no database connection. What is then not stored is found again at the provider by the
     * same id.
     *
     * @throws PaymentRejected PROVIDER_BUSY or PROVIDER_UNAVAILABLE once the buyer has waited long enough
     */
    Prepared open(PaymentView payment) {
        long end = System.nanoTime() + patience.toNanos();
        try {
            if (!turns.tryAcquire(patience.toNanos(), TimeUnit.NANOSECONDS)) {
                throw new PaymentRejected(PROVIDER_BUSY, "too many payments are being opened; nothing was changed");
            }
            try {
                return ask(payment, end);
            } finally {
                turns.release();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new PaymentRejected(PROVIDER_UNAVAILABLE, "this service stops; nothing was changed");
        }
    }

    private Prepared ask(PaymentView payment, long end) throws InterruptedException {
        for (int attempt = 0; ; attempt++) {
            try {
                return provider.open(
                        payment.paymentId(), payment.amount(), "酒仓订单 " + payment.orderId(), payment.payBy());
            } catch (Unavailable e) {
                long wait = waitMillis(attempt);
                if (System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(wait) > end) {
                    throw new PaymentRejected(
                            e.isBusy() ? PROVIDER_BUSY : PROVIDER_UNAVAILABLE, "nothing was changed; try again");
                }
                Thread.sleep(wait);
            } catch (Refused e) {
                throw switch (e.reason()) {
                    case ALREADY_PAID -> new PaymentRejected(PAYMENT_ALREADY_MADE, "the provider has the money");
                    case CLOSED -> new PaymentRejected(PAYMENT_CLOSED, "the provider takes no money for it any more");
                    case NOT_FOUND, CONFLICT, OTHER -> new PaymentRejected(PROVIDER_REFUSED, e.providerCode());
                };
            }
        }
    }

    /** Twice as long each time, and never for two at once the same. */
    private static long waitMillis(int attempt) {
        long longest = Math.min(FIRST_WAIT_MILLIS << Math.min(attempt, 10), LONGEST_WAIT_MILLIS);
        return ThreadLocalRandom.current().nextLong(longest / 2, longest + 1);
    }
}
