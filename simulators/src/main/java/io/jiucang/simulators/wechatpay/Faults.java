package io.jiucang.simulators.wechatpay;

/** What goes wrong on demand, until told otherwise. */
public final class Faults {

    private Outage outage = Outage.NONE;
    private RefundFailure refundFailure = RefundFailure.NONE;
    private boolean impostor;

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
