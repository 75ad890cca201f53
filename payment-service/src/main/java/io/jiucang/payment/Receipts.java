package io.jiucang.payment;

import static io.jiucang.title.receipt.ReceiptRefused.Reason.NOT_SUCCESS;

import io.jiucang.events.value.PaymentId;
import io.jiucang.payment.PaymentCommand.RecordCapture;
import io.jiucang.payment.PaymentProvider.Capture;
import io.jiucang.payment.PaymentProvider.PaymentStatus;
import io.jiucang.payment.PaymentProvider.PaymentStatus.NoReceipt;
import io.jiucang.payment.PaymentProvider.PaymentStatus.Paid;
import io.jiucang.starter.store.Evidence;
import io.jiucang.title.receipt.SignedAnswer;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Locale;
import org.axonframework.commandhandling.gateway.CommandGateway;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * The one way by which money becomes a capture: the provider is asked, and what it signs is a receipt (S3). The answer's
 * bytes are kept in the transaction of the event that names them; whoever crashes before it asks again, and gets another
 * answer as good.
 */
@Component
class Receipts {

    private static final Logger log = LoggerFactory.getLogger(Receipts.class);

    private final PaymentProvider provider;
    private final CommandGateway commands;
    private final Evidence evidence;
    private final TransactionTemplate transaction;
    private final MeterRegistry meters;

    Receipts(
            PaymentProvider provider,
            CommandGateway commands,
            Evidence evidence,
            PlatformTransactionManager transactions,
            MeterRegistry meters) {
        this.provider = provider;
        this.commands = commands;
        this.evidence = evidence;
        this.transaction = new TransactionTemplate(transactions);
        this.meters = meters;
    }

    /** Asks for the payment; what is paid is recorded. To be called by who holds no database connection. */
    PaymentStatus ask(PaymentId id) {
        return take(id, provider.query(id));
    }

    /** Asks until {@code transactionId} is shown: by the payment's number, then by this one. */
    PaymentStatus ask(PaymentId id, String transactionId) {
        return ask(id) instanceof Paid paid && paid.capture().transactionId().equals(transactionId)
                ? paid
                : take(id, provider.query(id, transactionId));
    }

    private PaymentStatus take(PaymentId id, PaymentStatus status) {
        switch (status) {
            case Paid(Capture capture, SignedAnswer answer) -> {
                record(id, capture, answer);
                count("TAKEN");
            }
            case NoReceipt(String reason) -> {
                // That nobody has paid yet is the answer to most questions.
                if (!reason.equals(NOT_SUCCESS.name())) {
                    log.warn("what the provider answers for payment {} is no receipt: {}", id, reason);
                }
                count(reason);
            }
        }
        return status;
    }

    private void record(PaymentId id, Capture capture, SignedAnswer answer) {
        transaction.executeWithoutResult(running -> {
            boolean news = commands.sendAndWait(new RecordCapture(id, capture));
            if (news) {
                evidence.keep(answer.bytes());
            }
        });
    }

    private void count(String outcome) {
        meters.counter("jiucang.payment.answers", "outcome", outcome.toLowerCase(Locale.ROOT))
                .increment();
    }
}
