package io.jiucang.order;

import static io.jiucang.order.OrderRejected.Reason.TOO_MANY_STREAMS;

import io.jiucang.events.value.OrderId;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;
import tools.jackson.databind.json.JsonMapper;

/**
 * Pushes orders to their buyers as they change, by whichever replica.
 *
 * <p>PostgreSQL tells this process of every committed change over a connection of its own, none of the pool, which would never
 * get it back. A notification carries no
 * state and may be lost with that connection; a stream always sends what it reads in the read model, and it reads again
 * with every heartbeat, so that a loss costs time but no change. Each stream has a thread (a virtual one), so that a slow
 * client holds up nobody else.
 */
@Component
class OrderStreams implements SmartLifecycle {

    private static final Logger log = LoggerFactory.getLogger(OrderStreams.class);
    private static final Duration RECONNECT = Duration.ofSeconds(1);

    private final OrderViews orders;
    private final JdbcConnectionDetails database;
    private final JsonMapper json;
    private final OrderSettings settings;
    private final Clock clock;
    private final Map<OrderId, Set<Stream>> watched = new ConcurrentHashMap<>();
    private final Map<String, Integer> streamsOf = new ConcurrentHashMap<>();
    private volatile boolean running;

    OrderStreams(
            OrderViews orders,
            JdbcConnectionDetails database,
            JsonMapper json,
            OrderSettings settings,
            Clock clock,
            MeterRegistry meters) {
        this.orders = orders;
        this.database = database;
        this.json = json;
        this.settings = settings;
        this.clock = clock;
        meters.gauge("jiucang.order.streams", this, OrderStreams::size);
    }

    /**
     * @param lastSeen version of the order that the buyer has
     * @param accessUntil when the buyer's access token expires
     */
    SseEmitter open(OrderView order, long lastSeen, Instant accessUntil) {
        streamsOf.compute(order.buyer(), (buyer, open) -> {
            int others = open == null ? 0 : open;
            if (others >= settings.streamsPerBuyer()) {
                throw new OrderRejected(TOO_MANY_STREAMS, "close one of your " + others + " event streams first");
            }
            return others + 1;
        });
        Stream stream = new Stream(order.orderId(), order.buyer(), lastSeen, accessUntil);
        watched.computeIfAbsent(order.orderId(), id -> ConcurrentHashMap.newKeySet())
                .add(stream);
        Thread.startVirtualThread(stream);
        return stream.emitter;
    }

    private void close(Stream stream) {
        watched.computeIfPresent(stream.orderId, (id, streams) -> {
            streams.remove(stream);
            return streams.isEmpty() ? null : streams;
        });
        streamsOf.computeIfPresent(stream.buyer, (buyer, open) -> open == 1 ? null : open - 1);
    }

    private int size() {
        return streamsOf.values().stream().mapToInt(Integer::intValue).sum();
    }

    /** One buyer's view of one order. Nobody but its own thread sends. */
    private final class Stream implements Runnable {

        private final OrderId orderId;
        private final String buyer;
        private final Instant accessUntil;
        private final SseEmitter emitter = new SseEmitter(0L);
        private final Semaphore wake = new Semaphore(0);
        private long sent;
        private volatile boolean left;

        Stream(OrderId orderId, String buyer, long lastSeen, Instant accessUntil) {
            this.orderId = orderId;
            this.buyer = buyer;
            this.sent = lastSeen;
            this.accessUntil = accessUntil;
            emitter.onCompletion(this::leave);
            emitter.onError(failure -> leave());
        }

        private void leave() {
            left = true;
            wake.release();
        }

        @Override
        public void run() {
            try {
                while (!pushed() && clock.instant().isBefore(accessUntil)) {
                    boolean woken = wake.tryAcquire(settings.heartbeat().toMillis(), TimeUnit.MILLISECONDS);
                    wake.drainPermits();
                    if (left || !running) {
                        break;
                    }
                    if (!woken) {
                        emitter.send(SseEmitter.event().comment("here"));
                    }
                }
            } catch (IOException | IllegalStateException e) {
                log.debug("the buyer of {} left", orderId, e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (RuntimeException e) {
                log.warn("a stream of order {} failed; its client resumes it", orderId, e);
            } finally {
                close(this);
                complete();
            }
        }

        /** Not for a buyer who left: that request is the container's to end, and it may be about to, on another thread. */
        private void complete() {
            if (left) {
                return;
            }
            try {
                emitter.complete();
            } catch (IllegalStateException e) {
                log.debug("the buyer of {} left", orderId, e);
            }
        }

        /** Sends the order if it has changed; returns whether it is final. */
        private boolean pushed() throws IOException {
            OrderView order = orders.find(orderId).orElseThrow();
            if (order.version() > sent) {
                emitter.send(SseEmitter.event()
                        .id(Long.toString(order.version()))
                        .name("order")
                        .data(json.writeValueAsString(order)));
                sent = order.version();
            }
            return order.isFinal();
        }
    }

    @Override
    public void start() {
        running = true;
        Thread.ofVirtual().name("order-changes").start(this::listen);
    }

    /** Before the web server stops, which waits for its open requests. */
    @Override
    public void stop() {
        running = false;
        wakeAll();
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    private void listen() {
        while (running) {
            try (Connection connection = DriverManager.getConnection(
                            database.getJdbcUrl(), database.getUsername(), database.getPassword());
                    Statement statement = connection.createStatement()) {
                statement.execute("listen " + OrderViews.CHANGES);
                // Whatever changed while nobody listened.
                wakeAll();
                PGConnection postgres = connection.unwrap(PGConnection.class);
                while (running) {
                    for (PGNotification change : postgres.getNotifications((int) RECONNECT.toMillis())) {
                        wake(new OrderId(change.getParameter()));
                    }
                }
            } catch (SQLException e) {
                if (running) {
                    log.warn("lost the connection that tells of changed orders: {}", e.toString());
                    pause();
                }
            }
        }
    }

    private static void pause() {
        try {
            Thread.sleep(RECONNECT);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void wake(OrderId orderId) {
        watched.getOrDefault(orderId, Set.of()).forEach(stream -> stream.wake.release());
    }

    private void wakeAll() {
        watched.keySet().forEach(this::wake);
    }
}
