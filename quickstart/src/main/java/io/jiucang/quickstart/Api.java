package io.jiucang.quickstart;

import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.UUID;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Talks to the services as an app would: over HTTP, as a signed-in user. */
final class Api {

    private static final JsonMapper JSON = new JsonMapper();
    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final String accessToken;

    private Api(String accessToken) {
        this.accessToken = accessToken;
    }

    static Api signIn(URI identityProvider, String user, String password) {
        HttpRequest request = HttpRequest.newBuilder(identityProvider.resolve("/token"))
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(HttpRequest.BodyPublishers.ofString("grant_type=password&client_id=jiucang-app&username="
                        + encoded(user) + "&password=" + encoded(password)))
                .build();
        return new Api(
                send(request).requireSuccess().json().path("access_token").asString());
    }

    /** As the account's wallet, from now on for a quarter of an hour at most. */
    Api asWallet() {
        return new Api(get(Stack.Member.TOKEN.uri().resolve("/api/v1/wallet/token"))
                .requireSuccess()
                .json()
                .path("access_token")
                .asString());
    }

    Answer get(URI uri) {
        return send(authorized(uri).GET().build());
    }

    /** Posts JSON with a new idempotency key. */
    Answer post(URI uri, Object body) {
        return send(authorized(uri)
                .header("Content-Type", "application/json")
                .header("Idempotency-Key", UUID.randomUUID().toString())
                .POST(HttpRequest.BodyPublishers.ofString(JSON.writeValueAsString(body)))
                .build());
    }

    /** Puts JSON. */
    Answer put(URI uri, Object body) {
        return send(authorized(uri)
                .header("Content-Type", "application/json")
                .PUT(HttpRequest.BodyPublishers.ofString(JSON.writeValueAsString(body)))
                .build());
    }

    private HttpRequest.Builder authorized(URI uri) {
        return HttpRequest.newBuilder(uri).timeout(PATIENCE).header("Authorization", "Bearer " + accessToken);
    }

    /** As nobody in particular. */
    static Answer getPublic(URI uri) {
        return send(HttpRequest.newBuilder(uri).timeout(PATIENCE).GET().build());
    }

    /** As nobody in particular, to an outside party's simulator. */
    static Answer postPublic(URI uri, Object body) {
        return send(HttpRequest.newBuilder(uri)
                .timeout(PATIENCE)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(JSON.writeValueAsString(body)))
                .build());
    }

    private static Answer send(HttpRequest request) {
        try {
            HttpResponse<byte[]> response = HTTP.send(request, BodyHandlers.ofByteArray());
            return new Answer(request, response);
        } catch (IOException e) {
            throw new IllegalStateException(request.method() + " " + request.uri() + " failed: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    record Answer(HttpRequest request, HttpResponse<byte[]> response) {

        int status() {
            return response.statusCode();
        }

        byte[] bytes() {
            return response.body();
        }

        String text() {
            return new String(response.body(), StandardCharsets.UTF_8);
        }

        JsonNode json() {
            return JSON.readTree(response.body());
        }

        /** @return the problem's reason (RFC 9457) */
        String requireRefusal() {
            if (status() / 100 != 4) {
                throw new IllegalStateException(
                        request.method() + " " + request.uri() + " was not refused: " + status() + ": " + text());
            }
            return json().path("reason").asString();
        }

        Answer requireSuccess() {
            if (status() / 100 != 2) {
                throw new IllegalStateException(
                        request.method() + " " + request.uri() + " answered " + status() + ": " + text());
            }
            return this;
        }
    }
}
