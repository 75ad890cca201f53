package io.jiucang.starter;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Why a service does not start, in one line that its operator can act on. */
public final class RefusedToStart extends IllegalStateException {

    public RefusedToStart(String reason) {
        this(reason, null);
    }

    public RefusedToStart(String reason, @Nullable Throwable cause) {
        super("refusing to start: " + reason, cause);
    }

    /** Has Spring Boot show the line instead of a stack trace; named in {@code spring.factories}. */
    static final class Analyzer extends AbstractFailureAnalyzer<RefusedToStart> {

        @Override
        protected FailureAnalysis analyze(Throwable whole, RefusedToStart refusal) {
            return new FailureAnalysis(refusal.getMessage(), null, refusal);
        }
    }
}
