package io.jiucang.delivery;

import com.fasterxml.jackson.annotation.JsonCreator;

/** What a request confides: readable by whom it is for, and by no log. */
record Secret(String value) {

    /** Any kind of value, because the refusal of a wrong one would repeat it. */
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    static Secret of(Object value) {
        if (value instanceof String text) {
            return new Secret(text);
        }
        throw new IllegalArgumentException("not a text");
    }

    @Override
    public String toString() {
        return "…";
    }
}
