package io.jiucang.title;

/** An event, or its part for one token, breaks a rule. Caught within {@link Title}, where it becomes {@link Ruling.Voided}. */
final class LawBroken extends RuntimeException {

    private static final long serialVersionUID = 1;

    private final Rule rule;

    LawBroken(Rule rule, String why) {
        // Without a stack trace: a thief may send these by the thousand, and what counts is the rule.
        super(why, null, false, false);
        this.rule = rule;
    }

    Ruling.Voided voided() {
        return new Ruling.Voided(rule, String.valueOf(getMessage()));
    }
}
