package io.jiucang.starter.law;

/** What the ledger has signed does not fit together: whatever is read on from here would be a guess. */
final class LedgerNotBelieved extends RuntimeException {

    private static final long serialVersionUID = 1;

    LedgerNotBelieved(String why) {
        super(why);
    }
}
