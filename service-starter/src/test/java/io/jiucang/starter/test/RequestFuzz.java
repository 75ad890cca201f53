package io.jiucang.starter.test;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Sends odd requests to every endpoint of a service, as bytes, for no client would: none may be answered by a fault, and
 * none that is refused may change anything.
 *
 * <pre>{@code
 * @RealInfrastructure
 * class OrderFuzzIT extends RequestFuzz {
 *
 *     @RegisterExtension
 *     static final RunningService service = new RunningService(OrderServiceApplication.class, "order");
 *
 *     OrderFuzzIT() {
 *         super(service);
 *     }
 * }
 * }</pre>
 */
public abstract class RequestFuzz {

    private static final long SEED = 20261127;
    /** So many of all that an endpoint can be sent, shared by those who may use it. */
    private static final int SHAPES = 150;

    private static final int PATIENCE_MILLIS = 20_000;
    private static final String HOLE = "@hole@";

    private static final Map<String, String> USERS = Map.of(
            "SELLER", "winery",
            "BUYER", TestPlatform.LI,
            "ACCOUNT", "li",
            "WAREHOUSE", "scanner",
            "COURIER", TestPlatform.COURIER,
            "BANK", "bank",
            "AUDITOR", "auditor",
            "OPERATOR", "operator");

    /**
     * They change by themselves, as with each tick of the ledger, or hold what was answered: an idempotency key is used up by a
     * refusal too.
     */
    private static final Set<String> NOT_STATE =
            Set.of("idempotent_request", "scheduled_tasks", "outbox", "inbox_event");

    private static final String ZERO = "\\u0000";

    private static final List<String> JSON_VALUES = Stream.concat(
                    Stream.of(
                                    "a" + ZERO + "b",
                                    "\\ud83c",
                                    "\\udf76\\ud83c",
                                    "酒\\ud83c\\udf76",
                                    "",
                                    " ",
                                    "\\u202e\\u0007\\r\\n",
                                    "' or 1=1 --",
                                    "x".repeat(9_000),
                                    "酒".repeat(100_000),
                                    "9".repeat(400),
                                    "-1",
                                    "0",
                                    "+1000000000-12-31T23:59:59.999999999Z",
                                    "-1000000000-01-01T00:00:00Z",
                                    "-4713-01-01T00:00:00Z",
                                    "0000-12-31T23:59:59Z",
                                    "+294277-01-01T00:00:00Z",
                                    "9999-12-31T23:59:59.999999999Z",
                                    "0001-01-01T00:00:00Z",
                                    "2026-02-30T00:00:00Z",
                                    "XXX",
                                    jws("{\"alg\":\"ES256\",\"kid\":\"a" + ZERO + "\"}", "{}"),
                                    jws(
                                            "{\"alg\":\"ES256\",\"kid\":\"k" + ZERO + "\"}",
                                            "{\"jti\":\"" + ZERO + "\",\"iat\":1,\"exp\":9223372036854775807}"),
                                    jws("{\"alg\":\"none\"}", "[]"),
                                    jws("{\"alg\":\"RSA-OAEP-256\",\"enc\":\"A256GCM\",\"kid\":\"" + ZERO + "\"}", "")
                                            + ".AA.AA")
                            .map(text -> '"' + text + '"'),
                    Stream.of(
                            "null",
                            "true",
                            "{}",
                            "[]",
                            "[null]",
                            "{\"a\":{\"a\":{}}}",
                            "0",
                            "-1",
                            "1.5",
                            "1e400",
                            "1e999999999",
                            "9223372036854775807",
                            "-9223372036854775808",
                            "9223372036854775808",
                            "9".repeat(1_500),
                            "NaN"))
            .toList();

    private static final List<String> ESCAPED_VALUES = List.of(
            "%00",
            "a%00b",
            "%ff",
            "%c0%80",
            "%ed%a0%80",
            "%F0%9F%8D%B6",
            "%",
            "%zz",
            "%2",
            "%25",
            "%2e%2e",
            "%2F",
            "%0d%0a",
            ";a=b",
            "..",
            "null",
            "0",
            "-1",
            "1.5",
            "9223372036854775807",
            "9".repeat(40),
            "x".repeat(5_000),
            "%2B999999999-12-31",
            "-999999999-01-01",
            "0000-01-01",
            "0001-01-01",
            "9999-12-31",
            "2026-02-30",
            "OTgyMzM3MjAzNjg1NDc3NTgwNw",
            "OTIyMzM3MjAzNjg1NDc3NTgwNw");

