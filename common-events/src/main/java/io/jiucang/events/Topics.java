package io.jiucang.events;

import java.net.URI;
import java.util.Collection;
import java.util.Map;

/** Kafka topics, and who may publish what where. A service is named by its short name, such as {@code order}. */
public final class Topics {

    public static final String TOKEN_EVENTS = "token.events.v1";
    public static final String ORDER_EVENTS = "order.events.v1";
    public static final String PAYMENT_EVENTS = "payment.events.v1";
    public static final String WAREHOUSE_EVENTS = "warehouse.events.v1";
    public static final String DELIVERY_EVENTS = "delivery.events.v1";
    public static final String LEDGER_ANCHORS = "ledger.anchors.v1";
    /** What events name by its SHA-256 alone: no event, and of no one service. Compacted. */
    public static final String EVIDENCE = "evidence.v1";

    private static final Map<String, String> TOPICS = Map.of(
            "token", TOKEN_EVENTS,
            "order", ORDER_EVENTS,
            "payment", PAYMENT_EVENTS,
            "warehouse", WAREHOUSE_EVENTS,
            "delivery", DELIVERY_EVENTS,
            "ledger", LEDGER_ANCHORS);

    private Topics() {}

    /** Of all services. */
    public static Collection<String> all() {
        return TOPICS.values();
    }

    /** The topic that events of this class are published on, keyed by their subject. */
    public static String topicOf(Class<? extends DomainEvent> event) {
        return topicOf(EventTypes.serviceOf(event));
    }

    /** @throws IllegalArgumentException if there is no such service */
    public static String topicOf(String service) {
        String topic = TOPICS.get(service);
        if (topic == null) {
            throw new IllegalArgumentException("no service: " + service);
        }
        return topic;
    }

    /** Where the service puts records that it could not take. */
    public static String deadLettersOf(String service) {
        return service + ".dead-letters.v1";
    }

    /** The CloudEvents {@code source} of the service's events. */
    public static URI sourceOf(String service) {
        return URI.create("urn:jiucang:" + service + "-service");
    }

    /** Whether some service's events have this {@code source}. */
    public static boolean isSource(String source) {
        return TOPICS.keySet().stream()
                .anyMatch(service -> sourceOf(service).toString().equals(source));
    }

    /** Whether {@code source} is the service that {@code type} belongs to: no key may speak for another service. */
    public static boolean mayClaim(URI source, String type) {
        return EventTypes.serviceOf(type)
                .filter(service -> source.equals(sourceOf(service)))
                .isPresent();
    }

    /** Whether {@code topic} is the one topic that {@code source} publishes on. */
    public static boolean mayPublish(URI source, String topic) {
        return TOPICS.entrySet().stream()
                .anyMatch(entry -> entry.getValue().equals(topic) && source.equals(sourceOf(entry.getKey())));
    }
}
