package io.jiucang.starter;

import io.jiucang.events.EventRefused;
import io.jiucang.events.EventRefused.Reason;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;

/** How large a record may be that is an event. */
public final class EventLimits {

    /** More than any event of ours has; Kafka's own limit is about as much. */
    private static final int LARGEST_VALUE = 1 << 20;

    private static final int LARGEST_HEADERS = 1 << 16;
    private static final int LONGEST_KEY = 1_024;

    private EventLimits() {}

    /**
     * Before anything of it is parsed.
     *
     * @throws EventRefused with {@link Reason#TOO_LARGE}
     */
    public static void require(ConsumerRecord<String, byte[]> record) {
        int headers = 0;
        for (Header header : record.headers()) {
            headers += header.key().length() + (header.value() == null ? 0 : header.value().length);
        }
        if ((record.value() != null && record.value().length > LARGEST_VALUE)
                || (record.key() != null && record.key().length() > LONGEST_KEY)
                || headers > LARGEST_HEADERS) {
            throw new EventRefused(Reason.TOO_LARGE, "larger than any event of ours");
        }
    }
}