    private static final List<String> QUERIES = List.of(
            "?",
            "?&&=&;",
            "?unknown=1",
            "?%zz",
            "?%00=1",
            "?%01=1",
            "?%ff=%ff",
            "?a=%",
            "?" + "a=1&".repeat(1_500),
            "?access_token=x",
            "?%F0%9F%8D%B6=1",
            "?a[]=1",
            "?cursor=%ed%a0%80");

    private static final List<String> TYPES = List.of(
            "",
            "/",
            "json",
            "application/",
            "*/*",
            "application/*",
            "application/yaml",
            "application/x-yaml",
            "application/xml",
            "application/cbor",
            "application/x-jackson-smile",
            "application/x-protobuf",
            "application/x-www-form-urlencoded",
            "multipart/form-data",
            "multipart/form-data; boundary=x",
            "multipart/mixed",
            "text/plain",
            "text/event-stream",
            "text/csv",
            "application/octet-stream",
            "application/problem+json",
            "application/json;charset=utf-16",
            "application/json;charset=nonsense",
            "application/json;charset=",
            "application/json;q=2",
            "application/json;q=x",
            "application/json;a=\"",
            "application/json;;;",
            "application/json, application/json",
            "a/b/c",
            "\u00e9/\u00ff",
            "application/json;v=" + "x".repeat(2_000),
            "a/b,".repeat(500));

    private static final List<String> HEADERS = List.of(
            "Accept-Language: \u00ff\u00e9",
            "Accept-Language: zh-CN-x-y-z;q=7,,*;q=x",
            "Accept-Language: " + "a-b,".repeat(300),
            "Accept-Charset: nonsense;q=x",
            "Accept-Encoding: nonsense;q=x, gzip;q=-1",
            "Authorization: Bearer",
            "Authorization: Bearer a b",
            "Authorization: Basic AAAA",
            "Authorization: \u00ff",
            "Origin: ::",
            "Origin: https://[",
            "Access-Control-Request-Method: \u00ff",
            "Range: bytes=9-1,,x",
            "If-None-Match: \"",
            "If-Match: W/\"\u00ff\"",
            "If-Modified-Since: Thu, 99 Foo 99999 99:99:99 XXX",
            "If-Unmodified-Since: -1",
            "Last-Event-ID: 9".repeat(1) + "9".repeat(30),
            "Last-Event-ID: x",
            "Last-Event-ID: -9223372036854775808",
            "Idempotency-Key: \u00ff\u0001",
            "Idempotency-Key: ",
            "Idempotency-Key: " + "k".repeat(3_000),
            "Idempotency-Key: \u0000",
            "traceparent: 00-x",
            "X-HTTP-Method-Override: DELETE",
            "X-Forwarded-Host: \u00ff:-1",
            "X-Forwarded-Port: x",
            "Forwarded: for=\"",
            "Cookie: \u0001=\u00ff; ;;=",
            "Expect: nonsense",
            "Content-Encoding: gzip",
            "Content-Language: \u00ff",
            "Upgrade: nonsense",
            "X-\u0001: x",
            "Host: \u00ff");

