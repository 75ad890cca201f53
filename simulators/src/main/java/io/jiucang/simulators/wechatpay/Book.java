package io.jiucang.simulators.wechatpay;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * Everything WeChat Pay remembers: in memory, and in a journal of JSON lines that is replayed on start. A line is an entry's
 * whole new state, so the last one of a key counts. A killed process loses at most the line it was writing; power loss may
 * lose more, which a simulator can afford.
 */
final class Book implements AutoCloseable {

    private static final JsonMapper JSON = JsonMapper.shared();

    @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "entry")
    @JsonSubTypes({
        @JsonSubTypes.Type(value = Order.class, name = "order"),
        @JsonSubTypes.Type(value = Capture.class, name = "capture"),
        @JsonSubTypes.Type(value = Refund.class, name = "refund"),
        @JsonSubTypes.Type(value = Notification.class, name = "notification")
    })
    sealed interface Entry {}

    record Order(
            String outTradeNo,
            String description,
            @Nullable String attach,
            String notifyUrl,
            long total,
            Instant expiresAt,
            String code,
            boolean closed)
            implements Entry {

        Order close() {
            return new Order(outTradeNo, description, attach, notifyUrl, total, expiresAt, code, true);
        }
    }

    record Capture(String transactionId, String outTradeNo, String openid, long total, Instant at) implements Entry {}

    record Refund(
            String refundId,
            String outRefundNo,
            String transactionId,
            String outTradeNo,
            @Nullable String reason,
            @Nullable String notifyUrl,
            long refund,
            long total,
            RefundStatus status,
            Instant createdAt,
            @Nullable Instant succeededAt)
            implements Entry {

        Refund end(RefundStatus status, Instant at) {
            return new Refund(
                    refundId,
                    outRefundNo,
                    transactionId,
                    outTradeNo,
                    reason,
                    notifyUrl,
                    refund,
                    total,
                    status,
                    createdAt,
                    status == RefundStatus.SUCCESS ? at : null);
        }
    }

    enum RefundStatus {
        PROCESSING,
        SUCCESS,
        ABNORMAL,
        CLOSED
    }

    /** @param settled acknowledged, or given up */
    record Notification(String deliveryId, String url, String body, int attempts, boolean settled) implements Entry {

        Notification attempted(boolean settled) {
            return new Notification(deliveryId, url, body, attempts + 1, settled);
        }
    }

    private final Map<String, Order> orders = new LinkedHashMap<>();
    private final Map<String, Capture> captures = new LinkedHashMap<>();
    private final Map<String, Refund> refunds = new LinkedHashMap<>();
    private final Map<String, Notification> notifications = new LinkedHashMap<>();
    private final OutputStream journal;

    Book(Path file) {
        try {
            Files.createDirectories(file.toAbsolutePath().getParent());
            if (Files.exists(file)) {
                replay(file);
            }
            // Not a channel: an interrupt, which is how the simulator stops, would close it in the middle of a line.
            journal = new FileOutputStream(file.toFile(), true);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot open the journal " + file, e);
        }
    }

    private void replay(Path file) throws IOException {
        String text = Files.readString(file);
        String whole = text.substring(0, text.lastIndexOf('\n') + 1);
        whole.lines().forEach(line -> {
            try {
                remember(JSON.readValue(line, Entry.class));
            } catch (JacksonException e) {
                throw new IllegalStateException(file + " is damaged; delete it to start over", e);
            }
        });
        if (whole.length() < text.length()) {
            try (var channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                channel.truncate(whole.getBytes(UTF_8).length);
            }
        }
    }

    /** Writes the entries together: after a crash either all of them count or a tail of them is missing. */
    synchronized void put(List<? extends Entry> entries) {
        var lines = new StringBuilder();
        for (Entry entry : entries) {
            lines.append(JSON.writerFor(Entry.class).writeValueAsString(entry)).append('\n');
        }
        try {
            journal.write(lines.toString().getBytes(UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write the journal", e);
        }
        entries.forEach(this::remember);
    }

    private void remember(Entry entry) {
        switch (entry) {
            case Order order -> orders.put(order.outTradeNo(), order);
            case Capture capture -> captures.put(capture.transactionId(), capture);
            case Refund refund -> refunds.put(refund.outRefundNo(), refund);
            case Notification notification -> notifications.put(notification.deliveryId(), notification);
        }
    }

    synchronized Optional<Order> order(String outTradeNo) {
        return Optional.ofNullable(orders.get(outTradeNo));
    }

    synchronized List<Order> orders() {
        return List.copyOf(orders.values());
    }

    synchronized Optional<Capture> capture(String transactionId) {
        return Optional.ofNullable(captures.get(transactionId));
    }

    /** In the order they were made; more than one only after a second charge. */
    synchronized List<Capture> capturesOf(String outTradeNo) {
        return captures.values().stream()
                .filter(capture -> capture.outTradeNo().equals(outTradeNo))
                .toList();
    }

    synchronized List<Capture> captures() {
        return List.copyOf(captures.values());
    }

    synchronized Optional<Refund> refund(String outRefundNo) {
        return Optional.ofNullable(refunds.get(outRefundNo));
    }

    synchronized List<Refund> refunds() {
        return List.copyOf(refunds.values());
    }

    synchronized List<Notification> unsettledNotifications() {
        return notifications.values().stream()
                .filter(notification -> !notification.settled())
                .toList();
    }

    @Override
    public synchronized void close() {
        try {
            journal.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
