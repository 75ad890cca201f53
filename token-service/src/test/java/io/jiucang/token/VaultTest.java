package io.jiucang.token;

import static io.jiucang.token.TokenFixtures.BUYER;
import static io.jiucang.token.TokenFixtures.DURING_SALE;
import static io.jiucang.token.TokenFixtures.ORDER;
import static io.jiucang.token.TokenFixtures.OTHER_BUYER;
import static io.jiucang.token.TokenFixtures.OTHER_ORDER;
import static io.jiucang.token.TokenFixtures.PLAN;
import static io.jiucang.token.TokenFixtures.SALE_FROM;
import static io.jiucang.token.TokenFixtures.SALE_UNTIL;
import static io.jiucang.token.TokenFixtures.VAULT;
import static io.jiucang.token.TokenFixtures.cite;
import static io.jiucang.token.TokenFixtures.createSalesPlan;
import static io.jiucang.token.TokenFixtures.range;
import static io.jiucang.token.TokenFixtures.salesPlanCreated;
import static io.jiucang.token.TokenFixtures.serials;
import static io.jiucang.token.TokenFixtures.token;
import static io.jiucang.token.TokenFixtures.tokensMinted;
import static io.jiucang.token.TokenFixtures.tokensReserved;
import static io.jiucang.token.TokenFixtures.tokensSold;
import static io.jiucang.token.TokenFixtures.vaultOpened;
import static io.jiucang.token.TokenRejected.Reason.SALES_PLAN_EXISTS;
import static io.jiucang.token.TokenRejected.Reason.SALES_PLAN_INVALID;
import static io.jiucang.token.TokenRejected.Reason.TOKENS_NOT_HELD;
import static io.jiucang.token.TokenRejected.Reason.TOKENS_NOT_RESERVED;
import static org.axonframework.test.matchers.Matchers.exactSequenceOf;
import static org.axonframework.test.matchers.Matchers.payloadsMatching;
import static org.hamcrest.CoreMatchers.any;
import static org.hamcrest.CoreMatchers.equalTo;

