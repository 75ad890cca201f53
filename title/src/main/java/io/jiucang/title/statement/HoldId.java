package io.jiucang.title.statement;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import io.jiucang.events.value.Ids;

/** Identifies a hold by the owner's statement that began it: a UUIDv8, {@link Statement#holdId}. */
public record HoldId(@JsonValue String value) {

    @JsonCreator
    public HoldId {
        Ids.requireValid(value);
    }

    @Override
    public String toString() {
        return value;
    }
}
