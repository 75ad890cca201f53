package io.jiucang.events.value;

import com.fasterxml.uuid.Generators;
import com.fasterxml.uuid.impl.TimeBasedEpochGenerator;
import java.util.regex.Pattern;

/** Identifiers are UUIDs of version 7 (RFC 9562 section 5.7), so that they sort by the time they were made. */
public final class Ids {

    private static final TimeBasedEpochGenerator GENERATOR = Generators.timeBasedEpochGenerator();
    private static final Pattern UUID =
            Pattern.compile("[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}");

    private Ids() {}

    /** A new UUIDv7 in its lower-case text form. */
    public static String next() {
        return GENERATOR.generate().toString();
    }

    /** @throws IllegalArgumentException if {@code value} is not a UUID in lower-case text form */
    public static void requireValid(String value) {
        if (!UUID.matcher(value).matches()) {
            throw new IllegalArgumentException("not an identifier (a lower-case UUID): " + value);
        }
    }
}
