package io.jiucang.token;

import static io.jiucang.token.TokenFixtures.BUYER;
import static io.jiucang.token.TokenFixtures.DURING_SALE;
import static io.jiucang.token.TokenRejected.Reason.WALLET_FULL;
import static io.jiucang.token.TokenRejected.Reason.WALLET_KEY_NOT_FOUND;
import static io.jiucang.token.TokenRejected.Reason.WALLET_KEY_REGISTERED_ALREADY;
import static io.jiucang.token.TokenRejected.Reason.WALLET_KEY_REVOKED;
import static io.jiucang.token.VaultTest.expectRejection;

import io.jiucang.events.TokenEvent.WalletKeyRegistered;
import io.jiucang.events.TokenEvent.WalletKeyRevoked;
import io.jiucang.token.WalletCommand.RegisterWalletKey;
import io.jiucang.token.WalletCommand.RevokeWalletKey;
import java.util.List;
import java.util.stream.IntStream;
import org.axonframework.test.aggregate.AggregateTestFixture;
import org.junit.jupiter.api.Test;

class WalletTest {

    private final AggregateTestFixture<Wallet> wallet = new AggregateTestFixture<>(Wallet.class);

    @Test
    void takesADeviceIn() {
        wallet.givenNoPriorActivity().when(register("kid-1")).expectEvents(registered("kid-1"));
    }

    @Test
    void refusesADeviceItHas() {
        expectRejection(wallet.given(registered("kid-1")).when(register("kid-1")), WALLET_KEY_REGISTERED_ALREADY);
    }

    @Test
    void neverTakesARevokedDeviceBack() {
        expectRejection(
                wallet.given(registered("kid-1"), revoked("kid-1")).when(register("kid-1")), WALLET_KEY_REVOKED);
    }

    @Test
    void holdsTenLiveDevices() {
        List<WalletKeyRegistered> ten = IntStream.range(0, Wallet.MOST_KEYS)
                .mapToObj(i -> registered("kid-" + i))
                .toList();

        expectRejection(wallet.given(ten).when(register("one more")), WALLET_FULL);
        wallet.given(ten).andGiven(revoked("kid-3")).when(register("one more")).expectEvents(registered("one more"));
    }

    @Test
    void revokesADevice() {
        wallet.given(registered("kid-1"))
                .when(new RevokeWalletKey(BUYER, "kid-1", DURING_SALE))
                .expectEvents(revoked("kid-1"));
    }

    @Test
    void revokesADeviceOnce() {
        wallet.given(registered("kid-1"), revoked("kid-1"))
                .when(new RevokeWalletKey(BUYER, "kid-1", DURING_SALE))
                .expectSuccessfulHandlerExecution()
                .expectNoEvents();
    }

    @Test
    void refusesToRevokeADeviceItDoesNotHave() {
        expectRejection(
                wallet.given(registered("kid-1")).when(new RevokeWalletKey(BUYER, "kid-2", DURING_SALE)),
                WALLET_KEY_NOT_FOUND);
        expectRejection(
                wallet.givenNoPriorActivity().when(new RevokeWalletKey(BUYER, "kid-2", DURING_SALE)),
                WALLET_KEY_NOT_FOUND);
    }

    private static RegisterWalletKey register(String kid) {
        return new RegisterWalletKey(BUYER, kid, "{}", DURING_SALE);
    }

    private static WalletKeyRegistered registered(String kid) {
        return new WalletKeyRegistered(BUYER, kid, "{}", DURING_SALE);
    }

    private static WalletKeyRevoked revoked(String kid) {
        return new WalletKeyRevoked(BUYER, kid, DURING_SALE);
    }
}
