package io.jiucang.starter;

import java.util.Map;
import org.springframework.boot.builder.SpringApplicationBuilder;

/** Starts a service: {@code public static void main(String[] args) { Service.of(X.class, "x").run(args); }}. */
public final class Service {

    private Service() {}

    /**
     * @param application the service's configuration class
     * @param service its short name; its settings are in {@code <name>-service.yaml}, a name of its own so that several
     *     services can share a class path
     */
    public static SpringApplicationBuilder of(Class<?> application, String service) {
        return new SpringApplicationBuilder(application)
                .initializers(context -> LibraryLog.install())
                .properties(Map.of("spring.config.name", service + "-service", "jiucang.service", service));
    }
}