    private static final List<byte[]> BODIES = Stream.concat(
                    Stream.of(
                            new byte[] {(byte) 0xff},
                            new byte[] {'"', (byte) 0xc0, (byte) 0x80, '"'},
                            new byte[] {'{', '"', (byte) 0xed, (byte) 0xa0, (byte) 0x80, '"', ':', '1', '}'},
                            new byte[] {'{', '"', 'a', '"', ':', '"', (byte) 0xe9, '"', '}'},
                            new byte[] {0},
                            "{\"a\":\"酒\"}".getBytes(StandardCharsets.UTF_16),
                            "{\"a\":\"酒\"}".getBytes(StandardCharsets.UTF_16LE)),
                    Stream.of(
                                    "",
                                    " ",
                                    "null",
                                    "{",
                                    "[",
                                    "[]",
                                    "{}",
                                    "{}{}",
                                    "\"\"",
                                    "\"\0\"",
                                    "\uFEFF{}",
                                    "--- {a: 1}",
                                    "<a/>",
                                    "a=b&c=%zz",
                                    "{\"a" + ZERO + "\":1}",
                                    "{\"a\\ud800\":1}",
                                    "{\"\":1}",
                                    "[".repeat(100_000),
                                    "{\"a\":".repeat(2_000),
                                    "{\"" + "a".repeat(60_000) + "\":1}",
                                    "9".repeat(5_000),
                                    " ".repeat((1 << 20) + 1))
                            .map(text -> text.getBytes(StandardCharsets.UTF_8)))
            .toList();

    private final RunningService service;
    private final Map<String, String> texts;

    protected RequestFuzz(RunningService service) {
        this(service, Map.of());
    }

    /** @param texts by field, for those that not any text will do: so that what is odd is not refused for what is not */
    protected RequestFuzz(RunningService service, Map<String, String> texts) {
        this.service = service;
        this.texts = Map.copyOf(texts);
    }

    /** @param path with samples in place of variables */
    private record Endpoint(String verb, String path, HandlerMethod method) {

        @Override
        public String toString() {
            return verb + " " + path;
        }
    }

    /** @param target path and query; {@code body} null for none */
    @SuppressWarnings("ArrayRecordComponent") // Never compared.
    private record Odd(String verb, String target, List<String> headers, byte @Nullable [] body) {

        Odd withTarget(String other) {
            return new Odd(verb, other, headers, body);
        }

        Odd withVerb(String other) {
            return new Odd(other, target, headers, body);
        }

        Odd withBody(byte[] other) {
            return new Odd(verb, target, headers, other);
        }

        /** In place of one of that name. */
        Odd withHeader(String header) {
            String name = header.substring(0, header.indexOf(':') + 1);
            List<String> others = new ArrayList<>(headers);
            others.removeIf(other -> other.startsWith(name));
            others.add(header);
            return new Odd(verb, target, others, body);
        }

        @Override
        public String toString() {
            return cut(verb + " " + target) + " "
                    + headers.stream().map(Odd::cut).toList() + " "
                    + (body == null ? "" : cut(new String(body, StandardCharsets.UTF_8)));
        }

        private static String cut(String text) {
            return text.length() > 300 ? text.substring(0, 300) + "…" : text;
        }
    }

    private record Answer(int status, String text) {

        boolean isRefusal() {
            return status >= 400;
        }
    }

    @TestFactory
    public Stream<DynamicTest> answersOddRequestsWithoutAFaultAndWithoutAChangeByARefusedOne() {
        Map<String, String> tokens = USERS.values().stream()
                .collect(Collectors.toMap(
                        user -> user, user -> service.platform().accessToken(user)));
        return endpoints().stream()
                .map(endpoint -> DynamicTest.dynamicTest(endpoint.toString(), () -> fuzz(endpoint, tokens)));
    }

    private void fuzz(Endpoint endpoint, Map<String, String> tokens) {
        Random random = new Random(SEED + endpoint.toString().hashCode());
        List<Odd> requests = requests(endpoint, tokens, random);
        Map<String, String> before = state();
        List<Odd> refused = send(requests);
        if (refused.size() < requests.size() && !endpoint.verb.equals("GET")) {
            before = state();
            refused = send(refused);
        }
        assertThat(state()).as("after %s refused ones", refused.size()).isEqualTo(before);
    }

    /** Those that were refused. */
    private List<Odd> send(List<Odd> requests) {
        List<Odd> refused = new ArrayList<>();
        List<String> faults = new ArrayList<>();
        for (Odd request : requests) {
            Answer answer = send(request);
            if (answer.status >= 500 || answer.status < 200 || answer.text.contains("Exception")) {
                faults.add(request + "\n -> " + answer);
            } else if (answer.isRefusal()) {
                refused.add(request);
            }
        }
        assertThat(faults).isEmpty();
        assertThat(refused).isNotEmpty();
        return refused;
    }

