package io.jiucang.quickstart.audit;

/** An audit that could not be carried out, so that nothing is known of what it is about. */
public final class AuditImpossible extends RuntimeException {

    private static final long serialVersionUID = 1;

    public AuditImpossible(String why) {
        super(why);
    }

    public AuditImpossible(String why, Throwable cause) {
        super(why, cause);
    }
}
