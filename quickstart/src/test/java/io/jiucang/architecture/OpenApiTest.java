package io.jiucang.architecture;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonValue;
import com.tngtech.archunit.core.domain.JavaClass;
import io.jiucang.starter.Rejection;
import io.jiucang.starter.RequestRejected;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.Method;
import java.lang.reflect.Parameter;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.lang.reflect.WildcardType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Currency;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.http.ResponseEntity;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.ValueConstants;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.Yaml;
import tools.jackson.databind.JsonNode;

/**
 * Holds {@code docs/openapi} against the controllers: each service's document is derived from their mappings, roles and
 * records, and {@code -Dapprove=true} writes it anew.
 */
class OpenApiTest {

    private static final String SCHEMAS = "#/components/schemas/";
    private static final String UUID = "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$";
    private static final Pattern ROLE = Pattern.compile("'(\\w+)'");

    private final Map<String, Object> schemas = new TreeMap<>();

    static Stream<Named<Class<?>>> services() {
        return Endpoint.applications().stream()
                .map(application -> Named.of(Endpoint.serviceOf(application), application));
    }

    @ParameterizedTest
    @MethodSource("services")
    void theDocumentIsWhatTheServiceServes(Class<?> application) throws IOException {
        String service = Endpoint.serviceOf(application);
        Path file = Project.ROOT.resolve("docs/openapi").resolve(service + ".yaml");
        String document = yaml(document(service, application));
        if (Boolean.getBoolean("approve")) {
            Files.createDirectories(file.getParent());
            Files.writeString(file, document);
        }
        assertThat(file).hasContent(document);
    }

    private Map<String, Object> document(String service, Class<?> application) {
        Map<String, Map<String, Object>> paths = new LinkedHashMap<>();
        for (Endpoint endpoint : Endpoint.of(application)) {
            paths.computeIfAbsent(endpoint.path().replace("/**", "/{path}"), path -> new LinkedHashMap<>())
                    .merge(endpoint.verb().toLowerCase(Locale.ROOT), operation(endpoint), OpenApiTest::alsoAnswering);
        }
        schemas.put("Problem", problem(application));
        return map(
                "openapi",
                "3.1.0",
                "info",
                map(
                        "title",
                        service,
                        "version",
                        "1",
                        "description",
                        "Generated; OpenApiTest holds it against the code. A refusal is a problem (RFC 9457) with a"
                                + " stable reason; cursors come from the page before, as next.",
                        "license",
                        map("name", "Apache-2.0", "identifier", "Apache-2.0")),
                "paths",
                paths,
                "components",
                map(
                        "securitySchemes",
                        map("token", map("type", "http", "scheme", "bearer", "bearerFormat", "JWT")),
                        "responses",
                        map(
                                "Refused",
                                map(
                                        "description",
                                        "Nothing was changed.",
                                        "content",
                                        map("application/problem+json", map("schema", ref("Problem"))))),
                        "schemas",
                        schemas));
    }

    private Map<String, Object> operation(Endpoint endpoint) {
        Method method = endpoint.method();
        String tag = endpoint.controller().getSimpleName().replace("Controller", "");
        Map<String, Object> operation = map("tags", List.of(tag), "operationId", tag + "." + method.getName());
        List<Object> parameters = new ArrayList<>();
        if (endpoint.path().endsWith("/**")) {
            parameters.add(parameter("path", "path", true, map("type", "string")));
        }
        for (Parameter parameter : method.getParameters()) {
            if (parameter.isAnnotationPresent(RequestBody.class)) {
                operation.put("requestBody", body(schema(parameter.getParameterizedType())));
            } else if (parameter.getType() == InputStream.class) {
                operation.put("requestBody", body(map("type", "object")));
            } else {
                parameter(parameter).ifPresent(parameters::add);
            }
        }
        List<Map<String, Object>> security = security(endpoint);
        if (endpoint.verb().equals("POST") && !security.isEmpty()) {
            parameters.add(parameter(
                    "header", "Idempotency-Key", true, map("type", "string", "minLength", 1, "maxLength", 128)));
        }
        if (!parameters.isEmpty()) {
            operation.put("parameters", parameters);
        }
        operation.put("responses", responses(endpoint));
        operation.put("security", security);
        return operation;
    }

    /** A second method for the same path and verb differs in the media type it answers with. */
    @SuppressWarnings("unchecked") // Both were made by operation().
    private static Map<String, Object> alsoAnswering(Object first, Object second) {
        Map<String, Object> operation = (Map<String, Object>) first;
        Map<String, Map<String, Object>> answers = (Map<String, Map<String, Object>>) operation.get("responses");
        ((Map<String, Map<String, Object>>) requireNonNull(((Map<String, Object>) second).get("responses")))
                .forEach((status, answer) -> requireNonNull(answers).merge(status, answer, (one, other) -> {
                    if (one.get("content") instanceof Map<?, ?> content) {
                        ((Map<String, Object>) content)
                                .putAll((Map<String, Object>) requireNonNull(other.get("content")));
                    }
                    return one;
                }));
        return operation;
    }