    private List<Endpoint> endpoints() {
        List<Endpoint> endpoints = new ArrayList<>();
        RequestMappingHandlerMapping all =
                service.bean("requestMappingHandlerMapping", RequestMappingHandlerMapping.class);
        all.getHandlerMethods().forEach((mapping, method) -> {
            for (String pattern : mapping.getPatternValues()) {
                mapping.getMethodsCondition()
                        .getMethods()
                        .forEach(verb ->
                                endpoints.add(new Endpoint(verb.name(), pattern.replace("**", "0/000"), method)));
            }
        });
        assertThat(endpoints).isNotEmpty();
        endpoints.sort(Comparator.comparing(Endpoint::toString));
        return endpoints;
    }

    private List<Odd> requests(Endpoint endpoint, Map<String, String> tokens, Random random) {
        List<@Nullable String> invited = new ArrayList<>(invited(endpoint.method));
        List<@Nullable String> all = new ArrayList<>(USERS.values());
        all.add(null);
        all.sort(Comparator.nullsFirst(Comparator.naturalOrder()));
        List<Odd> shapes = shapes(endpoint);
        List<Odd> requests = new ArrayList<>();
        for (@Nullable String user : invited) {
            Collections.shuffle(shapes, random);
            shapes.stream().limit(SHAPES / invited.size()).forEach(shape -> requests.add(as(user, shape, tokens)));
        }
        for (@Nullable String user : all) {
            Collections.shuffle(shapes, random);
            shapes.stream().limit(3).forEach(shape -> requests.add(as(user, shape, tokens)));
        }
        return requests;
    }

    private static Odd as(@Nullable String user, Odd shape, Map<String, String> tokens) {
        return user == null || shape.headers.stream().anyMatch(header -> header.startsWith("Authorization:"))
                ? shape
                : shape.withHeader("Authorization: Bearer " + tokens.get(user));
    }

    /** Whom its annotation lets in; null for everybody. */
    private static List<@Nullable String> invited(HandlerMethod method) {
        PreAuthorize access = AnnotatedElementUtils.findMergedAnnotation(method.getMethod(), PreAuthorize.class);
        if (access == null) {
            access = AnnotatedElementUtils.findMergedAnnotation(method.getBeanType(), PreAuthorize.class);
        }
        String expression = access == null ? "" : access.value();
        List<@Nullable String> users = new ArrayList<>();
        USERS.forEach((role, user) -> {
            if (expression.contains("'" + role + "'")) {
                users.add(user);
            }
        });
        if (users.isEmpty()) {
            users.add(null);
        }
        users.sort(Comparator.nullsFirst(Comparator.naturalOrder()));
        return users;
    }

    private List<Odd> shapes(Endpoint endpoint) {
        JsonMapper json = service.bean(JsonMapper.class);
        String path = path(endpoint, json);
        String query = query(endpoint, json);
        JsonNode body = Arrays.stream(endpoint.method.getMethodParameters())
                .filter(parameter -> parameter.hasParameterAnnotation(RequestBody.class))
                .findFirst()
                .map(parameter -> sample("", parameter.getGenericParameterType(), json))
                .orElse(null);
        Odd plain = new Odd(
                endpoint.verb,
                path + query,
                List.of("Accept: */*", "Content-Type: application/json"),
                body == null ? null : json.writeValueAsBytes(body));

        List<Odd> shapes = new ArrayList<>();
        shapes.add(plain);
        for (String verb : List.of("FOO", "TRACE", "OPTIONS", "HEAD", "PATCH", "PUT", "DELETE", "POST", "GET")) {
            shapes.add(plain.withVerb(verb));
        }
        for (String odd : ESCAPED_VALUES) {
            for (String variable : variables(endpoint.path)) {
                shapes.add(plain.withTarget(path(endpoint.path.replace(variable, odd), endpoint, json) + query));
            }
            for (String parameter : parameters(endpoint.method)) {
                shapes.add(plain.withTarget(path + "?" + parameter + "=" + odd));
                shapes.add(plain.withTarget(path + query + (query.isEmpty() ? "?" : "&") + parameter + "=" + odd));
            }
            shapes.add(plain.withTarget(path + "/" + odd));
        }
        QUERIES.forEach(odd -> shapes.add(plain.withTarget(path + odd)));
        TYPES.forEach(odd -> {
            shapes.add(plain.withHeader("Accept: " + odd));
            shapes.add(plain.withHeader("Content-Type: " + odd));
        });
        HEADERS.forEach(odd -> shapes.add(plain.withHeader(odd)));
        BODIES.forEach(odd -> shapes.add(plain.withBody(odd)));
        if (body != null) {
            JSON_VALUES.forEach(odd -> holes(body)
                    .forEach(hole -> shapes.add(plain.withBody(json.writeValueAsString(hole)
                            .replace('"' + HOLE + '"', odd)
                            .getBytes(StandardCharsets.UTF_8)))));
        }
        return shapes;
    }

