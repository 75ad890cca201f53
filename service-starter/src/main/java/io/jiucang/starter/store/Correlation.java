package io.jiucang.starter.store;

import java.util.HashMap;
import java.util.Map;
import org.axonframework.eventhandling.EventMessage;
import org.axonframework.messaging.Message;
import org.axonframework.messaging.MetaData;
import org.axonframework.messaging.correlation.CorrelationDataProvider;

/**
 * Carries from message to message what an event tells of its origin: the event that caused it, the first message of
 * the whole chain, and the W3C trace context of the request that began it.
 */
public final class Correlation implements CorrelationDataProvider {

    public static final String CAUSATION_ID = "causationid";
    public static final String CORRELATION_ID = "correlationid";
    public static final String TRACEPARENT = "traceparent";

    @Override
    public Map<String, ?> correlationDataFor(Message<?> message) {
        MetaData metaData = message.getMetaData();
        Map<String, Object> data = new HashMap<>();
        data.put(CORRELATION_ID, metaData.getOrDefault(CORRELATION_ID, message.getIdentifier()));
        data.put(
                CAUSATION_ID,
                message instanceof EventMessage
                        ? message.getIdentifier()
                        : metaData.getOrDefault(CAUSATION_ID, message.getIdentifier()));
        if (metaData.get(TRACEPARENT) instanceof String traceparent) {
            data.put(TRACEPARENT, traceparent);
        }
        return data;
    }
}