import io.jiucang.events.TokenEvent.LawAdopted;
import io.jiucang.events.TokenEvent.RefusalReason;
import io.jiucang.events.TokenEvent.ReservationRefused;
import io.jiucang.events.TokenEvent.ReservationReleased;
import io.jiucang.events.TokenEvent.SaleRefused;
import io.jiucang.events.TokenEvent.SaleUndone;
import io.jiucang.events.TokenEvent.TokensMinted;
import io.jiucang.events.value.OrderId;
import io.jiucang.events.value.SerialRange;
import io.jiucang.starter.Rejection;
import io.jiucang.starter.RejectionReason;
import io.jiucang.token.VaultCommand.AdoptSale;
import io.jiucang.token.VaultCommand.CreateSalesPlan;
import io.jiucang.token.VaultCommand.RefuseSale;
import io.jiucang.token.VaultCommand.ReleaseTokens;
import io.jiucang.token.VaultCommand.ReserveTokens;
import io.jiucang.token.VaultCommand.SellTokens;
import io.jiucang.token.VaultCommand.UndoSale;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.axonframework.test.aggregate.AggregateTestFixture;
import org.axonframework.test.aggregate.ResultValidator;
import org.axonframework.test.aggregate.TestExecutor;
import org.axonframework.test.matchers.Matchers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class VaultTest {

    private final AggregateTestFixture<Vault> vault = new AggregateTestFixture<>(Vault.class);

    @Test
    void mintsAllCasesInOneEvent() {
        vault.givenNoPriorActivity()
                .when(createSalesPlan())
                .expectEvents(salesPlanCreated(), vaultOpened(), tokensMinted());
    }

    @Test
    void mintsAHundredThousandCasesInOneEvent() {
        vault.givenNoPriorActivity()
                .when(createSalesPlan(100_000, 6))
                .expectEventsMatching(payloadsMatching(exactSequenceOf(
                        any(Object.class), any(Object.class), equalTo(new TokensMinted(VAULT, PLAN, 1, 100_000)))));
    }

    @Test
    void makesOnePlanOfAnOffer() {
        expectRejection(opened().when(createSalesPlan()), SALES_PLAN_EXISTS);
    }

    static Stream<CreateSalesPlan> invalidPlans() {
        CreateSalesPlan valid = createSalesPlan();
        return Stream.of(
                with(valid, Map.of(), valid.code()),
                with(valid, Map.of("en", " "), valid.code()),
                with(valid, Map.of("e", "x"), valid.code()),
                with(valid, valid.name(), ""));
    }

    private static CreateSalesPlan with(CreateSalesPlan plan, Map<String, String> name, String code) {
        return new CreateSalesPlan(plan.vaultId(), plan.planId(), plan.offer(), plan.statement(), name, code);
    }

    @ParameterizedTest
    @MethodSource("invalidPlans")
    void refusesAPlanThatNobodyCouldBuyFrom(CreateSalesPlan command) {
        expectRejection(vault.givenNoPriorActivity().when(command), SALES_PLAN_INVALID);
    }

    @Test
    void reservesTheLowestSerials() {
        opened().when(reserve(ORDER, BUYER, 3, 0)).expectEvents(tokensReserved(ORDER, BUYER, range(1, 3)));
    }

    @Test
    void reservesReleasedSerialsAgain() {
        opened(tokensReserved(ORDER, BUYER, range(1, 3)), released(ORDER, range(2, 3)))
                .when(reserve(OTHER_ORDER, OTHER_BUYER, 3, 0))
                .expectEvents(tokensReserved(OTHER_ORDER, OTHER_BUYER, range(2, 4)));
    }

    @Test
    void reservesSerialsThatAreApart() {
        opened(
                        tokensReserved(ORDER, BUYER, range(1, 3)),
                        tokensReserved(OTHER_ORDER, OTHER_BUYER, range(4, 9)),
                        released(ORDER, range(2, 2)))
                .when(reserve(OTHER_ORDER, OTHER_BUYER, 2, 0))
                .expectEvents(tokensReserved(OTHER_ORDER, OTHER_BUYER, range(2, 2), range(10, 10)));
    }

    @Test
    void reservesTheVeryLastCases() {
        opened(tokensReserved(ORDER, BUYER, range(1, 7)))
                .when(reserve(OTHER_ORDER, OTHER_BUYER, 3, 0))
                .expectEvents(tokensReserved(OTHER_ORDER, OTHER_BUYER, range(8, 10)));
    }

    @Test
    void refusesWhenTooFewAreLeft() {
        opened(tokensReserved(ORDER, BUYER, range(1, 8)))
                .when(reserve(OTHER_ORDER, OTHER_BUYER, 3, 0))
                .expectEvents(refused(OTHER_ORDER, OTHER_BUYER, RefusalReason.SOLD_OUT));
    }

    @Test
    void refusesMoreThanOneBuyerMayHave() {
        opened().when(reserve(ORDER, BUYER, 2, 2))
                .expectEvents(refused(ORDER, BUYER, RefusalReason.BUYER_LIMIT_EXCEEDED));
        opened().when(reserve(ORDER, BUYER, Long.MAX_VALUE, 2))
                .expectEvents(refused(ORDER, BUYER, RefusalReason.BUYER_LIMIT_EXCEEDED));
    }

    @Test
    void judgesTheSaleByWhenTheOrderWasPlaced() {
        opened().when(new ReserveTokens(VAULT, ORDER, BUYER, 1, 0, SALE_FROM))
                .expectEvents(tokensReserved(ORDER, BUYER, range(1, 1)));
        for (Instant closed : List.of(SALE_FROM.minusNanos(1), SALE_UNTIL)) {
            opened().when(new ReserveTokens(VAULT, ORDER, BUYER, 1, 0, closed))
                    .expectEvents(refused(ORDER, BUYER, RefusalReason.SALE_NOT_OPEN));
        }
    }

    @Test
    void sellsWhatWasReserved() {
        opened(tokensReserved(ORDER, BUYER, range(1, 3)))
                .when(new SellTokens(VAULT, tokensSold(ORDER, range(1, 3))))
                .expectEvents(tokensSold(ORDER, range(1, 3)));
    }

    @Test
    void refusesToSellWhatIsNotReserved() {
        expectRejection(
                opened(tokensReserved(ORDER, BUYER, range(1, 3)))
                        .when(new SellTokens(VAULT, tokensSold(ORDER, range(3, 4)))),
                TOKENS_NOT_RESERVED);
        expectRejection(
                opened(tokensReserved(ORDER, BUYER, range(1, 3)), tokensSold(ORDER, range(1, 3)))
                        .when(new SellTokens(VAULT, tokensSold(ORDER, range(1, 3)))),
                TOKENS_NOT_RESERVED);
    }

    @Test
    void takesReservedAndSoldSerialsBack() {
        opened(tokensReserved(ORDER, BUYER, range(1, 3)), tokensSold(ORDER, range(1, 1)))
                .when(new ReleaseTokens(VAULT, ORDER, serials(range(1, 2))))
                .expectEvents(released(ORDER, range(1, 2)));
    }

    @Test
    void saysThatThereWillBeNoSaleAndTakesTheSerialsBack() {
        for (Object[] before : new Object[][] {
            {tokensReserved(ORDER, BUYER, range(1, 2))},
            {tokensReserved(ORDER, BUYER, range(1, 2)), tokensSold(ORDER, range(1, 2))}
        }) {
            opened(before)
                    .when(new RefuseSale(VAULT, ORDER, serials(range(1, 2)), "cancelled"))
                    .expectEvents(new SaleRefused(VAULT, ORDER, "cancelled"), released(ORDER, range(1, 2)));
        }
    }

    @Test
    void keepsWhatIsBeingUndoneUntilItIsReleased() {
        SaleUndone undone =
                new SaleUndone(ORDER, Map.of(token(1), cite(3).leafHash()), cite(3), List.of(cite(7), cite(8)));
        opened(tokensReserved(ORDER, BUYER, range(1, 1)), tokensSold(ORDER, range(1, 1)))
                .when(new UndoSale(VAULT, undone))
                .expectEvents(undone);
        opened(tokensReserved(ORDER, BUYER, range(1, 1)), tokensSold(ORDER, range(1, 1)), undone)
                .when(reserve(OTHER_ORDER, OTHER_BUYER, 1, 0))
                .expectEvents(tokensReserved(OTHER_ORDER, OTHER_BUYER, range(2, 2)));
    }

    /** Somebody with this service's key sold serials that are reserved, and others that are not. */
    @Test
    void goesByTheSaleThatTheLawHas() {
        LawAdopted adopted = new LawAdopted(VAULT, OTHER_ORDER, List.of(range(2, 3)), cite(9));
        opened(tokensReserved(ORDER, BUYER, range(1, 2)))
                .when(new AdoptSale(VAULT, OTHER_ORDER, serials(range(2, 3)), cite(9)))
                .expectEvents(adopted);
        opened(tokensReserved(ORDER, BUYER, range(1, 2)), adopted)
                .when(reserve(OTHER_ORDER, OTHER_BUYER, 1, 0))
                .expectEvents(tokensReserved(OTHER_ORDER, OTHER_BUYER, range(4, 4)));
        expectRejection(
                opened(tokensReserved(ORDER, BUYER, range(1, 2)), adopted)
                        .when(new SellTokens(VAULT, tokensSold(ORDER, range(1, 2)))),
                TOKENS_NOT_RESERVED);
    }

    @Test
    void refusesToTakeBackWhatIsNotOut() {
        expectRejection(
                opened(tokensReserved(ORDER, BUYER, range(1, 3)))
                        .when(new ReleaseTokens(VAULT, ORDER, serials(range(3, 4)))),
                TOKENS_NOT_HELD);
        expectRejection(opened().when(new ReleaseTokens(VAULT, ORDER, Serials.NONE)), TOKENS_NOT_HELD);
    }

    private TestExecutor<Vault> opened(Object... further) {
        List<Object> events = new ArrayList<>(List.of(salesPlanCreated(), vaultOpened(), tokensMinted()));
        events.addAll(List.of(further));
        return vault.given(events);
    }

    private static ReserveTokens reserve(OrderId order, String buyer, long quantity, long held) {
        return new ReserveTokens(VAULT, order, buyer, quantity, held, DURING_SALE);
    }

    private static ReservationRefused refused(OrderId order, String buyer, RefusalReason reason) {
        return new ReservationRefused(VAULT, PLAN, order, buyer, reason);
    }

    private static ReservationReleased released(OrderId order, SerialRange serials) {
        return new ReservationReleased(VAULT, PLAN, order, List.of(serials));
    }

    static void expectRejection(ResultValidator<?> result, RejectionReason reason) {
        result.expectNoEvents()
                .expectException(Matchers.<Rejection>predicate(
                        rejection -> rejection.reason().equals(reason)));
    }
}
