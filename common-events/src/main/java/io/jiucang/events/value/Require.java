package io.jiucang.events.value;

import java.util.List;
import java.util.Map;

/** What the records ask of their components, so that malformed data never becomes an event. */
public final class Require {

    private Require() {}

    public static void text(String value, String name) {
        if (value.isBlank()) {
            throw new IllegalArgumentException(name + " is blank");
        }
    }

    public static void positive(long value, String name) {
        if (value < 1) {
            throw new IllegalArgumentException(name + " must be positive: " + value);
        }
    }

    public static void positive(Money money, String name) {
        positive(money.minorUnits(), name);
    }

    public static void sha256(String value, String name) {
        if (!value.matches("[0-9a-f]{64}")) {
            throw new IllegalArgumentException(name + " is not a SHA-256 in lower-case hex: " + value);
        }
    }

    public static <T> List<T> some(List<T> values, String name) {
        if (values.isEmpty()) {
            throw new IllegalArgumentException(name + " is empty");
        }
        return List.copyOf(values);
    }

    public static <K, V> Map<K, V> some(Map<K, V> values, String name) {
        if (values.isEmpty()) {
            throw new IllegalArgumentException(name + " is empty");
        }
        return Map.copyOf(values);
    }
}
