package io.jiucang.token;

import static io.jiucang.token.TokenFixtures.BUYER;
import static io.jiucang.token.TokenFixtures.OTHER_BUYER;
import static io.jiucang.token.TokenFixtures.OTHER_PICKUP;
import static io.jiucang.token.TokenFixtures.PICKUP;
import static io.jiucang.token.TokenFixtures.boxCode;
import static io.jiucang.token.TokenFixtures.code;
import static io.jiucang.token.TokenFixtures.hashlock;
import static io.jiucang.token.TokenFixtures.token;
import static io.jiucang.token.TokenRejected.Reason.HANDOVER_CODE_WRONG;
import static io.jiucang.token.TokenRejected.Reason.TOKEN_HAS_ANOTHER_CASE;
import static io.jiucang.token.TokenRejected.Reason.TOKEN_NOT_IN_PICKUP;
import static io.jiucang.token.VaultTest.expectRejection;

import io.jiucang.events.TokenEvent.LockRefusal;
import io.jiucang.events.TokenEvent.TokenBurned;
import io.jiucang.events.TokenEvent.TokenGranted;
import io.jiucang.events.TokenEvent.TokenLockRefused;
import io.jiucang.events.TokenEvent.TokenLocked;
import io.jiucang.events.TokenEvent.TokenUnlocked;
import io.jiucang.events.value.Ids;
import io.jiucang.events.value.LedgerReference;
import io.jiucang.events.value.PickupId;
import io.jiucang.token.TokenCommand.BurnToken;
import io.jiucang.token.TokenCommand.GrantTitle;
import io.jiucang.token.TokenCommand.LockForPickup;
import io.jiucang.token.TokenCommand.UnlockFromPickup;
import java.util.List;
import org.axonframework.test.aggregate.AggregateTestFixture;
import org.junit.jupiter.api.Test;

class TokenTest {

    private static final LedgerReference DELIVERY = new LedgerReference(Ids.next(), 8, 9);

    private final AggregateTestFixture<Token> token = new AggregateTestFixture<>(Token.class);

    @Test
    void passesTitleToTheBuyer() {
        token.givenNoPriorActivity().when(new GrantTitle(token(1), granted())).expectEvents(granted());
    }

    /** What the law let stand last: as when the first grant was void, for its box had been replaced. */
    @Test
    void goesByTheLastGrant() {
        TokenGranted replaced = TokenFixtures.granted(1, boxCode(2));
        token.given(granted()).when(new GrantTitle(token(1), replaced)).expectEvents(replaced);
        expectRejection(
                token.given(granted(), replaced, locked(PICKUP)).when(burn(PICKUP, BUYER, 1)), TOKEN_HAS_ANOTHER_CASE);
    }

    @Test
    void isLockedForItsOwnersPickup() {
        token.given(granted()).when(lock(PICKUP)).expectEvents(locked(PICKUP));
    }

    @Test
    void isLockedOnceHoweverOftenThePickupIsTold() {
        for (TokenCommand again : List.of(
                lock(PICKUP), new LockForPickup(token(1), PICKUP, BUYER, hashlock(PICKUP, token(1), code(2))))) {
            token.given(granted(), locked(PICKUP))
                    .when(again)
                    .expectSuccessfulHandlerExecution()
                    .expectNoEvents();
        }
    }

    @Test
    void refusesTheLockToWhoeverIsNotTheOwner() {
        LockForPickup others = new LockForPickup(token(1), PICKUP, OTHER_BUYER, hashlock(PICKUP, token(1), code(1)));

        token.given(granted()).when(others).expectEvents(refused(PICKUP, LockRefusal.NOT_THE_OWNER));
        token.given(granted(), locked(OTHER_PICKUP))
                .when(others)
                .expectEvents(refused(PICKUP, LockRefusal.NOT_THE_OWNER));
    }

    @Test
    void refusesTheLockBeforeTitle() {
        token.givenNoPriorActivity().when(lock(PICKUP)).expectEvents(refused(PICKUP, LockRefusal.NOT_THE_OWNER));
    }

    @Test
    void takesAnOwnerAfterAnUntimelyPickup() {
        token.given(refused(PICKUP, LockRefusal.NOT_THE_OWNER))
                .when(new GrantTitle(token(1), granted()))
                .expectEvents(granted());
    }

    @Test
    void refusesASecondPickup() {
        token.given(granted(), locked(PICKUP))
                .when(lock(OTHER_PICKUP))
                .expectEvents(refused(OTHER_PICKUP, LockRefusal.NOT_AVAILABLE));
    }

    @Test
    void refusesAPickupAfterItBurned() {
        for (PickupId any : List.of(PICKUP, OTHER_PICKUP)) {
            token.given(granted(), locked(PICKUP), burned())
                    .when(lock(any))
                    .expectEvents(refused(any, LockRefusal.NOT_AVAILABLE));
        }
    }

    @Test
    void refusesAPickupThatHasEnded() {
        token.given(granted(), locked(PICKUP), unlocked(PICKUP))
                .when(lock(PICKUP))
                .expectEvents(refused(PICKUP, LockRefusal.NOT_AVAILABLE));
    }

