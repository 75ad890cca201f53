package io.jiucang.anchoring;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Tells the operator in two sentences, instead of a stack trace, why the service did not start. */
final class LogDamagedAnalyzer extends AbstractFailureAnalyzer<LogDamaged> {

    @Override
    protected FailureAnalysis analyze(Throwable rootFailure, LogDamaged damage) {
        return new FailureAnalysis(
                "The stored log and its signed checkpoint disagree: " + damage.getMessage() + ".",
                "Restore the ledger's database from a backup or a replica that agrees. Nothing was signed or changed.",
                damage);
    }
}
