package io.jiucang.architecture;

import com.tngtech.archunit.core.domain.JavaClass;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.bind.annotation.RestController;

/**
 * What a controller's method serves.
 *
 * @param verb such as {@code GET}
 * @param path as mapped, with its {@code {variables}}
 */
record Endpoint(Class<?> controller, Method method, String verb, String path, RequestMapping mapping) {

    private static final String STARTER = "io.jiucang.starter";

    @Override
    public String toString() {
        return verb + " " + path;
    }

    /** Who may call it; empty if only the service's settings say so. */
    Optional<PreAuthorize> allowed() {
        return Optional.ofNullable(method.getAnnotation(PreAuthorize.class))
                .or(() -> Optional.ofNullable(controller.getAnnotation(PreAuthorize.class)));
    }

    /** The classes that start the services. */
    static List<Class<?>> applications() {
        return Project.CLASSES.stream()
                .filter(type -> type.isAnnotatedWith(SpringBootApplication.class))
                .<Class<?>>map(JavaClass::reflect)
                .sorted(Comparator.comparing(Class::getName))
                .toList();
    }

    /** Such as {@code order-service}. */
    static String serviceOf(Class<?> application) {
        return application
                .getSimpleName()
                .replace("Application", "")
                .replaceAll("(?<=.)([A-Z])", "-$1")
                .toLowerCase(Locale.ROOT);
    }

    /** A service's own endpoints, then those every service has from the starter. */
    static List<Endpoint> of(Class<?> application) {
        return Stream.concat(
                        in(name -> name.equals(application.getPackageName())), in(name -> name.startsWith(STARTER)))
                .toList();
    }

    static List<Endpoint> all() {
        return in(name -> true).toList();
    }

    private static Stream<Endpoint> in(Predicate<String> room) {
        return Project.CLASSES.stream()
                .filter(type -> room.test(type.getPackageName()) && type.isAnnotatedWith(RestController.class))
                .<Class<?>>map(JavaClass::reflect)
                .flatMap(controller -> Arrays.stream(controller.getDeclaredMethods())
                        .flatMap(method -> Endpoint.of(controller, method)))
                .sorted(Comparator.comparing(Endpoint::path)
                        .thenComparing(Endpoint::verb)
                        .thenComparing(endpoint -> endpoint.method.getName()));
    }

    private static Stream<Endpoint> of(Class<?> controller, Method method) {
        RequestMapping mapping = AnnotatedElementUtils.findMergedAnnotation(method, RequestMapping.class);
        if (mapping == null) {
            return Stream.empty();
        }
        RequestMapping base = AnnotatedElementUtils.findMergedAnnotation(controller, RequestMapping.class);
        String prefix = base == null ? "" : base.path()[0];
        // Mapped for no verb in particular: the container's errors, which nobody asks for.
        return Arrays.stream(mapping.method())
                .map(RequestMethod::name)
                .map(verb -> new Endpoint(
                        controller,
                        method,
                        verb,
                        prefix + (mapping.path().length == 0 ? "" : mapping.path()[0]),
                        mapping));
    }
}