    private static List<String> variables(String path) {
        return Arrays.stream(path.split("/"))
                .filter(step -> step.startsWith("{"))
                .toList();
    }

    private String path(Endpoint endpoint, JsonMapper json) {
        return path(endpoint.path, endpoint, json);
    }

    private String path(String path, Endpoint endpoint, JsonMapper json) {
        List<String> samples = Arrays.stream(endpoint.method.getMethodParameters())
                .filter(parameter -> parameter.hasParameterAnnotation(PathVariable.class))
                .map(parameter ->
                        sample("", parameter.getGenericParameterType(), json).asString())
                .toList();
        String filled = path;
        for (String variable : variables(path)) {
            filled = filled.replace(variable, samples.getFirst());
        }
        return filled;
    }

    private static List<String> parameters(HandlerMethod method) {
        return Arrays.stream(method.getMethodParameters())
                .filter(parameter -> parameter.hasParameterAnnotation(RequestParam.class))
                .map(parameter -> parameter.getParameter().getName())
                .toList();
    }

    /** What it cannot do without. */
    private String query(Endpoint endpoint, JsonMapper json) {
        return Arrays.stream(endpoint.method.getMethodParameters())
                .filter(parameter -> {
                    RequestParam annotation = parameter.getParameterAnnotation(RequestParam.class);
                    return annotation != null
                            && annotation.required()
                            && !parameter.isOptional()
                            && annotation.defaultValue().startsWith("\n\t\t");
                })
                .map(parameter -> parameter.getParameter().getName() + "="
                        + sample("", parameter.getGenericParameterType(), json).asString())
                .collect(Collectors.joining("&", "?", ""))
                .replaceFirst("^\\?$", "");
    }

    /** A value that can be read as this type, if any is found. */
    private JsonNode sample(String field, Type type, JsonMapper json) {
        JsonNodeFactory nodes = JsonNodeFactory.instance;
        String text = texts.get(field);
        if (text != null && !(type instanceof ParameterizedType)) {
            return nodes.stringNode(text);
        }
        if (type instanceof ParameterizedType generic && generic.getRawType() instanceof Class<?> raw) {
            Type[] arguments = generic.getActualTypeArguments();
            if (Map.class.isAssignableFrom(raw)) {
                return new ObjectNode(nodes, new LinkedHashMap<>(Map.of("zh", sample(field, arguments[1], json))));
            }
            return new ArrayNode(nodes, new ArrayList<>(List.of(sample(field, arguments[0], json))));
        }
        if (type == String.class || !(type instanceof Class<?> plain)) {
            return nodes.stringNode("x");
        }
        if (plain.isEnum()) {
            return json.valueToTree(plain.getEnumConstants()[0]);
        }
        List<JsonNode> candidates = List.of(
                nodes.numberNode(1),
                nodes.stringNode(Instant.now().toString()),
                nodes.stringNode("2026-01-01"),
                nodes.stringNode("01890000-0000-7000-8000-000000000001"),
                nodes.stringNode("01890000-0000-7000-8000-000000000001.1"),
                nodes.stringNode("CNY"),
                nodes.stringNode("https://id.gs1.org/01/00012345600012/21/1"),
                nodes.stringNode("x"));
        for (JsonNode candidate : candidates) {
            try {
                json.treeToValue(candidate, plain);
                return candidate;
            } catch (JacksonException e) {
                // Then another.
            }
        }
        ObjectNode object = nodes.objectNode();
        if (plain.isRecord()) {
            for (RecordComponent component : plain.getRecordComponents()) {
                object.set(component.getName(), sample(component.getName(), component.getGenericType(), json));
            }
        }
        return object;
    }

