package io.jiucang.starter;

import static io.jiucang.starter.SampleFixtures.count;
import static io.jiucang.starter.SampleFixtures.database;
import static io.jiucang.starter.SampleFixtures.effects;
import static io.jiucang.starter.SampleFixtures.place;
import static io.jiucang.starter.SampleFixtures.request;
import static io.jiucang.starter.SampleFixtures.vault;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.jiucang.events.OrderEvent.OrderPlaced;
import io.jiucang.events.Topics;
import io.jiucang.events.value.Ids;
import io.jiucang.events.value.OrderId;
import io.jiucang.starter.store.Evidence;
import io.jiucang.starter.test.RealInfrastructure;
import io.jiucang.starter.test.RunningService;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** A topic that is missing is made, one that is not as agreed is refused, and what was told in it is told again. */
@RealInfrastructure
@ExtendWith(OutputCaptureExtension.class)
class TopicsIT {

    private static final String OWN = "order.events.v1";
    private static final String DEAD_LETTERS = "order.dead-letters.v1";
    private static final String ANOTHERS = "token.events.v1";
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @RegisterExtension
    static final RunningService service = new RunningService(
            SampleApplication.class,
            "order",
            Map.of(
                    "jiucang.patience", "1s",
                    "spring.kafka.producer.properties.metadata.max.age.ms", "500",
                    "spring.kafka.consumer.properties.metadata.max.age.ms", "500"));

    @Test
    void makesWhatIsMissingAndTellsAgainWhatStoodInIt(CapturedOutput output) throws Exception {
        List<OrderId> placed =
                Stream.generate(() -> place(service, request())).limit(3).toList();
        byte[] evidence = "evidence".getBytes(StandardCharsets.UTF_8);
        service.bean(Evidence.class).keep(evidence);
        service.publish(vault("before"), Ids.next());
        awaitTold(placed);
        await().atMost(PATIENCE)
                .until(() -> database(service)
                        .sql("select told from evidence")
                        .query(Boolean.class)
                        .single());
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(effects(service)).contains("before"));

        service.stop();
        delete(OWN, DEAD_LETTERS, ANOTHERS, Topics.EVIDENCE);
        service.start();

