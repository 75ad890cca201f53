package io.jiucang.simulators.wechatpay;

import java.time.Duration;
import java.time.Instant;

/** What goes wrong on demand, until told otherwise. */
public final class Faults {

    private Outage outage = Outage.NONE;
    private RefundFailure refundFailure = RefundFailure.NONE;
    private boolean impostor;
    private Mixup mixup = Mixup.NONE;
    private Duration latency = Duration.ZERO;
    private int callsPerSecond = Integer.MAX_VALUE;
    private long second;
    private int callsInSecond;

    public enum Outage {
        NONE,
        /** Every call is answered 500 SYSTEM_ERROR; nothing is done. */
        ERRORS,
        /** Every call is carried out, but its answer never arrives. */
        SILENCE
    }

    public enum RefundFailure {
        NONE,
        /** Refunds are refused: the merchant's balance is too low. */
        NOT_ENOUGH,
        /** Refunds are accepted and then get stuck: the payer's account cannot take the money. */
        ABNORMAL,
        /** Refunds are accepted and then closed. */
        CLOSED
    }

    public enum Mixup {
        NONE,
        /** Queries are answered for another merchant, rightly signed. */
        OTHER_MERCHANT,
        /** Queries are answered for another app of the merchant's. */
        OTHER_APP,
        /** Queries are answered for another payment or refund. */
        OTHER_NUMBER,
        /** Queries are answered in another currency. */
        OTHER_CURRENCY,
        /** Queries are answered with what was truly said an hour ago of another payment that is paid. */
        OTHER_ANSWER,
        /** Queries for what is paid are answered that it is not. */
        NOTPAY,
        /** Queries for what is paid are answered that it was closed. */
        CLOSED,
        /** Queries for what is paid are answered that it was paid back. */
        REFUND,
        /** Queries are answered with a name that stands twice. */
        NAME_TWICE,
        /** Queries are answered with a member that no transaction has. */
        UNKNOWN_MEMBER,
        /** Queries are answered that there is no such payment. */
        NOT_FOUND,
        /** Refunds are answered with another amount. */
        OTHER_AMOUNT
    }

    public synchronized void outage(Outage outage) {
        this.outage = outage;
        notifyAll();
    }

    public synchronized void refundFailure(RefundFailure failure) {
        this.refundFailure = failure;
    }

    /** Whether answers are signed with a key that is not WeChat Pay's. */
    public synchronized void impostor(boolean impostor) {
        this.impostor = impostor;
    }

    public synchronized void mixup(Mixup mixup) {
        this.mixup = mixup;
    }

    /** What every call takes longer. */
    public synchronized void latency(Duration latency) {
        this.latency = latency;
    }

    /** Calls beyond these are answered 429 FREQUENCY_LIMITED; nothing is done. */
    public synchronized void callsPerSecond(int limit) {
        this.callsPerSecond = limit;
    }

    synchronized Mixup mixup() {
        return mixup;
    }

    synchronized Duration latency() {
        return latency;
    }

    synchronized int callsPerSecond() {
        return callsPerSecond;
    }

    /** Counts a call. @return whether it is one too many */
    synchronized boolean isTooMany(Instant now) {
        if (now.getEpochSecond() != second) {
            second = now.getEpochSecond();
            callsInSecond = 0;
        }
        callsInSecond++;
        return callsInSecond > callsPerSecond;
    }

    synchronized Outage outage() {
        return outage;
    }

    synchronized RefundFailure refundFailure() {
        return refundFailure;
    }

    synchronized boolean impostor() {
        return impostor;
    }

    synchronized void awaitEndOfSilence() throws InterruptedException {
        while (outage == Outage.SILENCE) {
            wait();
        }
    }
}
