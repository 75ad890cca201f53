package io.jiucang.payment;

import static io.jiucang.payment.PaymentFixtures.AT;
import static io.jiucang.payment.PaymentFixtures.CODE_URL;
import static io.jiucang.payment.PaymentFixtures.IN_TIME;
import static io.jiucang.payment.PaymentFixtures.PRICE;
import static io.jiucang.payment.PaymentFixtures.VALID;
import static io.jiucang.payment.PaymentFixtures.capture;
import static io.jiucang.payment.PaymentFixtures.expect;
import static org.assertj.core.api.Assertions.assertThat;

import io.jiucang.events.PaymentEvent;
import io.jiucang.events.PaymentEvent.PaymentCaptured;
import io.jiucang.events.PaymentEvent.PaymentClosed;
import io.jiucang.events.PaymentEvent.ReceiptReturned;
import io.jiucang.events.PaymentEvent.RefundCompleted;
import io.jiucang.events.PaymentEvent.RefundFailed;
import io.jiucang.events.PaymentEvent.RefundRequested;
import io.jiucang.events.PaymentEvent.ReturnReason;
import io.jiucang.events.PaymentEvent.SaleRecorded;
import io.jiucang.events.value.Ids;
import io.jiucang.events.value.Money;
import io.jiucang.events.value.PaymentId;
import io.jiucang.events.value.RefundId;
import io.jiucang.events.value.TokenId;
import io.jiucang.payment.PaymentCommand.ClosePayment;
import io.jiucang.payment.PaymentCommand.CompleteRefund;
import io.jiucang.payment.PaymentCommand.FailRefund;
import io.jiucang.payment.PaymentCommand.OpenPayment;
import io.jiucang.payment.PaymentCommand.PayBack;
import io.jiucang.payment.PaymentCommand.RecordCapture;
import io.jiucang.payment.PaymentCommand.RetryRefund;
import io.jiucang.payment.PaymentCommand.ReturnReceipt;
import io.jiucang.payment.PaymentCommand.ReturnUnwantedMoney;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import org.axonframework.config.Configuration;
import org.axonframework.config.DefaultConfigurer;
import org.axonframework.eventsourcing.eventstore.inmemory.InMemoryEventStorageEngine;

/** Whatever happens in whatever order, the books balance with what the provider did. */
class PaymentPropertyTest {

    private static final Configuration AXON = DefaultConfigurer.defaultConfiguration(false)
            .configureEmbeddedEventStore(c -> new InMemoryEventStorageEngine())
            .configureAggregate(Payment.class)
            .buildConfiguration();

    private enum Move {
        OPEN,
        PAY,
        PAY_WRONGLY,
        CANCEL,
        END_CASES,
        COMPLETE_REFUND,
        FAIL_REFUND,
        RETRY_REFUND,
        ANCHOR
    }

    /** @param number which of three captures or refunds */
    private record Step(Move move, int number) {}

    @BeforeContainer
    static void start() {
        AXON.start();
    }

    @AfterContainer
    static void stop() {
        AXON.shutdown();
    }

    @Property(tries = 500)
    void moneyIsKeptOnceOrGoesBackOnce(@ForAll @Size(max = 25) List<@IntRange(max = 26) Integer> choices) {
        PaymentId id = new PaymentId(Ids.next());
        AXON.commandGateway().sendAndWait(expect(id));
        Map<String, Money> sent = new HashMap<>();
        for (int choice : choices) {
            take(new Step(Move.values()[choice / 3], choice % 3), id, sent);
        }
        // The returns of what the first brings.
        anchor(id);
        anchor(id);
        assertBalanced(events(id), sent);
    }

    /** All that was told is in the ledger, and valid. */
    private static void anchor(PaymentId id) {
        for (PaymentEvent event : events(id)) {
            switch (event) {
                case PaymentCaptured it ->
                    send(new ReturnUnwantedMoney(id, it, AT, new RefundId(Ids.next()), returned -> VALID));
                case ReceiptReturned it -> send(new PayBack(id, it, VALID));
                default -> {}
            }
        }
    }

