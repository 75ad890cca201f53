package io.jiucang.title.form;

import java.util.regex.Pattern;

/**
 * The fixed forms of what statements and the directory name. Nothing signed may carry free text: it would stay in the ledger
 * for ever.
 */
public enum Form {
    /** A party's id in the directory; too short to be taken for a thumbprint. */
    PARTY("[a-z][a-z0-9-]{0,39}"),
    /** A site, a product, a certificate's serial. */
    NAME("[A-Za-z0-9][A-Za-z0-9._-]{0,63}"),
    /** A wallet, a terminal, a key: an RFC 7638 thumbprint. */
    THUMBPRINT("[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]"),
    /** A party or a thumbprint: whoever speaks. */
    SPEAKER("[a-z][a-z0-9-]{0,39}|[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]"),
    /** A ledger's origin. */
    ORIGIN("[A-Za-z0-9][A-Za-z0-9./:_-]{0,127}"),
    /** What a payment provider calls a merchant or its app by. */
    ACCOUNT("[A-Za-z0-9_-]{1,64}");

    private final Pattern pattern;

    Form(String pattern) {
        this.pattern = Pattern.compile(pattern);
    }

    /** @throws IllegalArgumentException if the text has another form */
    public void require(String text, String name) {
        if (!pattern.matcher(text).matches()) {
            throw new IllegalArgumentException(name + " is not of the form " + pattern);
        }
    }
}
