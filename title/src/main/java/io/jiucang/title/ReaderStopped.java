package io.jiucang.title;

/**
 * This reader cannot go on: what stands in the ledger is beyond what it knows, or its own clock says that the ledger's is
 * wrong. Going on would mean to guess.
 */
public final class ReaderStopped extends RuntimeException {

    private static final long serialVersionUID = 1;

    private final Rule rule;

    ReaderStopped(Rule rule, String why) {
        super(rule.inLaw() + ": " + why);
        this.rule = rule;
    }

    public Rule rule() {
        return rule;
    }
}
