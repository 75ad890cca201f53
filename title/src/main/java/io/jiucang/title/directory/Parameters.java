package io.jiucang.title.directory;

import java.time.Duration;

/**
 * The numbers of the law, all in seconds; they stand in the directory and nowhere else.
 *
 * @param tickAhead a tick is void that is further ahead of the one before (O3)
 * @param readerBehind a reader who meets a tick further ahead of their own clock stops (O3)
 * @param statementLife from a wallet statement's {@code iat} to its {@code exp}, at most (O7)
 * @param anchoredAfterLife so long after {@code exp} it may still be anchored (O7)
 * @param holdBegins so long after the anchoring of its statement a hold may begin (O7)
 * @param soldAfterPayBy so long after {@code payBy} an order may be sold (O7)
 * @param longestDate from {@code iat} to {@code payBy} or a pickup's date, at most (O7)
 */
public record Parameters(
        long tickAhead,
        long readerBehind,
        long statementLife,
        long anchoredAfterLife,
        long holdBegins,
        long soldAfterPayBy,
        long longestDate) {

    private static final long LONGEST = Duration.ofDays(3_650).toSeconds();

    /** The law's own numbers. */
    public static final Parameters USUAL = new Parameters(
            Duration.ofHours(1).toSeconds(),
            Duration.ofMinutes(5).toSeconds(),
            Duration.ofMinutes(15).toSeconds(),
            Duration.ofMinutes(15).toSeconds(),
            Duration.ofHours(24).toSeconds(),
            Duration.ofHours(24).toSeconds(),
            Duration.ofDays(30).toSeconds());

    public Parameters {
        requireSensible(tickAhead, "tickAhead");
        requireSensible(readerBehind, "readerBehind");
        requireSensible(statementLife, "statementLife");
        requireSensible(anchoredAfterLife, "anchoredAfterLife");
        requireSensible(holdBegins, "holdBegins");
        requireSensible(soldAfterPayBy, "soldAfterPayBy");
        requireSensible(longestDate, "longestDate");
    }

    private static void requireSensible(long seconds, String name) {
        if (seconds < 1 || seconds > LONGEST) {
            throw new IllegalArgumentException(name + " is not from one second to ten years: " + seconds);
        }
    }
}
