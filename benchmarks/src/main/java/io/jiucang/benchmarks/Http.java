package io.jiucang.benchmarks;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * HTTP as a good app speaks it: what was not answered is sent again under the same Idempotency-Key, and whoever is told to
 * come later comes later. Only a refusal is an answer.
 */
final class Http implements AutoCloseable {

    static final JsonMapper JSON = new JsonMapper();

    private static final Duration ONE_ANSWER = Duration.ofSeconds(20);
    private static final Duration PAUSE = Duration.ofMillis(100);

    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .executor(Executors.newVirtualThreadPerTaskExecutor())
            .connectTimeout(Duration.ofSeconds(5))
            .build();

    private final LongAdder toldToWait = new LongAdder();
    private final LongAdder faults = new LongAdder();
    private final LongAdder unanswered = new LongAdder();
    private volatile long deadline = System.nanoTime();

    /** Nothing was answered in time, or the answer was no success. */
    static final class Failure extends RuntimeException {

        Failure(String message) {
            super(message);
        }
    }

    record Answer(HttpRequest request, int status, String text) {

        boolean isSuccess() {
            return status / 100 == 2;
        }

        JsonNode json() {
            return JSON.readTree(text);
        }

        Answer requireSuccess() {
            if (!isSuccess()) {
                throw new Failure(request.method() + " " + request.uri() + " answered " + status + ": " + text);
            }
            return this;
        }
    }

    /** How long everything that is sent from now on may take, attempts included. */
    void allow(Duration time) {
        deadline = System.nanoTime() + time.toNanos();
    }

    /** How often a 503 was answered: too much in work, or not now. */
    long toldToWait() {
        return toldToWait.sum();
    }

    /** How often any other 5xx was answered. */
    long faults() {
        return faults.sum();
    }

    /** How often a connection broke, or no answer came. */
    long unanswered() {
        return unanswered.sum();
    }

    Answer get(URI uri, @Nullable String accessToken) throws InterruptedException {
        return send(request(uri, accessToken).GET());
    }

    /** @param key what makes it the same request, however often it is sent */
    Answer post(URI uri, @Nullable String accessToken, String key, String body) throws InterruptedException {
        return send(request(uri, accessToken)
                .header("Content-Type", "application/json")
                .header("Idempotency-Key", key)
                .POST(BodyPublishers.ofString(body)));
    }

    private static HttpRequest.Builder request(URI uri, @Nullable String accessToken) {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri);
        return accessToken == null ? request : request.header("Authorization", "Bearer " + accessToken);
    }

    private Answer send(HttpRequest.Builder builder) throws InterruptedException {
        String last = "not sent";
        while (true) {
            Duration left = Duration.ofNanos(deadline - System.nanoTime());
            HttpRequest request = builder.copy()
                    .timeout(left.compareTo(ONE_ANSWER) < 0 ? max(left, PAUSE) : ONE_ANSWER)
                    .build();
            if (left.isNegative()) {
                throw new Failure(request.method() + " " + request.uri() + " had no answer in time: " + last);
            }
            try {
                HttpResponse<String> response = client.send(request, BodyHandlers.ofString());
                Answer answer = new Answer(request, response.statusCode(), response.body());
                if (!isForLater(answer)) {
                    return answer;
                }
                last = answer.status + " " + answer.text;
                Thread.sleep(retryAfter(response));
            } catch (IOException e) {
                unanswered.increment();
                last = e.toString();
                Thread.sleep(PAUSE);
            }
        }
    }

    private boolean isForLater(Answer answer) {
        if (answer.status == 503) {
            toldToWait.increment();
            return true;
        }
        if (answer.status / 100 == 5) {
            faults.increment();
            return true;
        }
        // An earlier attempt, of which we stopped waiting for the answer, is still in work.
        return answer.status == 409 && answer.text.contains("REQUEST_IN_FLIGHT");
    }

    private static Duration retryAfter(HttpResponse<?> response) {
        return response.headers()
                .firstValue("Retry-After")
                .filter(value -> value.matches("[0-9]{1,3}"))
                .map(value -> Duration.ofSeconds(Long.parseLong(value)))
                .orElse(PAUSE);
    }

    private static Duration max(Duration one, Duration other) {
        return one.compareTo(other) > 0 ? one : other;
    }

    @Override
    public void close() {
        client.shutdownNow();
    }
}
