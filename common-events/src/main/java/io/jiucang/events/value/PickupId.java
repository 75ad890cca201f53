package io.jiucang.events.value;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/** Identifies one pickup order 提货单: a UUIDv7. */
public record PickupId(@JsonValue String value) {

    @JsonCreator
    public PickupId {
        Ids.requireValid(value);
    }

    @Override
    public String toString() {
        return value;
    }
}
