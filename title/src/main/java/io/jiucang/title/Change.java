package io.jiucang.title;

import io.jiucang.events.value.BoxCode;
import io.jiucang.events.value.TokenId;
import io.jiucang.ledger.Hash;
import io.jiucang.title.event.Cite;

/** What a valid event does to the state: one entry each, the old value is replaced. */
public sealed interface Change {

    record Ticked(Facts.Tick tick) implements Change {}

    /** The lowest index that carries a statement anchors it (O6). */
    record Anchored(Hash statement, Cite by) implements Change {}

    record Stands(Cite at, Facts.Evidence evidence) implements Change {}

    record TerminalSet(Facts.Terminal terminal) implements Change {}

    record WalletSet(Facts.Wallet wallet) implements Change {}

    record PlanSet(Facts.Plan plan) implements Change {}

    record OrderSet(Facts.Order order) implements Change {}

    record SaleSet(Facts.Sale sale) implements Change {}

    record AccountSet(Facts.Account account) implements Change {}

    record HoldSet(Facts.Hold hold) implements Change {}

    record HoldBegun(Facts.Begun begun) implements Change {}

    record SaleEnded(Facts.Sold sold, Facts.SaleEnd end) implements Change {}

    record BoxSet(BoxCode code, Facts.Box box) implements Change {}

    record BoxFreed(BoxCode code) implements Change {}

    record TokenSet(TokenId token, TokenState state) implements Change {}
}
