package io.jiucang.events.value;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/** Identifies one refund: a UUIDv7. */
public record RefundId(@JsonValue String value) {

    @JsonCreator
    public RefundId {
        Ids.requireValid(value);
    }

    @Override
    public String toString() {
        return value;
    }
}
