package io.jiucang.starter.test;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.annotation.Configuration;
import org.springframework.test.context.junit.jupiter.SpringJUnitConfig;

@SpringJUnitConfig
@RealInfrastructure(topics = "order.events.v1", partitions = 2)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class RealInfrastructureIT {

    private static final String GROUP = "inbox";
    private static final TopicPartition PARTITION = new TopicPartition("order.events.v1", 0);

    @Configuration
    static class NoBeans {}

    @Test
    @Order(1)
    void setsSpringsProperties(
            @Value("${spring.datasource.url}") String url,
            @Value("${spring.datasource.username}") String user,
            @Value("${spring.datasource.password}") String password,
            @Value("${spring.kafka.bootstrap-servers}") String bootstrapServers,
            Infrastructure infrastructure) {
        assertThat(new Infrastructure(url, user, password, bootstrapServers)).isEqualTo(infrastructure);
    }

    @Nested
    class InANestedClass {

        @Test
        void isTheSame(@Value("${spring.datasource.password}") String password, Infrastructure infrastructure) {
            assertThat(password).isEqualTo(infrastructure.password());
        }
    }

    @Test
    @Order(2)
    void beginsEachClassWithNothingOfTheLast(Infrastructure first) throws Exception {
        execute(first, "CREATE TABLE left_over (id int)");
        publishAndCommit(first);

        // As another class would, which ends this one's use of them.
        Infrastructure again = InfrastructureExtension.prepare(RealInfrastructureIT.class);
        assertThat(again.jdbcUrl()).isEqualTo(first.jdbcUrl());
        try (Connection connection = again.dataSource().getConnection();
                Statement statement = connection.createStatement();
                ResultSet found = statement.executeQuery("SELECT FROM pg_tables WHERE tablename = 'left_over'")) {
            assertThat(found.next()).isFalse();
        }
        try (KafkaConsumer<String, String> consumer = consumer(again);
                Admin admin = Admin.create(Map.of("bootstrap.servers", again.bootstrapServers()))) {
            assertThat(consumer.committed(Set.of(PARTITION))).containsEntry(PARTITION, null);
            assertThat(consumer.endOffsets(List.of(PARTITION))).containsEntry(PARTITION, 0L);
            assertThat(admin.listTopics().names().get()).containsExactly("order.events.v1");
            assertThat(consumer.partitionsFor("order.events.v1")).hasSize(2);
        }
    }

    private static void publishAndCommit(Infrastructure infrastructure) throws Exception {
        try (KafkaProducer<String, String> producer = new KafkaProducer<>(
                        Map.of("bootstrap.servers", infrastructure.bootstrapServers()),
                        new StringSerializer(),
                        new StringSerializer());
                KafkaConsumer<String, String> consumer = consumer(infrastructure)) {
            producer.send(new ProducerRecord<>(PARTITION.topic(), PARTITION.partition(), "key", "value"))
                    .get();
            consumer.assign(List.of(PARTITION));
            consumer.commitSync(Map.of(PARTITION, new OffsetAndMetadata(1)));
        }
    }

    private static KafkaConsumer<String, String> consumer(Infrastructure infrastructure) {
        return new KafkaConsumer<>(
                Map.of("bootstrap.servers", infrastructure.bootstrapServers(), "group.id", GROUP),
                new StringDeserializer(),
                new StringDeserializer());
    }

    private static void execute(Infrastructure infrastructure, String sql) throws Exception {
        try (Connection connection = infrastructure.dataSource().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