    @Test
    void isLockedAgainForAnotherPickup() {
        token.given(granted(), locked(PICKUP), unlocked(PICKUP))
                .when(lock(OTHER_PICKUP))
                .expectEvents(locked(OTHER_PICKUP));
    }

    @Test
    void isFreeWhenItsPickupEnds() {
        token.given(granted(), locked(PICKUP))
                .when(new UnlockFromPickup(token(1), PICKUP))
                .expectEvents(unlocked(PICKUP));
    }

    @Test
    void staysAsItIsWhenAnotherPickupEnds() {
        token.given(granted(), locked(PICKUP))
                .when(new UnlockFromPickup(token(1), OTHER_PICKUP))
                .expectSuccessfulHandlerExecution()
                .expectNoEvents();
        token.given(granted(), locked(PICKUP), burned())
                .when(new UnlockFromPickup(token(1), PICKUP))
                .expectSuccessfulHandlerExecution()
                .expectNoEvents();
    }

    @Test
    void burnsForTheDeliveryOfItsCase() {
        token.given(granted(), locked(PICKUP)).when(burn(PICKUP, BUYER, 1)).expectEvents(burned());
    }

    @Test
    void burnsForNoPickupButTheOneItIsLockedFor() {
        expectRejection(token.givenNoPriorActivity().when(burn(PICKUP, BUYER, 1)), TOKEN_NOT_IN_PICKUP);
        expectRejection(token.given(granted()).when(burn(PICKUP, BUYER, 1)), TOKEN_NOT_IN_PICKUP);
        expectRejection(token.given(granted(), locked(OTHER_PICKUP)).when(burn(PICKUP, BUYER, 1)), TOKEN_NOT_IN_PICKUP);
        expectRejection(
                token.given(granted(), locked(PICKUP), unlocked(PICKUP)).when(burn(PICKUP, BUYER, 1)),
                TOKEN_NOT_IN_PICKUP);
        expectRejection(token.given(granted(), locked(PICKUP)).when(burn(PICKUP, OTHER_BUYER, 1)), TOKEN_NOT_IN_PICKUP);
    }

    @Test
    void burnsOnlyOnce() {
        expectRejection(
                token.given(granted(), locked(PICKUP), burned()).when(burn(PICKUP, BUYER, 1)), TOKEN_NOT_IN_PICKUP);
    }

    @Test
    void burnsForNoCaseButItsOwn() {
        expectRejection(token.given(granted(), locked(PICKUP)).when(burn(PICKUP, BUYER, 2)), TOKEN_HAS_ANOTHER_CASE);
    }

    @Test
    void burnsForNoCodeButTheOneItsOwnerLockedItUnder() {
        expectRejection(
                token.given(granted(), locked(PICKUP))
                        .when(new BurnToken(token(1), PICKUP, BUYER, boxCode(1), code(2), DELIVERY)),
                HANDOVER_CODE_WRONG);
    }

    /** However careless the device that drew the codes. */
    @Test
    void burnsForNoCodeThatWasForAnotherTokenOrAnotherPickup() {
        for (String foreign : List.of(hashlock(PICKUP, token(2), code(1)), hashlock(OTHER_PICKUP, token(1), code(1)))) {
            expectRejection(
                    token.given(granted(), new TokenLocked(token(1), BUYER, PICKUP, foreign))
                            .when(burn(PICKUP, BUYER, 1)),
                    HANDOVER_CODE_WRONG);
        }
    }

    @Test
    void burnsForTheCodeOfThePickupItIsLockedForNow() {
        TokenLocked again = new TokenLocked(token(1), BUYER, OTHER_PICKUP, hashlock(OTHER_PICKUP, token(1), code(2)));

        expectRejection(
                token.given(granted(), locked(PICKUP), unlocked(PICKUP), again).when(burn(OTHER_PICKUP, BUYER, 1)),
                HANDOVER_CODE_WRONG);
        token.given(granted(), locked(PICKUP), unlocked(PICKUP), again)
                .when(new BurnToken(token(1), OTHER_PICKUP, BUYER, boxCode(1), code(2), DELIVERY))
                .expectEvents(new TokenBurned(token(1), BUYER, OTHER_PICKUP, DELIVERY));
    }

    private static LockForPickup lock(PickupId pickup) {
        return new LockForPickup(token(1), pickup, BUYER, hashlock(pickup, token(1), code(1)));
    }

    private static TokenLocked locked(PickupId pickup) {
        return new TokenLocked(token(1), BUYER, pickup, hashlock(pickup, token(1), code(1)));
    }

    private static TokenLockRefused refused(PickupId pickup, LockRefusal reason) {
        return new TokenLockRefused(token(1), pickup, reason);
    }

    private static TokenUnlocked unlocked(PickupId pickup) {
        return new TokenUnlocked(token(1), BUYER, pickup);
    }

    private static BurnToken burn(PickupId pickup, String owner, long box) {
        return new BurnToken(token(1), pickup, owner, boxCode(box), code(1), DELIVERY);
    }

    private static TokenBurned burned() {
        return new TokenBurned(token(1), BUYER, PICKUP, DELIVERY);
    }

    private static TokenGranted granted() {
        return TokenFixtures.granted(1, boxCode(1));
    }
}