    private static void take(Step step, PaymentId id, Map<String, Money> sent) {
        List<RefundId> refunds = events(id).stream()
                .filter(RefundRequested.class::isInstance)
                .map(event -> ((RefundRequested) event).refundId())
                .distinct()
                .toList();
        RefundId refund = refunds.isEmpty() ? new RefundId(Ids.next()) : refunds.get(step.number % refunds.size());
        switch (step.move) {
            case OPEN -> send(new OpenPayment(id, "wechatpay", CODE_URL, IN_TIME));
            case PAY -> pay(id, "T" + step.number, PRICE, sent);
            case PAY_WRONGLY -> pay(id, "W" + step.number, Money.cny(1 + step.number), sent);
            case CANCEL -> send(new ClosePayment(id));
            case END_CASES -> endCases(id, Money.cny(PRICE.minorUnits() / (step.number + 1)));
            case COMPLETE_REFUND -> send(new CompleteRefund(id, refund));
            case FAIL_REFUND -> send(new FailRefund(id, refund, "NOT_ENOUGH"));
            case RETRY_REFUND -> send(new RetryRefund(id, refund));
            case ANCHOR -> anchor(id);
        }
    }

    private static void pay(PaymentId id, String transaction, Money amount, Map<String, Money> sent) {
        String transactionId = transaction + "-" + id;
        sent.put(transactionId, amount);
        send(new RecordCapture(id, capture(transactionId, amount)));
    }

    /** Also of more than there are: the payment has to see to it by itself. */
    private static void endCases(PaymentId id, Money amount) {
        events(id).stream()
                .filter(SaleRecorded.class::isInstance)
                .map(SaleRecorded.class::cast)
                .map(sale -> new ReceiptReturned(
                        id,
                        sale.orderId(),
                        new RefundId(Ids.next()),
                        AT,
                        sale.transactionId(),
                        ReturnReason.CASES_ENDED,
                        amount,
                        List.of(new TokenId(sale.vaultId(), 1)),
                        List.of(AT)))
                .forEach(returned -> send(new ReturnReceipt(id, returned, VALID)));
    }

    private static void send(PaymentCommand command) {
        try {
            AXON.commandGateway().sendAndWait(command);
        } catch (PaymentRejected e) {
            assertThat(command).as("money is never refused").isNotInstanceOf(RecordCapture.class);
        }
    }

    private static List<PaymentEvent> events(PaymentId id) {
        return AXON.eventStore()
                .readEvents(id.value())
                .asStream()
                .map(message -> (PaymentEvent) message.getPayload())
                .toList();
    }

    private static void assertBalanced(List<PaymentEvent> events, Map<String, Money> sent) {
        Map<String, Money> captured = new HashMap<>();
        Map<RefundId, RefundRequested> requested = new HashMap<>();
        Set<RefundId> pending = new HashSet<>();
        Set<RefundId> completed = new HashSet<>();
        List<SaleRecorded> sales = new ArrayList<>();
        boolean closed = false;
        for (PaymentEvent event : events) {
            switch (event) {
                case PaymentCaptured it ->
                    assertThat(captured.put(it.transactionId(), it.amount())).isNull();
                case SaleRecorded it -> sales.add(it);
                case PaymentClosed it -> closed = true;
                case RefundRequested it -> {
                    assertThat(pending.add(it.refundId())).isTrue();
                    requested.put(it.refundId(), it);
                }
                case RefundFailed it ->
                    assertThat(pending.remove(it.refundId())).isTrue();
                case RefundCompleted it -> {
                    pending.remove(it.refundId());
                    assertThat(completed.add(it.refundId())).isTrue();
                    assertThat(requested)
                            .hasEntrySatisfying(
                                    it.refundId(),
                                    request -> assertThat(request.amount()).isEqualTo(it.amount()));
                }
                default -> {}
            }
        }
        assertThat(captured).isEqualTo(sent);
        assertThat(sales.size() + (closed ? 1 : 0)).isLessThanOrEqualTo(1);
        assertThat(completed).noneMatch(pending::contains);
        captured.forEach((transactionId, amount) -> {
            long back = requested.values().stream()
                    .filter(refund -> refund.transactionId().equals(transactionId))
                    .mapToLong(refund -> refund.amount().minorUnits())
                    .sum();
            if (sales.stream().anyMatch(sale -> sale.transactionId().equals(transactionId))) {
                assertThat(back).isLessThanOrEqualTo(amount.minorUnits());
                assertThat(amount).isEqualTo(PRICE);
            } else {
                assertThat(back).isEqualTo(amount.minorUnits());
            }
        });
    }
}
