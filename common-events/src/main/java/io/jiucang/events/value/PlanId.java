package io.jiucang.events.value;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/** Identifies a sales plan: a UUIDv7. */
public record PlanId(@JsonValue String value) {

    @JsonCreator
    public PlanId {
        Ids.requireValid(value);
    }

    @Override
    public String toString() {
        return value;
    }
}
