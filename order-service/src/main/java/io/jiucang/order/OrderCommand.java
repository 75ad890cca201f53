package io.jiucang.order;

import io.jiucang.events.PaymentEvent.ClosingReason;
import io.jiucang.events.TokenEvent.RefusalReason;
import io.jiucang.events.value.OrderId;
import io.jiucang.events.value.PaymentId;
import io.jiucang.events.value.RefundId;
import io.jiucang.events.value.SerialRange;
import io.jiucang.events.value.TokenId;
import io.jiucang.title.Ruling;
import io.jiucang.title.statement.Act;
import io.jiucang.title.statement.Statement;
import java.time.Instant;
import java.util.List;
import org.axonframework.modelling.command.TargetAggregateIdentifier;

/** What an order can be told. */
sealed interface OrderCommand {

    OrderId orderId();

    /**
     * @param intent what {@code statement} says, by a standing key of the buyer's wallet
     * @param ruling what the law would say of it if it were anchored now
     * @param ageProven whether the identity provider vouches that the buyer is of age
     * @param alreadyOrdered cases of this plan in the buyer's other live orders, as far as we know; the vault knows
     */
    record PlaceOrder(
            @TargetAggregateIdentifier OrderId orderId,
            Act.Offer offer,
            Statement<Act.Order> intent,
            String statement,
            Ruling ruling,
            boolean ageProven,
            long alreadyOrdered,
            Instant now)
            implements OrderCommand {}

    /** The cases are reserved: the order is confirmed or, if its buyer has meanwhile asked for that, ends here. */
    record ConfirmOrder(@TargetAggregateIdentifier OrderId orderId, List<SerialRange> serials)
            implements OrderCommand {}

    record DeclineOrder(@TargetAggregateIdentifier OrderId orderId, RefusalReason reason) implements OrderCommand {}

    /** Nobody said in time whether there are cases. A reservation that is still made follows the cancellation home. */
    record GiveUpReservation(@TargetAggregateIdentifier OrderId orderId) implements OrderCommand {}

    /** The money did not arrive in time, as far as we know; the payment knows. */
    record GiveUpPayment(@TargetAggregateIdentifier OrderId orderId) implements OrderCommand {}

    /**
     * The buyer wants out, before or after payment.
     *
     * @param statement the buyer's, verified
     */
    record CancelOrder(@TargetAggregateIdentifier OrderId orderId, String statement) implements OrderCommand {}

    record RecordPayment(@TargetAggregateIdentifier OrderId orderId, PaymentId paymentId) implements OrderCommand {}

    /** The payment will never become a sale. */
    record CancelUnpaid(@TargetAggregateIdentifier OrderId orderId, ClosingReason reason) implements OrderCommand {}

    /** The law let no sale be made of what was paid, as after the buyer's cancellation. */
    record CancelPaid(@TargetAggregateIdentifier OrderId orderId, RefundId refundId) implements OrderCommand {}

    /** The warehouse could not stop the release. */
    record RefuseCancellation(@TargetAggregateIdentifier OrderId orderId) implements OrderCommand {}

    /** The sale of {@code tokens} was undone: cancelled by the buyer, or refused by the warehouse. */
    record WithdrawCases(@TargetAggregateIdentifier OrderId orderId, List<TokenId> tokens, RefundId refundId)
            implements OrderCommand {}

    /** Title has passed for {@code cases} cases. */
    record FulfilOrder(@TargetAggregateIdentifier OrderId orderId, long cases) implements OrderCommand {}
}
