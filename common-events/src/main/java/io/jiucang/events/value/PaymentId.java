package io.jiucang.events.value;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/** Identifies the payment of one order: a UUIDv7. */
public record PaymentId(@JsonValue String value) {

    @JsonCreator
    public PaymentId {
        Ids.requireValid(value);
    }

    @Override
    public String toString() {
        return value;
    }
}
