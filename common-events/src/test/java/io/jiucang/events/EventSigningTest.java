package io.jiucang.events;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloudevents.CloudEvent;
import java.time.Instant;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;

class EventSigningTest {

    @Test
    void roundTrip() {
        EventSigner signer = new EventSigner(new byte[32], "k1");
        OrderEvent.OrderPaid paid = new OrderEvent.OrderPaid(new OrderId(Ids.next()), new PaymentId(Ids.next()));
        CloudEvent event = SignedEvents.toCloudEvent(
                paid,
                new EventMetadata(
                        Ids.next(),
                        paid.orderId().value(),
                        Instant.parse("2026-11-22T10:00:00.5Z"),
                        7,
                        "corr",
                        null,
                        null));
        ProducerRecord<String, byte[]> record = SignedEvents.toRecord(signer.sign(event));
        ConsumerRecord<String, byte[]> read = new ConsumerRecord<>(record.topic(), 0, 0, record.key(), record.value());
        record.headers().forEach(read.headers()::add);
        KeyDirectory keys = KeyDirectory.read(KeyDirectory.write(List.of(new KeyDirectory.Key(
                Topics.sourceOf("order"),
                "k1",
                KeyDirectory.Algorithm.ED25519,
                signer.publicKey(),
                Instant.parse("2026-01-01T00:00:00Z"),
                Instant.parse("2027-01-01T00:00:00Z")))));
        assertThat(new EventVerifier(keys).verify(read).domainEvent()).isEqualTo(paid);
    }
}