    private Optional<Map<String, Object>> parameter(Parameter parameter) {
        PathVariable inPath = parameter.getAnnotation(PathVariable.class);
        RequestParam inQuery = AnnotatedElementUtils.getMergedAnnotation(parameter, RequestParam.class);
        RequestHeader inHeader = AnnotatedElementUtils.getMergedAnnotation(parameter, RequestHeader.class);
        Map<String, Object> schema;
        if (inPath != null) {
            schema = schema(parameter.getType());
            return Optional.of(parameter("path", parameter.getName(), true, schema));
        } else if (inQuery != null) {
            schema = schema(parameter.getType());
            boolean required = inQuery.required() && !isNullable(parameter) && isUnset(inQuery.defaultValue());
            return Optional.of(parameter("query", parameter.getName(), required, schema));
        } else if (inHeader != null && parameter.getType() != Map.class) {
            schema = schema(parameter.getType());
            return Optional.of(parameter("header", inHeader.name(), isUnset(inHeader.defaultValue()), schema));
        }
        return Optional.empty();
    }

    private static boolean isUnset(String defaultValue) {
        return defaultValue.equals(ValueConstants.DEFAULT_NONE);
    }

    private static Map<String, Object> parameter(String in, String name, boolean required, Map<String, Object> schema) {
        return map("name", name, "in", in, "required", required, "schema", schema);
    }

    private static Map<String, Object> body(Map<String, Object> schema) {
        return map("required", true, "content", map("application/json", map("schema", schema)));
    }

    /** Any one of the roles will do, so each is an alternative; no role where any token will do; none if public. */
    private static List<Map<String, Object>> security(Endpoint endpoint) {
        String allowed = endpoint.allowed().map(PreAuthorize::value).orElse("");
        if (allowed.equals("isAuthenticated()")) {
            return List.of(map("token", List.of()));
        }
        return ROLE.matcher(allowed)
                .results()
                .map(role -> map("token", List.of(role.group(1).toLowerCase(Locale.ROOT))))
                .toList();
    }

    private Map<String, Object> responses(Endpoint endpoint) {
        Type answer = endpoint.method().getGenericReturnType();
        ResponseStatus status = endpoint.method().getAnnotation(ResponseStatus.class);
        // Which of them it is, only the method itself decides.
        String code = status != null ? String.valueOf(status.value().value()) : "200";
        if (answer instanceof ParameterizedType entity && entity.getRawType() == ResponseEntity.class) {
            answer = entity.getActualTypeArguments()[0];
            code = "2XX";
        }
        Map<String, Object> taken = map("description", "Done.");
        if (answer != void.class && !(answer instanceof WildcardType)) {
            String[] produced = endpoint.mapping().produces();
            String mediaType = produced.length > 0 ? produced[0] : mediaTypeOf(answer);
            taken.put("content", map(mediaType, map("schema", schema(answer))));
        }
        return map(code, taken, "default", map("$ref", "#/components/responses/Refused"));
    }

    private static String mediaTypeOf(Type answer) {
        if (answer == String.class) {
            return "text/plain";
        }
        return answer == byte[].class ? "*/*" : "application/json";
    }

    private static Map<String, Object> problem(Class<?> application) {
        List<String> reasons = Stream.concat(
                        Stream.of(RequestRejected.class),
                        Project.CLASSES.stream()
                                .filter(type -> type.getPackageName().equals(application.getPackageName()))
                                .filter(type -> type.isAssignableTo(Rejection.class))
                                .map(JavaClass::reflect))
                .flatMap(rejection -> Arrays.stream(rejection.getDeclaredClasses()))
                .filter(Class::isEnum)
                .flatMap(reason -> Arrays.stream(requireNonNull(reason.getEnumConstants())))
                .map(String::valueOf)
                .toList();
        return object(
                map(
                        "type",
                        map("type", "string", "format", "uri"),
                        "title",
                        map("type", "string"),
                        "status",
                        map("type", "integer"),
                        "reason",
                        map("type", "string", "enum", reasons),
                        "detail",
                        map("type", "string"),
                        "instance",
                        map("type", "string", "format", "uri-reference")),
                List.of("type", "title", "status", "reason"));
    }

