package io.jiucang.simulators.wechatpay;

import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/**
 * How long WeChat Pay takes.
 *
 * @param resend the wait before each further attempt at a notification that was not acknowledged; then it is given up
 * @param refund from accepting a refund to its end
 */
public record Timing(List<Duration> resend, Duration refund) {

    /** The documented waits: 15s/15s/30s/3m/10m/20m/30m/30m/30m/60m/3h/3h/3h/6h/6h. */
    public static final Timing DOCUMENTED = new Timing(
            Stream.of(15, 15, 30, 180, 600, 1200, 1800, 1800, 1800, 3600, 10800, 10800, 10800, 21600, 21600)
                    .map(Duration::ofSeconds)
                    .toList(),
            Duration.ofSeconds(3));

    /** For tests: a hundred attempts, five a second. */
    public static final Timing QUICK =
            new Timing(Stream.generate(() -> Duration.ofMillis(200)).limit(100).toList(), Duration.ofMillis(100));

    public Timing {
        resend = List.copyOf(resend);
    }
}
