package io.jiucang.token;

import static io.jiucang.starter.RequestRejected.Reason.STATEMENT_KEY_REVOKED;
import static io.jiucang.starter.RequestRejected.Reason.STATEMENT_NOT_FOR_THIS;
import static io.jiucang.starter.RequestRejected.Reason.WALLET_KEY_KNOWN;
import static io.jiucang.starter.RequestRejected.Reason.WALLET_KEY_LAST;
import static io.jiucang.starter.RequestRejected.Reason.WALLET_KEY_OLDER;
import static io.jiucang.token.TokenRejected.Reason.WALLET_FULL;
import static io.jiucang.token.VaultTest.expectRejection;

import io.jiucang.events.TokenEvent.KeyEndorsed;
import io.jiucang.events.TokenEvent.KeyRevoked;
import io.jiucang.events.TokenEvent.WalletBorn;
import io.jiucang.simulators.device.Device;
import io.jiucang.token.WalletCommand.BearWallet;
import io.jiucang.token.WalletCommand.EndorseKey;
import io.jiucang.token.WalletCommand.RevokeKey;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import org.axonframework.test.aggregate.AggregateTestFixture;
import org.junit.jupiter.api.Test;

class WalletTest {

    private final AggregateTestFixture<Wallet> wallet = new AggregateTestFixture<>(Wallet.class);
    private final Device first = Device.create("https://test.jiucang.example", "test/ledger", Clock.systemUTC());
    private final Device second = first.another();
    private final WalletBorn born = new WalletBorn(first.wallet(), first.birth());

    @Test
    void isBornByItsFirstKey() {
        wallet.givenNoPriorActivity()
                .when(new BearWallet(born.wallet(), born.statement()))
                .expectEvents(born);
    }

    @Test
    void isNotBornByAnother() {
        Device thief = first.another();
        expectRejection(
                wallet.givenNoPriorActivity().when(new BearWallet(first.wallet(), thief.birth())),
                STATEMENT_NOT_FOR_THIS);
    }

    @Test
    void letsAnotherDeviceIn() {
        String statement = first.endorsement(second);
        wallet.given(born)
                .when(new EndorseKey(first.wallet(), statement))
                .expectEvents(new KeyEndorsed(first.wallet(), statement));
    }

    @Test
    void letsNobodyInTwice() {
        expectRejection(
                wallet.given(born, endorsed(second)).when(new EndorseKey(first.wallet(), first.endorsement(second))),
                WALLET_KEY_KNOWN);
        expectRejection(
                wallet.given(born, endorsed(second), revoked(second))
                        .when(new EndorseKey(first.wallet(), first.endorsement(second))),
                WALLET_KEY_KNOWN);
    }

    @Test
    void holdsTenStandingDevices() {
        List<Object> ten = new ArrayList<>(List.of(born));
        while (ten.size() < Wallet.MOST_KEYS - 1) {
            ten.add(endorsed(first.another()));
        }
        ten.add(endorsed(second));
        String oneMore = first.endorsement(first.another());

        expectRejection(wallet.given(ten).when(new EndorseKey(first.wallet(), oneMore)), WALLET_FULL);
        wallet.given(ten)
                .andGiven(revoked(second))
                .when(new EndorseKey(first.wallet(), oneMore))
                .expectEvents(new KeyEndorsed(first.wallet(), oneMore));
    }

    @Test
    void putsAYoungerDeviceOut() {
        String statement = first.revocation(second.kid());
        wallet.given(born, endorsed(second))
                .when(new RevokeKey(first.wallet(), statement))
                .expectEvents(new KeyRevoked(first.wallet(), statement));
    }

    @Test
    void putsNoOlderDeviceOut() {
        expectRejection(
                wallet.given(born, endorsed(second))
                        .when(new RevokeKey(first.wallet(), second.revocation(first.kid()))),
                WALLET_KEY_OLDER);
    }

    @Test
    void keepsItsLastDevice() {
        expectRejection(
                wallet.given(born).when(new RevokeKey(first.wallet(), first.revocation(first.kid()))), WALLET_KEY_LAST);
    }

    @Test
    void hearsNoDeviceThatWasPutOut() {
        expectRejection(
                wallet.given(born, endorsed(second), revoked(second))
                        .when(new EndorseKey(first.wallet(), second.endorsement(first.another()))),
                STATEMENT_KEY_REVOKED);
    }

    private KeyEndorsed endorsed(Device device) {
        return new KeyEndorsed(first.wallet(), first.endorsement(device));
    }

    private KeyRevoked revoked(Device device) {
        return new KeyRevoked(first.wallet(), first.revocation(device.kid()));
    }
}
