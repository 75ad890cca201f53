package io.jiucang.title;

import static io.jiucang.title.World.LI;
import static io.jiucang.title.World.PRICE;
import static io.jiucang.title.World.WANG;
import static io.jiucang.title.World.assertValid;
import static io.jiucang.title.World.assertVoid;
import static org.assertj.core.api.Assertions.assertThat;

import io.jiucang.events.PaymentEvent.ReturnReason;
import io.jiucang.events.value.Money;
import io.jiucang.events.value.TokenId;
import io.jiucang.title.World.Offered;
import io.jiucang.title.World.Ordered;
import io.jiucang.title.World.Sold;
import io.jiucang.title.directory.Service;
import io.jiucang.title.event.Cite;
import io.jiucang.title.event.LawEvent;
import io.jiucang.title.receipt.SignedAnswer;
import io.jiucang.title.statement.Act;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** S1 to S4 and S8: offers, intents, receipts, sales, and money that goes back. */
class SaleCasesTest {

    private final World world = World.begun();
    private final Offered offered = world.offer(100);

    @Test
    @DisplayName("price of one fen")
    void priceOfOneFen() {
        Act.Order cheap = new Act.Order(
                offered.offer().id(),
                1,
                Money.cny(1),
                World.AGREEMENT,
                world.now().plus(World.PAY_WITHIN));
        assertVoid(Rule.INTENT, world.tell(Service.ORDER, new LawEvent.OrderPlaced(world.wallet(LI, cheap))));

        // An honest order, of which one fen was paid.
        Ordered order = world.order(LI, offered, 1);
        Cite oneFen = world.pay(order, 1, world.now());
        assertVoid(Rule.RECEIPT, world.tell(Service.TOKEN, world.saleOf(order, oneFen, offered.token(1))));
    }

    @Test
    @DisplayName("payee swapped")
    void payeeSwapped() {
        Act.Offer honest = world.offerOf(100);
        Act.Offer own = new Act.Offer(
                honest.product(),
                honest.gtin(),
                honest.count(),
                honest.price(),
                honest.limit(),
                honest.from(),
                honest.until(),
                honest.site(),
                honest.appid(),
                "1900000666",
                honest.agreement(),
                honest.deliverBy(),
                honest.longestPayBy());
        assertVoid(
                Rule.OFFER, world.tell(Service.TOKEN, new LawEvent.SalesPlanCreated(world.party(Parties.WINERY, own))));
    }

    @Test
    @DisplayName("other order's receipt")
    void otherOrdersReceipt() {
        Ordered lis = world.order(LI, offered, 1);
        Ordered wangs = world.order(WANG, offered, 1);
        Cite payment = world.pay(lis);
        assertVoid(Rule.RECEIPT, world.tell(Service.TOKEN, world.saleOf(wangs, payment, offered.token(1))));

        // Told as if it were for the other order.
        var answer = Answers.signed(Answers.paid(lis.number(), PRICE.minorUnits(), world.now()));
        assertVoid(Rule.RECEIPT, world.tell(Service.PAYMENT, World.captured(wangs, answer)));
    }

    @Test
    @DisplayName("receipt shapes")
    void receiptShapes() {
        Ordered order = world.order(LI, offered, 1);
        String paid = Answers.paid(order.number(), PRICE.minorUnits(), world.now());
        List<String> others = List.of(
                """
                {"id":"EV-2018022511223320873","create_time":"2026-11-27T16:00:00+08:00","resource_type":"encrypt-resource",\
                "event_type":"TRANSACTION.SUCCESS","summary":"支付成功","resource":{"algorithm":"AEAD_AES_256_GCM",\
                "ciphertext":"AAAA","associated_data":"transaction","nonce":"bbbb"}}""",
                paid.replace("\"SUCCESS\"", "\"REFUND\""),
                paid.replace("\"SUCCESS\"", "\"CLOSED\""),
                "{\"code\":\"ORDER_NOT_EXIST\",\"message\":\"订单不存在\"}",
                paid.replace(Parties.PAYEE, "1900000666"),
                paid.replace(Parties.APPID, "wxffffffffffffffff"),
                paid.replace("\"currency\":\"CNY\"", "\"currency\":\"USD\""),
                paid.replace("\"total\":588000", "\"total\":1,\"total\":588000"),
                paid.replace("\"trade_state\":\"SUCCESS\"", "\"trade_state\":\"CLOSED\",\"trade_state\":\"SUCCESS\""));
        for (String body : others) {
            assertThat(body).isNotEqualTo(paid);
            assertVoid(Rule.RECEIPT, world.tell(Service.PAYMENT, World.captured(order, Answers.signed(body))));
        }
        assertVoid(
                Rule.RECEIPT, world.tell(Service.PAYMENT, World.captured(order, Answers.signed(paid, Parties.rsa()))));
        SignedAnswer genuine = Answers.signed(paid);
        assertVoid(
                Rule.EVIDENCE,
                world.tell(
                        Service.PAYMENT,
                        new LawEvent.PaymentCaptured(order.intent().orderId(), World.hash("other bytes"), genuine)));
        assertValid(world.tell(Service.PAYMENT, World.captured(order, genuine)));
        // Any number of events may carry it.
        assertValid(world.tell(Service.PAYMENT, World.captured(order, Answers.signed(paid))));
    }

