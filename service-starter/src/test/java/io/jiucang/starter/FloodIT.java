package io.jiucang.starter;

import static io.jiucang.starter.SampleFixtures.TOKEN_TOPIC;
import static io.jiucang.starter.SampleFixtures.count;
import static io.jiucang.starter.SampleFixtures.database;
import static io.jiucang.starter.SampleFixtures.effects;
import static io.jiucang.starter.SampleFixtures.vault;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cloudevents.CloudEvent;
import io.cloudevents.core.v1.CloudEventBuilder;
import io.jiucang.events.envelope.EventSigner;
import io.jiucang.events.envelope.SignedEvents;
import io.jiucang.events.value.Ids;
import io.jiucang.starter.test.CapturedLog;
import io.jiucang.starter.test.RealInfrastructure;
import io.jiucang.starter.test.RunningService;
import io.jiucang.starter.test.TestPlatform;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A flood of forged records among real events; one of 100,000 is a phase of {@code ./run bench}. */
@RealInfrastructure
class FloodIT {

    private static final int FORGED = 20_000;
    private static final int KEYS = 10;
    private static final int REAL = 200;
    private static final int NOISE = 4_000;

    @RegisterExtension
    static final RunningService service = new RunningService(SampleApplication.class, "order");

    private static final TestPlatform platform = service.platform();

    private final Random random = new Random(20261127);
    private final EventSigner impostor = platform.impostor("token");
    private final EventSigner stranger = new EventSigner(new byte[32]);
    private final List<String> keys = new ArrayList<>();
    private final Map<String, List<String>> real = new HashMap<>();

    @Test
    void realEventsGetThroughAndNothingGrowsWithTheForged() {
        for (int i = 0; i < KEYS; i++) {
            keys.add(Ids.next());
        }
        service.publish(vault("warm"), Ids.next());
        await().atMost(Duration.ofSeconds(20)).until(() -> effects(service).contains("warm"));
        long memory = memory();
        try (CapturedLog log = new CapturedLog()) {
            long bytes = send();

            await().atMost(Duration.ofMinutes(2)).until(service::quarantined, found -> found == FORGED);
            await().atMost(Duration.ofSeconds(20))
                    .untilAsserted(() -> real.values()
                            .forEach(codes -> assertThat(effects(service)).containsSubsequence(codes)));
            assertThat(effects(service)).hasSize(REAL + 1).noneMatch(effect -> effect.startsWith("forged"));
            assertThat(count(service, "parked_event")).isZero();
            assertThat(count(service, "quarantine"))
                    .as("two partitions, four reasons, of a known source or of none")
                    .isLessThanOrEqualTo(2 * 4 * 2);
            assertThat(database(service)
                            .sql("select pg_total_relation_size('quarantine')")
                            .query(Long.class)
                            .single())
                    .as("with what the updates left behind")
                    .isLessThan(2 << 20);
            assertThat(log.lines()).hasSizeLessThan(20);
            assertThat(bytes).isGreaterThan(30L << 20);
            assertThat(memory() - memory).as("kept in memory").isLessThan(bytes / 2);
        }
    }

    /** @return how many bytes were sent */
    private long send() {
        long bytes = 0;
        try (KafkaProducer<String, byte[]> producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", service.infrastructure().bootstrapServers(), "linger.ms", 5),
                new StringSerializer(),
                new ByteArraySerializer())) {
            for (int i = 0; i < FORGED; i++) {
                ProducerRecord<String, byte[]> record = forged(i);
                bytes += record.value().length;
                var _ = producer.send(record);
                if (i % (FORGED / REAL) == 0) {
                    String key = keys.get(random.nextInt(KEYS));
                    String code = "real " + i;
                    real.computeIfAbsent(key, none -> new ArrayList<>()).add(code);
                    var _ = producer.send(SignedEvents.toRecord(platform.signed(vault(code), key)));
                }
            }
        }
        return bytes;
    }

    /** Half of them under the key of a real event. */
    private ProducerRecord<String, byte[]> forged(int number) {
        String key = random.nextBoolean() ? keys.get(random.nextInt(KEYS)) : Ids.next();
        String code = "forged " + number;
        return switch (number % 4) {
            case 0 -> SignedEvents.toRecord(platform.signed(vault(code), key, impostor, Instant.now()));
            case 1 ->
                SignedEvents.toRecord(stranger.sign(new CloudEventBuilder(platform.signed(vault(code), key))
                        .withSource(URI.create("urn:mallory:" + number))
                        .build()));
            case 2 -> {
                CloudEvent genuine = platform.signed(vault(code), key);
                yield SignedEvents.toRecord(new CloudEventBuilder(genuine)
                        .withData(platform.signed(vault(code + " altered"), key).getData())
                        .build());
            }
            default -> {
                byte[] noise = new byte[2 * NOISE];
                random.nextBytes(noise);
                ProducerRecord<String, byte[]> record = new ProducerRecord<>(TOKEN_TOPIC, key, noise);
                record.headers().add("ce_id", code.getBytes(StandardCharsets.UTF_8));
                yield record;
            }
        };
    }

    private static long memory() {
        ManagementFactory.getMemoryMXBean().gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }
}
