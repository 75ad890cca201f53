package io.jiucang.benchmarks;

import io.jiucang.benchmarks.Shop.Buyer;

/** An order that was acknowledged, and what else was acknowledged of it. */
final class Purchase {

    private final Buyer buyer;
    private final String orderId;
    private final String paymentId;
    private volatile boolean paid;
    private volatile boolean released;

    Purchase(Buyer buyer, String orderId, String paymentId) {
        this.buyer = buyer;
        this.orderId = orderId;
        this.paymentId = paymentId;
    }

    Buyer buyer() {
        return buyer;
    }

    String orderId() {
        return orderId;
    }

    String paymentId() {
        return paymentId;
    }

    boolean isPaid() {
        return paid;
    }

    boolean isReleased() {
        return released;
    }

    /** The provider took the money. */
    void acknowledgePaid() {
        paid = true;
    }

    /** The warehouse took the scan. */
    void acknowledgeReleased() {
        released = true;
    }
}