    private Map<String, Object> schema(Type type) {
        if (type instanceof ParameterizedType generic) {
            Type[] arguments = generic.getActualTypeArguments();
            Class<?> raw = (Class<?>) generic.getRawType();
            if (raw == List.class) {
                return map("type", "array", "items", schema(arguments[0]));
            } else if (raw == Map.class) {
                return map("type", "object", "additionalProperties", schema(arguments[1]));
            } else if (raw == Optional.class) {
                return orNull(schema(arguments[0]));
            }
            String name = nameOf((Class<?>) arguments[0]) + raw.getSimpleName();
            return named(
                    name,
                    () -> object(
                            map(
                                    "items",
                                    map("type", "array", "items", schema(arguments[0])),
                                    "next",
                                    map("type", List.of("string", "null"))),
                            List.of("items", "next")));
        }
        Class<?> single = (Class<?>) type;
        if (single == String.class || single == SseEmitter.class) {
            return map("type", "string");
        } else if (single == byte[].class || single == Object.class) {
            return map();
        } else if (single == long.class || single == Long.class) {
            return map("type", "integer", "format", "int64");
        } else if (single == int.class) {
            return map("type", "integer", "format", "int32");
        } else if (single == boolean.class) {
            return map("type", "boolean");
        } else if (single == Instant.class) {
            return map("type", "string", "format", "date-time");
        } else if (single == LocalDate.class) {
            return map("type", "string", "format", "date");
        } else if (single == Currency.class) {
            return map("type", "string", "pattern", "^[A-Z]{3}$");
        } else if (JsonNode.class.isAssignableFrom(single)) {
            return map("type", "object");
        }
        return named(nameOf(single), () -> described(single));
    }

    /** A nested type's name says whose it is, which also keeps two of the same name apart. */
    private static String nameOf(Class<?> type) {
        Class<?> owner = type.getEnclosingClass();
        return owner == null
                ? type.getSimpleName()
                : owner.getSimpleName().replace("Controller", "") + type.getSimpleName();
    }

    private Map<String, Object> named(String name, Supplier<Map<String, Object>> content) {
        if (!schemas.containsKey(name)) {
            schemas.put(name, map());
            schemas.put(name, content.get());
        }
        return ref(name);
    }

    private Map<String, Object> described(Class<?> type) {
        if (type.isEnum()) {
            return map(
                    "type",
                    "string",
                    "enum",
                    Arrays.stream(requireNonNull(type.getEnumConstants()))
                            .map(String::valueOf)
                            .toList());
        }
        RecordComponent[] components = requireNonNull(type.getRecordComponents(), type::getName);
        if (Arrays.stream(type.getDeclaredMethods()).anyMatch(method -> method.isAnnotationPresent(JsonValue.class))) {
            return components.length == 1 ? map("type", "string", "pattern", UUID) : map("type", "string");
        }
        JsonInclude include = type.getAnnotation(JsonInclude.class);
        boolean leavesNullsOut = include != null && include.value() == JsonInclude.Include.NON_NULL;
        Map<String, Object> properties = new LinkedHashMap<>();
        List<String> required = new ArrayList<>();
        for (RecordComponent component : components) {
            if (component.getAccessor().isAnnotationPresent(JsonIgnore.class)) {
                continue;
            }
            Map<String, Object> schema = schema(component.getGenericType());
            boolean nullable = isNullable(component);
            JsonProperty named = component.getAccessor().getAnnotation(JsonProperty.class);
            String name = named == null ? component.getName() : named.value();
            if (!nullable || !leavesNullsOut) {
                required.add(name);
            }
            properties.put(name, nullable && !leavesNullsOut ? orNull(schema) : schema);
        }
        return object(properties, required);
    }

    private static Map<String, Object> orNull(Map<String, Object> schema) {
        return map("anyOf", List.of(schema, map("type", "null")));
    }

    private static boolean isNullable(AnnotatedElement element) {
        return switch (element) {
            case RecordComponent component -> component.getAnnotatedType().isAnnotationPresent(Nullable.class);
            case Parameter parameter -> parameter.getAnnotatedType().isAnnotationPresent(Nullable.class);
            default -> throw new IllegalArgumentException(element.toString());
        };
    }

    private static Map<String, Object> object(Map<String, Object> properties, List<String> required) {
        return map("type", "object", "required", required, "properties", properties);
    }

    private static Map<String, Object> ref(String schema) {
        return map("$ref", SCHEMAS + schema);
    }

    private static Map<String, Object> map(Object... entries) {
        Map<String, Object> map = new LinkedHashMap<>();
        for (int i = 0; i < entries.length; i += 2) {
            map.put((String) entries[i], entries[i + 1]);
        }
        return map;
    }

    private static String yaml(Map<String, Object> document) {
        DumperOptions options = new DumperOptions();
        options.setDefaultFlowStyle(DumperOptions.FlowStyle.BLOCK);
        options.setDereferenceAliases(true);
        options.setWidth(120);
        return new Yaml(options).dump(document);
    }
}
