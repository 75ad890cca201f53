package io.jiucang.events.value;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/** Identifies a purchase order: a UUIDv7, chosen by the service that takes the request. */
public record OrderId(@JsonValue String value) {

    @JsonCreator
    public OrderId {
        Ids.requireValid(value);
    }

    @Override
    public String toString() {
        return value;
    }
}
