package io.jiucang.events;

import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The CloudEvents {@code type} of every event: {@code io.jiucang.<service>.<Name>.v<N>}.
 *
 * <p>The service is the sealed interface's ({@code OrderEvent}: order), the name is the record's. A record whose shape
 * has to change stays as it is for its old events; the new shape is a new record whose name ends in its version,
 * {@code OrderPlacedV2}.
 */
public final class EventTypes {

    private static final Pattern WIRE_NAME =
            Pattern.compile("io\\.jiucang\\.([a-z]+)\\.[A-Z][A-Za-z0-9]*\\.v[1-9][0-9]*");
    private static final Pattern RECORD_NAME = Pattern.compile("(.*?)(?:V([2-9]|[1-9][0-9]+))?");

    private static final Map<Class<? extends DomainEvent>, String> TYPES = new LinkedHashMap<>();
    private static final Map<String, Class<? extends DomainEvent>> CLASSES = new LinkedHashMap<>();

    static {
        leaves(DomainEvent.class).forEach(event -> {
            String type = wireName(serviceOf(event), event.getSimpleName());
            TYPES.put(event, type);
            if (CLASSES.put(type, event) != null) {
                throw new IllegalStateException("two events are called " + type);
            }
        });
    }

    private EventTypes() {}

    /** @throws IllegalArgumentException if {@code event} is not one event's record, but an interface */
    public static String typeOf(Class<? extends DomainEvent> event) {
        String type = TYPES.get(event);
        if (type == null) {
            throw new IllegalArgumentException("not an event: " + event.getName());
        }
        return type;
    }

    /** Empty for a type that this version does not know, perhaps because it is newer. */
    public static Optional<Class<? extends DomainEvent>> classOf(String type) {
        return Optional.ofNullable(CLASSES.get(type));
    }

    /** Every event, in the order of declaration. */
    public static Set<Class<? extends DomainEvent>> all() {
        return Collections.unmodifiableSet(TYPES.keySet());
    }

    /** The short name of the service that publishes {@code event}, such as {@code order}. */
    public static String serviceOf(Class<? extends DomainEvent> event) {
        return Arrays.stream(DomainEvent.class.getPermittedSubclasses())
                .filter(service -> service.isAssignableFrom(event))
                .map(service -> service.getSimpleName().replaceFirst("Event$", ""))
                .map(name -> name.substring(0, 1).toLowerCase(Locale.ROOT) + name.substring(1))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no service's event: " + event.getName()));
    }

    /** The service a type belongs to, known event or not; empty if it is no event type of Jiucang. */
    public static Optional<String> serviceOf(String type) {
        Matcher name = WIRE_NAME.matcher(type);
        return name.matches() ? Optional.of(name.group(1)) : Optional.empty();
    }

    static String wireName(String service, String recordName) {
        Matcher name = RECORD_NAME.matcher(recordName);
        if (!name.matches()) {
            throw new IllegalArgumentException("not a record's name: " + recordName);
        }
        String version = name.group(2) == null ? "1" : name.group(2);
        return "io.jiucang." + service + "." + name.group(1) + ".v" + version;
    }

    private static Stream<Class<? extends DomainEvent>> leaves(Class<? extends DomainEvent> type) {
        return type.isSealed()
                ? Arrays.stream(type.getPermittedSubclasses()).flatMap(sub -> leaves(sub.asSubclass(DomainEvent.class)))
                : Stream.of(type);
    }
}
