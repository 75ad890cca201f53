package io.jiucang.quickstart;

import io.jiucang.quickstart.Stack.Member;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiConsumer;
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
        parts((part, state) -> {
            if (!state.getStatus().equals(Status.UP)) {
                lacking.put(part, reason(state));
            }
        });
        return lacking;
    }

    /** What is still well, but not for long. */
    Set<String> warnings() {
        Set<String> warnings = new TreeSet<>();
        parts((part, state) -> {
            if (state instanceof IndicatedHealthDescriptor indicated
                    && indicated.getDetails().get("warning") instanceof String warning) {
                warnings.add(warning);
            }
        });
        return warnings;
    }

    private void parts(BiConsumer<String, HealthDescriptor> seen) {
        Map.copyOf(services).forEach((member, health) -> {
            HealthDescriptor readiness = health.healthForPath("readiness");
            if (readiness instanceof CompositeHealthDescriptor composite && composite.getComponents() != null) {
                composite.getComponents().forEach((part, state) -> seen.accept(member.shortName() + " " + part, state));
            }
        });
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
