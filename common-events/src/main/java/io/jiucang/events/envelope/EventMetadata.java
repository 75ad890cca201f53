package io.jiucang.events.envelope;

import io.jiucang.events.value.Ids;
import io.jiucang.events.value.Require;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/**
 * What a CloudEvent says about an event besides its data.
 *
 * @param id a UUIDv7, unique within the source: the same event always has the same id
 * @param subject the aggregate's id; also the Kafka key
 * @param time when it happened; whole seconds, for no finer time is covered by the signature (the rest is cut off)
 * @param sequence the event's place among those its aggregate tells, from 0 and without gaps
 * @param correlationId what the whole business transaction is known by
 * @param causationId id of the event or command that led to this one
 * @param traceparent W3C trace context of where it was recorded, never of where it is sent: a resend is the same bytes
 */
public record EventMetadata(
        String id,
        String subject,
        Instant time,
        long sequence,
        String correlationId,
        @Nullable String causationId,
        @Nullable String traceparent) {

    public EventMetadata {
        Ids.requireValid(id);
        Require.text(subject, "subject");
        Require.text(correlationId, "correlationId");
        if (causationId != null) {
            Require.text(causationId, "causationId");
        }
        if (traceparent != null) {
            Require.text(traceparent, "traceparent");
        }
        if (sequence < 0) {
            throw new IllegalArgumentException("a sequence is never negative: " + sequence);
        }
        time = time.truncatedTo(ChronoUnit.SECONDS);
    }
}