    @Test
    @DisplayName("two payers, one serial")
    void twoPayersOneSerial() {
        Ordered lis = world.order(LI, offered, 1);
        Ordered wangs = world.order(WANG, offered, 1);
        Cite lisPayment = world.pay(lis);
        Cite wangsPayment = world.pay(wangs);
        TokenId token = offered.token(1);
        assertValid(world.tell(Service.TOKEN, world.saleOf(lis, lisPayment, token)));
        assertVoid(
                Rule.SALE,
                world.tell(
                        Service.TOKEN,
                        new LawEvent.TokensSold(
                                wangs.intent().orderId(),
                                wangs.at(),
                                List.of(wangsPayment),
                                List.of(token),
                                Map.of())));

        assertVoid(
                Rule.MONEY_BACK,
                world.tell(Service.PAYMENT, World.returnOf(wangsPayment, ReturnReason.NO_CASE_LEFT, PRICE.times(2))));
        LawEvent back = World.returnOf(wangsPayment, ReturnReason.NO_CASE_LEFT, PRICE);
        assertValid(world.tell(Service.PAYMENT, back));
        assertVoid(Rule.MONEY_BACK, world.tell(Service.PAYMENT, back));
        assertVoid(
                Rule.MONEY_BACK,
                world.tell(Service.PAYMENT, World.returnOf(lisPayment, ReturnReason.NO_CASE_LEFT, PRICE)));
    }

    @Test
    @DisplayName("sold on a returned receipt")
    void soldOnAReturnedReceipt() {
        Ordered order = world.order(LI, offered, 1);
        Cite payment = world.pay(order);
        assertValid(world.tell(Service.PAYMENT, World.returnOf(payment, ReturnReason.OVERTAKEN, PRICE)));
        assertVoid(Rule.MONEY_BACK, world.tell(Service.TOKEN, world.saleOf(order, payment, offered.token(1))));

        Sold sold = world.sell(world.order(WANG, offered, 1), offered.token(1));
        assertVoid(
                Rule.MONEY_BACK,
                world.tell(Service.PAYMENT, World.returnOf(sold.payment(), ReturnReason.OVERTAKEN, PRICE)));
    }

    @Test
    @DisplayName("charged twice")
    void chargedTwice() {
        Ordered order = world.order(LI, offered, 1);
        Cite first = world.pay(order);
        String again = Answers.paid(order.number(), PRICE.minorUnits(), world.now())
                .replaceFirst("(?<=\"transaction_id\":\")[0-9]+", "4200009999");
        Cite second = world.told(Service.PAYMENT, World.captured(order, Answers.signed(again)));
        TokenId token = offered.token(1);
        assertVoid(
                Rule.RECEIPT,
                world.tell(
                        Service.TOKEN,
                        new LawEvent.TokensSold(
                                order.intent().orderId(),
                                order.at(),
                                List.of(first, second),
                                List.of(token),
                                Map.of())));
        assertValid(world.tell(Service.TOKEN, world.saleOf(order, first, token)));

        LawEvent back = World.returnOf(second, ReturnReason.DOUBLE, PRICE);
        assertValid(world.tell(Service.PAYMENT, back));
        assertVoid(Rule.MONEY_BACK, world.tell(Service.PAYMENT, back));
        assertVoid(Rule.MONEY_BACK, world.tell(Service.PAYMENT, World.returnOf(first, ReturnReason.DOUBLE, PRICE)));
    }

