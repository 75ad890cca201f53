package io.jiucang.title;

/**
 * The rules of the law, by their names in {@code docs/law.md}; {@code docs/rules.md} says of each where its code and its
 * tests are. Rules that are not here yet: O4, K2, K6, H3, H4, and what K1 and K4 say of later directory versions, recovery
 * and vetoes.
 */
public enum Rule {
    STATEMENT("Words"),
    TELLER("Events"),
    LEAF_ORDER("O1"),
    EVIDENCE("O2"),
    TICK("O3"),
    CHAIN("O5"),
    ONE_EFFECT("O6"),
    LIFE("O7"),
    DIRECTORY("K1"),
    PARTY_KEY("K3"),
    WALLET_KEY("K4"),
    TERMINAL("K5"),
    OFFER("S1"),
    INTENT("S2"),
    RECEIPT("S3"),
    SALE("S4"),
    RELEASE("S5"),
    GRANT("S6"),
    UNDOING("S7"),
    MONEY_BACK("S8"),
    HOLD("H1"),
    PICKUP("H2"),
    BURN("H5"),
    LOSS("H6"),
    VERSION("V1");

    private final String inLaw;

    Rule(String inLaw) {
        this.inLaw = inLaw;
    }

    /** The rule's name on the page of the law. */
    public String inLaw() {
        return inLaw;
    }

    /** @throws LawBroken by this rule unless the condition holds */
    void require(boolean condition, String otherwise) {
        if (!condition) {
            throw broken(otherwise);
        }
    }

    LawBroken broken(String why) {
        return new LawBroken(this, why);
    }
}
