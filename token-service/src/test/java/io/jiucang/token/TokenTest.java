package io.jiucang.token;

import static io.jiucang.token.TokenFixtures.BUYER;
import static io.jiucang.token.TokenFixtures.ORDER;
import static io.jiucang.token.TokenFixtures.OTHER_BUYER;
import static io.jiucang.token.TokenFixtures.OTHER_ORDER;
import static io.jiucang.token.TokenFixtures.PLAN;
import static io.jiucang.token.TokenFixtures.boxCode;
import static io.jiucang.token.TokenFixtures.token;
import static io.jiucang.token.TokenRejected.Reason.TITLE_GRANTED_ALREADY;
import static io.jiucang.token.TokenRejected.Reason.TOKEN_HAS_ANOTHER_CASE;
import static io.jiucang.token.TokenRejected.Reason.TOKEN_OF_ANOTHER_ORDER;
import static io.jiucang.token.VaultTest.expectRejection;

import io.jiucang.events.Ids;
import io.jiucang.events.LedgerReference;
import io.jiucang.events.TokenEvent.BoxCodeAttached;
import io.jiucang.events.TokenEvent.TokenGranted;
import io.jiucang.token.TokenCommand.AttachBoxCode;
import io.jiucang.token.TokenCommand.GrantTitle;
import org.axonframework.modelling.command.AggregateNotFoundException;
import org.axonframework.test.aggregate.AggregateTestFixture;
import org.junit.jupiter.api.Test;

class TokenTest {

    private static final LedgerReference SALE = new LedgerReference(Ids.next(), 4, 9);
    private static final LedgerReference RELEASE = new LedgerReference(Ids.next(), 7, 9);

    private final AggregateTestFixture<Token> token = new AggregateTestFixture<>(Token.class);

    @Test
    void standsForItsCaseFromTheFirstBoxCodeOn() {
        token.givenNoPriorActivity()
                .when(new AttachBoxCode(token(1), PLAN, ORDER, boxCode(1)))
                .expectEvents(boxCodeAttached());
    }

    @Test
    void takesTheSameBoxCodeOnlyOnce() {
        token.given(boxCodeAttached())
                .when(new AttachBoxCode(token(1), PLAN, ORDER, boxCode(1)))
                .expectSuccessfulHandlerExecution()
                .expectNoEvents();
    }

    @Test
    void refusesAnotherCase() {
        expectRejection(
                token.given(boxCodeAttached()).when(new AttachBoxCode(token(1), PLAN, ORDER, boxCode(2))),
                TOKEN_HAS_ANOTHER_CASE);
    }

    @Test
    void passesTitleToTheBuyer() {
        token.given(boxCodeAttached()).when(grant(BUYER)).expectEvents(granted());
    }

    @Test
    void passesTitleOnlyOnce() {
        expectRejection(token.given(boxCodeAttached(), granted()).when(grant(BUYER)), TITLE_GRANTED_ALREADY);
        expectRejection(token.given(boxCodeAttached(), granted()).when(grant(OTHER_BUYER)), TITLE_GRANTED_ALREADY);
    }

    @Test
    void refusesTitleByAnotherOrder() {
        expectRejection(
                token.given(boxCodeAttached()).when(new GrantTitle(token(1), OTHER_ORDER, BUYER, SALE, RELEASE)),
                TOKEN_OF_ANOTHER_ORDER);
    }

    @Test
    void refusesTitleWithoutACase() {
        token.givenNoPriorActivity().when(grant(BUYER)).expectException(AggregateNotFoundException.class);
    }

    private static BoxCodeAttached boxCodeAttached() {
        return new BoxCodeAttached(token(1), PLAN, ORDER, boxCode(1));
    }

    private static GrantTitle grant(String owner) {
        return new GrantTitle(token(1), ORDER, owner, SALE, RELEASE);
    }

    private static TokenGranted granted() {
        return new TokenGranted(token(1), PLAN, ORDER, BUYER, SALE, RELEASE);
    }
}
