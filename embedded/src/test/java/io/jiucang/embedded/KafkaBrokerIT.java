package io.jiucang.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import io.jiucang.embedded.EmbeddedFailure.Reason;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KafkaBrokerIT {

    @TempDir
    private Path directory;

    @Test
    void keepsItsIdentityAndTopics() throws Exception {
        String cluster;
        try (KafkaBroker broker = KafkaBroker.start(directory, 0)) {
            broker.createTopic("orders", 3);
            broker.createTopic("orders", 3);
            cluster = clusterId(broker);
        }
        try (KafkaBroker broker = KafkaBroker.start(directory, 0);
                Admin admin = admin(broker)) {
            assertThat(clusterId(broker)).isEqualTo(cluster);
            assertThat(admin.listTopics().names().get()).containsExactly("orders");
            assertThat(admin.describeTopics(List.of("orders")).allTopicNames().get())
                    .hasEntrySatisfying(
                            "orders", topic -> assertThat(topic.partitions()).hasSize(3));
        }
    }

    @Test
    void namesThePortInUse() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
            assertThatExceptionOfType(EmbeddedFailure.class)
                    .isThrownBy(() -> KafkaBroker.start(directory, taken.getLocalPort()))
                    .withMessageStartingWith("Port " + taken.getLocalPort() + " is in use by process ")
                    .satisfies(failure -> assertThat(failure.reason()).isEqualTo(Reason.PORT_IN_USE));
        }
    }

    @Test
    void namesWhatIsDamaged() throws Exception {
        KafkaBroker.start(directory, 0).close();
        Path properties = directory.resolve("data/meta.properties");

        Files.writeString(properties, "node.id=\\u00zz");
        assertFails(Reason.DIRECTORY_DAMAGED, "meta.properties is unreadable");

        Files.writeString(properties, "node.id=1\nversion=1\n");
        assertFails(Reason.DIRECTORY_DAMAGED, "meta.properties is not ours");

        Files.delete(properties);
        assertFails(Reason.DIRECTORY_DAMAGED, "meta.properties is missing");
    }

    @Test
    void redoesAFormatThatWasCutShort() throws Exception {
        Files.createDirectories(directory.resolve("data.new"));
        Files.writeString(directory.resolve("data.new/bootstrap.checkpoint"), "half");
        KafkaBroker.start(directory, 0).close();
        assertThat(directory.resolve("data.new")).doesNotExist();
    }

    @Test
    void leavesADirectoryInUseAlone() {
        try (KafkaBroker broker = KafkaBroker.start(directory, 0)) {
            assertFails(Reason.DIRECTORY_IN_USE, "stop that one first");
            broker.createTopic("still-served", 1);
        }
    }

    @Test
    void tellsOfAFatalFaultInsteadOfEndingTheProcess() throws Exception {
        try (KafkaBroker broker = KafkaBroker.start(directory, 0)) {
            assertThat(broker.failure()).isNotDone();
            ServerDirectory.deleteTree(directory.resolve("data"));
            broker.createTopic("nowhere", 1);
            assertThat(broker.failure())
                    .succeedsWithin(Duration.ofSeconds(60))
                    .extracting(EmbeddedFailure::reason)
                    .isEqualTo(Reason.SERVER_FAILED);
            assertThatExceptionOfType(EmbeddedFailure.class).isThrownBy(() -> broker.createTopic("no-answer", 1));
            assertTimeout(Duration.ofSeconds(8), broker::close);
        }
    }

    private void assertFails(Reason reason, String message) {
        assertThatExceptionOfType(EmbeddedFailure.class)
                .isThrownBy(() -> KafkaBroker.start(directory, 0))
                .withMessageContaining(message)
                .withMessageContaining(" — ")
                .satisfies(failure -> assertThat(failure.reason()).isEqualTo(reason));
    }

    private static String clusterId(KafkaBroker broker) throws Exception {
        try (Admin admin = admin(broker)) {
            return admin.describeCluster().clusterId().get();
        }
    }

    private static Admin admin(KafkaBroker broker) {
        return Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()));
    }
}
