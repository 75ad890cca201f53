package io.jiucang.events.value;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/** Identifies one release order 出库单: a UUIDv7. */
public record ReleaseId(@JsonValue String value) {

    @JsonCreator
    public ReleaseId {
        Ids.requireValid(value);
    }

    @Override
    public String toString() {
        return value;
    }
}