    @Test
    @DisplayName("too many")
    void tooMany() {
        Ordered order = world.order(LI, offered, 2);
        Cite payment = world.pay(order);
        assertVoid(
                Rule.SALE,
                world.tell(
                        Service.TOKEN,
                        world.saleOf(order, payment, offered.token(1), offered.token(2), offered.token(3))));
        assertThat(world.state().soldTokens()).isEmpty();
        assertVoid(Rule.SALE, world.tell(Service.TOKEN, world.saleOf(order, payment, offered.token(1))));
    }

    @Test
    @DisplayName("oversell")
    void oversell() {
        Ordered order = world.order(LI, offered, 2);
        Cite payment = world.pay(order);
        assertVoid(
                Rule.SALE,
                world.tell(Service.TOKEN, world.saleOf(order, payment, offered.token(100), offered.token(101))));
        assertThat(world.state().soldTokens()).isEmpty();
        Offered other = world.offer(100);
        assertVoid(
                Rule.SALE, world.tell(Service.TOKEN, world.saleOf(order, payment, offered.token(1), other.token(1))));
    }

    @Test
    @DisplayName("late payment")
    void latePayment() {
        Ordered inTime = world.order(LI, offered, 1);
        Instant payBy = inTime.intent().act().payBy();
        Ordered late = world.order(WANG, offered, 1);
        world.passUntil(payBy.plus(Duration.ofMinutes(5)));
        Cite atTheLast = world.pay(inTime, PRICE.minorUnits(), payBy);
        Cite tooLate = world.pay(late, PRICE.minorUnits(), payBy.plusSeconds(1));
        assertValid(world.tell(Service.TOKEN, world.saleOf(inTime, atTheLast, offered.token(1))));
        assertVoid(Rule.RECEIPT, world.tell(Service.TOKEN, world.saleOf(late, tooLate, offered.token(2))));
        // It is the buyer's money all the same, and nobody else has to say so.
        assertValid(world.tell(Service.PAYMENT, World.returnOf(tooLate, ReturnReason.LATE, PRICE)));
    }

    @Test
    @DisplayName("undone in part")
    void undoneInPart() {
        TokenId damaged = offered.token(2);
        Sold sold = world.sell(world.order(LI, offered, 3), offered.token(1), damaged, offered.token(3));
        Cite refused = world.stateWithParty(new Act.Refusal(sold.at().leaf(), List.of(damaged)));
        Cite undone = world.undo(sold, List.of(refused), damaged);
        assertThat(world.of(damaged)).isInstanceOf(TokenState.Lost.class);

        assertVoid(
                Rule.EVIDENCE, world.tell(Service.PAYMENT, World.returnOf(sold.payment(), List.of(refused), damaged)));
        LawEvent back = World.returnOf(sold.payment(), List.of(undone), damaged);
        assertValid(world.tell(Service.PAYMENT, back));
        assertVoid(Rule.MONEY_BACK, world.tell(Service.PAYMENT, back));
        // Nor for the others, nor more than one price for one case.
        assertVoid(
                Rule.MONEY_BACK,
                world.tell(Service.PAYMENT, World.returnOf(sold.payment(), List.of(undone), offered.token(1))));
        assertThat(world.state().accounts().values())
                .singleElement()
                .satisfies(account -> assertThat(account.left()).isEqualTo(PRICE.times(2)));
    }

    @Test
    @DisplayName("money back after grant")
    void moneyBackAfterGrant() {
        TokenId token = offered.token(1);
        Sold sold = world.own(LI, offered, token);
        // A stolen order key cancels without the buyer, a stolen token key undoes the sale.
        assertVoid(
                Rule.WALLET_KEY,
                world.tell(
                        Service.ORDER,
                        new LawEvent.OrderCancelled(world.wallet(
                                LI.id(),
                                WANG,
                                new Act.OrderCancellation(sold.order().intent().orderId())))));
        assertVoid(
                Rule.UNDOING,
                world.tell(Service.TOKEN, world.undoingOf(sold, List.of(world.cancel(LI, sold.order())), token)));
        for (ReturnReason reason : ReturnReason.values()) {
            assertVoid(Rule.MONEY_BACK, world.tell(Service.PAYMENT, World.returnOf(sold.payment(), reason, PRICE)));
        }
        assertVoid(
                Rule.MONEY_BACK,
                world.tell(Service.PAYMENT, World.returnOf(sold.payment(), List.of(world.last()), token)));
    }
}
