package io.jiucang.quickstart;

import io.jiucang.quickstart.Stack.Member;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.springframework.boot.health.actuate.endpoint.CompositeHealthDescriptor;
import org.springframework.boot.health.actuate.endpoint.HealthDescriptor;
import org.springframework.boot.health.actuate.endpoint.HealthEndpoint;
import org.springframework.boot.health.actuate.endpoint.IndicatedHealthDescriptor;
import org.springframework.boot.health.contributor.Status;
import org.springframework.context.ApplicationContext;

/** What the services say of themselves under {@code /actuator/health/readiness}, with their reasons. */
final class Readiness {

    private final Map<Member, HealthEndpoint> services = Collections.synchronizedMap(new EnumMap<>(Member.class));

    void add(Member member, ApplicationContext service) {
        services.put(member, service.getBean(HealthEndpoint.class));
    }

    /** What each service lacks to be ready, as service and part, such as {@code order inbox}; and why. */
    Map<String, String> lacking() {
        Map<String, String> lacking = new TreeMap<>();
        Map.copyOf(services).forEach((member, health) -> {
            HealthDescriptor readiness = health.healthForPath("readiness");
            if (readiness instanceof CompositeHealthDescriptor parts && parts.getComponents() != null) {
                parts.getComponents().forEach((part, state) -> {
                    if (!state.getStatus().equals(Status.UP)) {
                        lacking.put(member.shortName() + " " + part, reason(state));
                    }
                });
            }
        });
        return lacking;
    }

    /** Grouped by reason: what befalls one often befalls all. */
    static String text(Map<String, String> lacking) {
        return lacking.entrySet().stream()
                .collect(Collectors.groupingBy(
                        Map.Entry::getValue,
                        TreeMap::new,
                        Collectors.mapping(Map.Entry::getKey, Collectors.joining(", "))))
                .entrySet()
                .stream()
                .map(reason -> reason.getValue() + " (" + reason.getKey() + ")")
                .collect(Collectors.joining("; "));
    }

    private static String reason(HealthDescriptor state) {
        String details = state instanceof IndicatedHealthDescriptor indicated
                ? indicated.getDetails().values().stream().map(String::valueOf).collect(Collectors.joining(", "))
                : "";
        return details.isEmpty() ? state.getStatus().getCode() : details;
    }
}
