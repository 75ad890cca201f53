package io.jiucang.title;

import static io.jiucang.title.Rule.TERMINAL;
import static io.jiucang.title.Rule.WALLET_KEY;

import io.jiucang.title.event.LawEvent;
import io.jiucang.title.form.P256Key;
import io.jiucang.title.statement.Act;
import io.jiucang.title.statement.Act.Speaker;
import io.jiucang.title.statement.Statement;
import java.util.List;
import java.util.Optional;

/** K4 and K5: whose keys count. Recovery, vetoes, and revocation of an older key by a younger one are not here yet. */
final class Keys {

    private final Hearing hearing;
    private final TitleState state;

    Keys(Hearing hearing) {
        this.hearing = hearing;
        this.state = hearing.state();
    }

    Ruling judge(LawEvent.WalletBorn event) {
        Statement<Act.WalletBirth> birth = hearing.firstWords(event.statement());
        String id = birth.spoken().sub();
        WALLET_KEY.require(state.wallet(id).isEmpty(), "the wallet was born before");
        return Hearing.valid(
                hearing.anchored(birth),
                new Change.WalletSet(
                        new Facts.Wallet(id, List.of()).with(birth.act().key())));
    }

    Ruling judge(LawEvent.KeyEndorsed event) {
        Statement<Act.KeyEndorsement> endorsement = hearing.byWallet(event.statement(), Act.KeyEndorsement.class);
        Facts.Wallet wallet = walletOf(endorsement);
        P256Key key = endorsement.act().key();
        WALLET_KEY.require(wallet.key(key.thumbprint()).isEmpty(), "a key that was this wallet's before");
        return Hearing.valid(hearing.anchored(endorsement), new Change.WalletSet(wallet.with(key)));
    }

    /** An older key puts a younger one out at once, and each itself; but a wallet is not left without any. */
    Ruling judge(LawEvent.KeyRevoked event) {
        Statement<Act.KeyRevocation> revocation = hearing.byWallet(event.statement(), Act.KeyRevocation.class);
        Facts.Wallet wallet = walletOf(revocation);
        Facts.WalletKey speaker = wallet.key(revocation.kid()).orElseThrow();
        Facts.WalletKey revoked = wallet.key(revocation.act().key())
                .orElseThrow(() -> WALLET_KEY.broken("a key that is none of this wallet's"));
        WALLET_KEY.require(revoked.stands(), "revoked before");
        WALLET_KEY.require(
                wallet.keys().indexOf(speaker) <= wallet.keys().indexOf(revoked),
                "a younger key revokes no older one at once");
        WALLET_KEY.require(
                wallet.keys().stream().filter(Facts.WalletKey::stands).count() > 1, "the wallet's last key");
        return Hearing.valid(
                hearing.anchored(revocation), new Change.WalletSet(wallet.without(revoked, hearing.here())));
    }

    Ruling judge(LawEvent.TerminalEnrolled event) {
        Statement<Act> enrolment = hearing.byParty(event.statement(), Act.class);
        String party = enrolment.spoken().sub();
        Facts.Terminal terminal = switch (enrolment.act()) {
            case Act.DockEnrolment(var key, var site) -> {
                TERMINAL.require(
                        state.directory()
                                .warehouseAt(site)
                                .filter(warehouse -> warehouse.id().equals(party))
                                .isPresent(),
                        "a site that is not this warehouse's");
                yield terminal(key, Speaker.DOCK, party, Optional.of(site));
            }
            case Act.CourierEnrolment(var key) -> {
                TERMINAL.require(state.directory().carrier(party).isPresent(), "not a carrier");
                yield terminal(key, Speaker.COURIER, party, Optional.empty());
            }
            default -> throw TERMINAL.broken("not an enrolment");
        };
        TERMINAL.require(state.terminal(terminal.id()).isEmpty(), "enrolled before");
        return Hearing.valid(hearing.anchored(enrolment), new Change.TerminalSet(terminal));
    }

    Ruling judge(LawEvent.TerminalWithdrawn event) {
        Statement<Act.TerminalWithdrawal> withdrawal = hearing.byParty(event.statement(), Act.TerminalWithdrawal.class);
        Facts.Terminal terminal = state.terminal(withdrawal.act().terminal())
                .filter(each -> each.party().equals(withdrawal.spoken().sub()))
                .orElseThrow(() -> TERMINAL.broken("none of this party's terminals"));
        TERMINAL.require(!terminal.withdrawn(), "withdrawn before");
        return Hearing.valid(hearing.anchored(withdrawal), new Change.TerminalSet(terminal.withdraw()));
    }

    private Facts.Wallet walletOf(Statement<?> statement) {
        return state.wallet(statement.spoken().sub()).orElseThrow();
    }

    private static Facts.Terminal terminal(P256Key key, Speaker role, String party, Optional<String> site) {
        return new Facts.Terminal(key.thumbprint(), key, role, party, site, false);
    }
}
