package io.jiucang.simulators.wechatpay;

import io.jiucang.simulators.wechatpay.Book.Notification;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Tells the merchant, and tells again until it answers 200 or 204. Each attempt is signed anew, so none is ever stale. */
final class Notifier implements AutoCloseable {

    private static final System.Logger LOG = System.getLogger(Notifier.class.getName());
    /** The merchant must answer within five seconds. */
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final Book book;
    private final Keys keys;
    private final List<Duration> waits;
    private final Clock clock;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(PATIENCE)
            .build();

    Notifier(Book book, Keys keys, List<Duration> waits, Clock clock) {
        this.book = book;
        this.keys = keys;
        this.waits = waits;
        this.clock = clock;
    }

    /** Delivers each until it is settled; what is unsettled when the simulator stops is taken up at its next start. */
    void deliver(List<Notification> notifications) {
        notifications.forEach(notification -> threads.execute(() -> deliver(notification)));
    }

    private void deliver(Notification first) {
        Notification notification = first;
        try {
            while (!notification.settled()) {
                boolean acknowledged = attempt(notification);
                boolean last = notification.attempts() >= waits.size();
                notification = notification.attempted(acknowledged || last);
                book.put(List.of(notification));
                if (!notification.settled()) {
                    Thread.sleep(waits.get(notification.attempts() - 1));
                } else if (!acknowledged) {
                    LOG.log(System.Logger.Level.WARNING, "gave up telling " + notification.url());
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean attempt(Notification notification) throws InterruptedException {
        try {
            int status = post(notification.url(), sign(notification.body()));
            return status == 200 || status == 204;
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, notification.url() + " does not answer", e);
            return false;
        }
    }

    SignedMessage sign(String body) {
        return new SignedMessage(keys.signatureHeaders(keys.publicKeyId(), clock.instant(), body), body);
    }

    /** Sends as it is, once. @return the merchant's HTTP status */
    int post(String url, SignedMessage message) throws IOException, InterruptedException {
        var request = HttpRequest.newBuilder(URI.create(url))
                .timeout(PATIENCE)
                .header("Content-Type", "application/json")
                .header("User-Agent", "Mozilla/4.0")
                .POST(HttpRequest.BodyPublishers.ofString(message.body()));
        message.headers().forEach(request::header);
        return client.send(request.build(), BodyHandlers.discarding()).statusCode();
    }

    /** Runs {@code task} after {@code delay}, unless the simulator stops before. */
    void later(Duration delay, Runnable task) {
        threads.execute(() -> {
            try {
                Thread.sleep(delay);
                task.run();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }

    @Override
    public void close() {
        threads.shutdownNow();
        client.shutdownNow();
        threads.close();
    }
}