        assertThat(partitions(OWN, DEAD_LETTERS, ANOTHERS, Topics.EVIDENCE)).containsOnly(2);
        assertThat(output).contains("topic " + ANOTHERS + " was missing; made with 2 partitions");
        assertThat(output)
                .containsPattern(
                        "topic " + OWN + " holds nothing of the \\d+ events that were told; all are told again");
        awaitTold(placed);
        assertThat(output)
                .contains(
                        "topic evidence.v1 holds nothing of the 1 pieces of evidence that were told; all are told again");
        assertThat(service.records(Topics.EVIDENCE))
                .extracting(ConsumerRecord::value)
                .containsExactly(evidence);
        service.publish(vault("after"), Ids.next());
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(effects(service)).contains("before", "after"));
        assertThat(effects(service)).doesNotHaveDuplicates();
    }

    /** Or every start would tell everything again. */
    @Test
    void tellsNothingAgainThatIsStillThere(CapturedOutput output) {
        awaitTold(List.of(place(service, request())));
        await().atMost(PATIENCE).until(() -> count(service, "outbox") == 0);
        int before = service.records(OWN).size();
        int said = output.getAll().length();

        service.stop();
        service.start();

        awaitTold(List.of(place(service, request())));
        assertThat(service.records(OWN)).hasSize(before + 1);
        assertThat(output.getAll().substring(said)).doesNotContain("told again").doesNotContain("was missing");
    }

    /** The law is read from their beginning. */
    @Test
    void keepsEventsForEverAndEvidenceByItsName() throws Exception {
        assertThat(setting(OWN, TopicConfig.RETENTION_MS_CONFIG)).isEqualTo("-1");
        assertThat(setting(Topics.EVIDENCE, TopicConfig.CLEANUP_POLICY_CONFIG)).isEqualTo("compact");
    }

    @ParameterizedTest
    @ValueSource(strings = {OWN, ANOTHERS})
    void refusesATopicWithAnotherNumberOfPartitions(String topic) throws Exception {
        List<OrderId> placed = List.of(place(service, request()));
        awaitTold(placed);
        service.stop();
        delete(topic);
        create(topic, 3);

        assertThatThrownBy(service::start)
                .satisfies(failure -> assertThat(new RefusedToStart.Analyzer().analyze(failure))
                        .extracting(FailureAnalysis::getDescription)
                        .isEqualTo("refusing to start: topic " + topic + " has 3 partitions, and jiucang.partitions is"
                                + " 2; set it to 3, for no event of a topic may change its partition"));

        delete(topic);
        service.start();
        awaitTold(placed);
        String code = "in another " + topic;
        service.publish(vault(code), Ids.next());
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(effects(service)).contains(code));
    }

    /** In the new partition would stand what follows on what stands in an old one. */
    @Test
    void sendsNothingToATopicThatGetsMorePartitionsAndSaysWhy(CapturedOutput output) throws Exception {
        List<OrderId> before = List.of(place(service, request()));
        awaitTold(before);
        try (Admin admin = admin()) {
            admin.createPartitions(Map.of(OWN, NewPartitions.increaseTo(3)))
                    .all()
                    .get();
        }
        // So long may the producer not know of it.
        await().atMost(PATIENCE).untilAsserted(() -> {
            place(service, request());
            assertThat(service.get("/actuator/health/readiness", "operator")
                            .response()
                            .body())
                    .contains("topic " + OWN + " has 3 partitions now, not 2");
        });
        List<OrderId> kept = List.of(place(service, request()));
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(
                                service.get("/actuator/health/readiness", null).status())
                        .isEqualTo(503));
        assertThat(count(service, "outbox")).isPositive();
        assertThat(service.records(OWN))
                .extracting(record -> record.partition())
                .doesNotContain(2);
        assertThat(output.getAll().lines())
                .filteredOn(line -> line.contains("events do not leave: ") && line.contains("partitions now"))
                .hasSize(1);

        service.stop();
        delete(OWN);
        service.start();
        awaitTold(before);
        awaitTold(kept);
    }

    private static void awaitTold(List<OrderId> orders) {
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(service.published(OrderPlaced.class))
                        .extracting(OrderPlaced::orderId)
                        .containsAll(orders));
    }

    private static Admin admin() {
        return Admin.create(Map.of("bootstrap.servers", service.infrastructure().bootstrapServers()));
    }

    private static void create(String topic, int partitions) throws ExecutionException, InterruptedException {
        try (Admin admin = admin()) {
            admin.createTopics(List.of(new NewTopic(topic, partitions, (short) 1)))
                    .all()
                    .get();
        }
    }

    private static void delete(String... topics) throws ExecutionException, InterruptedException {
        try (Admin admin = admin()) {
            admin.deleteTopics(List.of(topics)).all().get();
            await().atMost(PATIENCE)
                    .until(() -> admin.listTopics().names().get().stream().noneMatch(Set.of(topics)::contains));
        }
    }

    private static String setting(String topic, String name) throws ExecutionException, InterruptedException {
        ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
        try (Admin admin = admin()) {
            Config config = admin.describeConfigs(List.of(resource)).all().get().get(resource);
            return Objects.requireNonNull(config).get(name).value();
        }
    }

    private static List<Integer> partitions(String... topics) throws ExecutionException, InterruptedException {
        try (Admin admin = admin()) {
            return Objects.requireNonNull(admin.describeTopics(List.of(topics))
                            .allTopicNames()
                            .get())
                    .values()
                    .stream()
                    .map(topic -> topic.partitions().size())
                    .toList();
        }
    }
}
