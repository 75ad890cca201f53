package io.jiucang.payment;

import java.io.Serializable;

/**
 * Something to be done at the provider, as the scheduler keeps it.
 *
 * @param id of the payment or refund, or the day whose books are compared
 * @param attempt how often it was tried before
 */
record Errand(String id, int attempt) implements Serializable {

    static Errand of(String id) {
        return new Errand(id, 0);
    }

    Errand again() {
        return new Errand(id, attempt + 1);
    }
}
