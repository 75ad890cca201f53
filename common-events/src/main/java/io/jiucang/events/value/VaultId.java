package io.jiucang.events.value;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/** Identifies the vault that holds one plan's cases: a UUIDv7. */
public record VaultId(@JsonValue String value) {

    @JsonCreator
    public VaultId {
        Ids.requireValid(value);
    }

    @Override
    public String toString() {
        return value;
    }
}