    /** The same with a hole in place of each value within, and once with one more. */
    private static List<JsonNode> holes(JsonNode node) {
        JsonNodeFactory nodes = JsonNodeFactory.instance;
        List<JsonNode> all = new ArrayList<>();
        all.add(nodes.stringNode(HOLE));
        if (node instanceof ObjectNode object) {
            all.add(object.deepCopy().put("more", HOLE));
            object.propertyNames()
                    .forEach(name -> holes(object.get(name))
                            .forEach(hole -> all.add(object.deepCopy().set(name, hole))));
        } else if (node instanceof ArrayNode array) {
            holes(array.get(0)).forEach(hole -> all.add(nodes.arrayNode().add(hole)));
        }
        return all;
    }

    private static String jws(String header, String payload) {
        Base64.Encoder encoder = Base64.getUrlEncoder().withoutPadding();
        return encoder.encodeToString(header.getBytes(StandardCharsets.UTF_8)) + "."
                + encoder.encodeToString(payload.getBytes(StandardCharsets.UTF_8)) + "."
                + encoder.encodeToString(new byte[64]);
    }

    private Answer send(Odd request) {
        try (Socket socket =
                new Socket(InetAddress.getLoopbackAddress(), service.uri("/").getPort())) {
            socket.setSoTimeout(PATIENCE_MILLIS);
            socket.getOutputStream().write(bytes(request));
            return answer(socket.getInputStream());
        } catch (IOException e) {
            throw new UncheckedIOException(request.toString(), e);
        }
    }

    private static byte[] bytes(Odd request) throws IOException {
        List<String> lines = new ArrayList<>();
        lines.add(request.verb + " " + request.target + " HTTP/1.1");
        lines.addAll(request.headers);
        for (String header : List.of("Host: localhost", "Connection: close", "Idempotency-Key: " + UUID.randomUUID())) {
            if (request.headers.stream()
                    .noneMatch(own -> own.startsWith(header.substring(0, header.indexOf(':') + 1)))) {
                lines.add(header);
            }
        }
        byte[] body = request.body == null ? new byte[0] : request.body;
        lines.add("Content-Length: " + body.length);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.write((String.join("\r\n", lines) + "\r\n\r\n").getBytes(StandardCharsets.ISO_8859_1));
        bytes.write(body);
        return bytes.toByteArray();
    }

    /** All of it, or the head of a stream that goes on. */
    private static Answer answer(InputStream in) throws IOException {
        ByteArrayOutputStream read = new ByteArrayOutputStream();
        byte[] buffer = new byte[8192];
        try {
            for (int length = in.read(buffer); length >= 0; length = in.read(buffer)) {
                read.write(buffer, 0, length);
                String text = read.toString(StandardCharsets.UTF_8);
                if (text.contains("text/event-stream") && text.contains("\r\n\r\n")) {
                    break;
                }
            }
        } catch (java.net.SocketException e) {
            // Reset, because not all was read that was sent; what was answered had come before.
        }
        String text = read.toString(StandardCharsets.UTF_8);
        return new Answer(text.startsWith("HTTP/1.1 ") ? Integer.parseInt(text.substring(9, 12)) : 0, text);
    }

    /** A digest of each table. */
    private Map<String, String> state() {
        JdbcClient jdbc = JdbcClient.create(service.infrastructure().dataSource());
        String digests = jdbc
                .sql("select table_name from information_schema.tables where table_schema = 'public'")
                .query(String.class)
                .list()
                .stream()
                .filter(table -> !NOT_STATE.contains(table))
                .map(table -> "select '%1$s', md5(string_agg(t::text, ' ' order by t::text)) from \"%1$s\" t"
                        .formatted(table))
                .collect(Collectors.joining(" union all "));
        Map<String, String> state = new TreeMap<>();
        jdbc.sql(digests).query(row -> {
            state.put(row.getString(1), String.valueOf(row.getString(2)));
        });
        return state;
    }
}
