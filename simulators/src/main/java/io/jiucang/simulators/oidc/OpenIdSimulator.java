package io.jiucang.simulators.oidc;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.function.Function.identity;
import static java.util.stream.Collectors.toUnmodifiableMap;

import com.nimbusds.jose.jwk.JWKSet;
import io.jiucang.simulators.LoopbackServer;
import io.jiucang.simulators.LoopbackServer.Answer;
import io.jiucang.simulators.LoopbackServer.Request;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Clock;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/**
 * An identity provider for the demo and the tests. It answers discovery (OpenID Connect Discovery 1.0), its keys (RFC 7517)
 * and the token endpoint (RFC 6749 section 4.3: the user's name and password, which no real deployment should accept).
 */
public final class OpenIdSimulator implements AutoCloseable {

    public static final String CLIENT_ID = "jiucang-app";
    public static final String AUDIENCE = "jiucang";

    private static final JsonMapper JSON = JsonMapper.shared();

    private final Map<String, User> users;
    private final AccessTokens tokens;
    private final LoopbackServer server;

    private OpenIdSimulator(Path directory, int port, Collection<User> users, Clock clock) {
        this.users = users.stream().collect(toUnmodifiableMap(User::username, identity()));
        this.tokens = AccessTokens.of(directory, clock);
        this.server = LoopbackServer.start(port, this::handle);
    }

    /**
     * @param directory keeps the signing key, so that tokens outlive a restart
     * @param port 0 for any free one
     */
    public static OpenIdSimulator start(Path directory, int port, Collection<User> users, Clock clock) {
        return new OpenIdSimulator(directory, port, users, clock);
    }

    public URI issuer() {
        return server.url();
    }

    /** An access token for {@code username}, as the token endpoint would issue it. */
    public String tokenFor(String username) {
        User user = users.get(username);
        if (user == null) {
            throw new IllegalArgumentException("no such user: " + username);
        }
        return tokens.issue(issuer(), user);
    }

    private Answer handle(Request request) {
        return switch (request.method() + " " + request.target().getPath()) {
            case "GET /.well-known/openid-configuration" -> json(200, discovery());
            case "GET /jwks" -> json(200, new JWKSet(tokens.key()).toJSONObject());
            case "POST /token" -> token(request);
            default -> json(404, Map.of("error", "not_found"));
        };
    }

    private Map<String, Object> discovery() {
        var document = new LinkedHashMap<String, Object>();
        document.put("issuer", issuer().toString());
        document.put("jwks_uri", issuer().resolve("/jwks").toString());
        document.put("token_endpoint", issuer().resolve("/token").toString());
        document.put("token_endpoint_auth_methods_supported", List.of("none"));
        document.put("grant_types_supported", List.of("password"));
        document.put("response_types_supported", List.of("token"));
        document.put("subject_types_supported", List.of("public"));
        document.put("id_token_signing_alg_values_supported", List.of("RS256"));
        document.put(
                "claims_supported",
                List.of(
                        "iss",
                        "sub",
                        "aud",
                        "exp",
                        "iat",
                        "jti",
                        "preferred_username",
                        "name",
                        "roles",
                        "age_over_18"));
        return document;
    }

    private Answer token(Request request) {
        Map<String, String> form;
        try {
            form = form(request.body());
        } catch (IllegalArgumentException e) {
            return refused(400, "invalid_request", "the form cannot be read: " + e.getMessage());
        }
        String grant = form.get("grant_type");
        if (grant == null) {
            return refused(400, "invalid_request", "grant_type is missing");
        }
        if (!CLIENT_ID.equals(form.get("client_id"))) {
            return refused(401, "invalid_client", "the only client is " + CLIENT_ID);
        }
        if (!grant.equals("password")) {
            return refused(400, "unsupported_grant_type", "only password is supported");
        }
        String username = form.get("username");
        String password = form.get("password");
        if (username == null || password == null) {
            return refused(400, "invalid_request", "username and password are required");
        }
        User user = users.get(username);
        if (user == null
                || !MessageDigest.isEqual(
                        password.getBytes(UTF_8), user.password().getBytes(UTF_8))) {
            return refused(400, "invalid_grant", "wrong username or password");
        }
        return json(
                        200,
                        Map.of(
                                "access_token", tokens.issue(issuer(), user),
                                "token_type", "Bearer",
                                "expires_in", AccessTokens.LIFETIME.toSeconds()))
                .with("Cache-Control", "no-store");
    }

    /** @throws IllegalArgumentException on bad percent-encoding, or a parameter given twice (RFC 6749 section 3.2) */
    private static Map<String, String> form(String body) {
        var parameters = new HashMap<String, String>();
        for (String pair : body.split("&", -1)) {
            int equals = pair.indexOf('=');
            if (equals > 0) {
                String name = URLDecoder.decode(pair.substring(0, equals), UTF_8);
                String value = URLDecoder.decode(pair.substring(equals + 1), UTF_8);
                if (parameters.put(name, value) != null) {
                    throw new IllegalArgumentException(name + " is given twice");
                }
            }
        }
        return parameters;
    }

    private static Answer refused(int status, String error, String description) {
        return json(status, Map.of("error", error, "error_description", description))
                .with("Cache-Control", "no-store");
    }

    private static Answer json(int status, Object body) {
        return new Answer(status, Map.of("Content-Type", "application/json"), JSON.writeValueAsString(body));
    }

    @Override
    public void close() {
        server.close();
    }
}
