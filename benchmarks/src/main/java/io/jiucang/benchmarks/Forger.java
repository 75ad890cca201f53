package io.jiucang.benchmarks;

import io.jiucang.events.DomainEvent;
import io.jiucang.events.OrderEvent.PaymentOverdue;
import io.jiucang.events.TokenEvent.ReservationReleased;
import io.jiucang.events.envelope.EventMetadata;
import io.jiucang.events.envelope.EventSigner;
import io.jiucang.events.envelope.SignedEvents;
import io.jiucang.events.value.Ids;
import io.jiucang.events.value.OrderId;
import io.jiucang.events.value.PlanId;
import io.jiucang.events.value.SerialRange;
import io.jiucang.events.value.VaultId;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * Somebody who can write to the topics and has no key: sends events that are well-formed in everything, signed by
 * themselves under a service's key id, so that nothing short of the signature gives them away.
 *
 * <p>Every other one would call off an order; the others would release a reservation, half of them under the vault's own
 * key, where every real reservation passes.
 */
final class Forger {

    private final EventSigner order;
    private final EventSigner token;
    private final String vaultId;

    /**
     * @param orderKey what order-service calls its key
     * @param tokenKey what token-service calls its key
     */
    Forger(String orderKey, String tokenKey, String vaultId) {
        this.order = EventSigner.claiming(orderKey, new SecureRandom().generateSeed(32));
        this.token = EventSigner.claiming(tokenKey, new SecureRandom().generateSeed(32));
        this.vaultId = vaultId;
    }

    /** Signed ahead, so that sending costs the machine as little as it can. */
    List<ProducerRecord<String, byte[]>> records(int count) {
        return IntStream.range(0, count).parallel().mapToObj(this::record).toList();
    }

    private ProducerRecord<String, byte[]> record(int number) {
        OrderId victim = new OrderId(Ids.next());
        if (number % 2 == 0) {
            return record(order, new PaymentOverdue(victim), victim.toString(), number);
        }
        VaultId vault = new VaultId(number % 4 == 1 ? vaultId : Ids.next());
        return record(
                token,
                new ReservationReleased(vault, new PlanId(Ids.next()), victim, List.of(new SerialRange(1, 1))),
                vault.toString(),
                number);
    }

    private static ProducerRecord<String, byte[]> record(
            EventSigner signer, DomainEvent event, String subject, int number) {
        EventMetadata metadata =
                new EventMetadata(id(number), subject, Instant.now(), number, subject, Ids.next(), null);
        return SignedEvents.toRecord(signer.sign(SignedEvents.toCloudEvent(event, metadata)));
    }

    /** A UUIDv7 of the first minutes of 1970, by which {@link EventWatch} knows it. */
    static String id(int number) {
        return "00000000-%04x-7000-8000-%012x".formatted(number >>> 16, number & 0xffffL);
    }

    /** Spread evenly over the schedule's time. */
    static void send(String bootstrapServers, List<ProducerRecord<String, byte[]>> records, Schedule schedule)
            throws InterruptedException {
        try (KafkaProducer<String, byte[]> producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", bootstrapServers, "acks", "1", "linger.ms", 10),
                new StringSerializer(),
                new ByteArraySerializer())) {
            long start = System.nanoTime();
            for (int i = 0; i < records.size(); i++) {
                long ahead = start + schedule.due(i) - System.nanoTime();
                if (ahead > 1_000_000) {
                    Thread.sleep(ahead / 1_000_000);
                }
                var _ = producer.send(records.get(i));
            }
        }
    }
}
