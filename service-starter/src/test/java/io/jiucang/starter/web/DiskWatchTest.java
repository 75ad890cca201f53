package io.jiucang.starter.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jiucang.starter.RefusedToStart;
import io.jiucang.starter.ServiceSettings;
import io.jiucang.starter.web.DiskWatch.Space;
import io.jiucang.starter.web.DiskWatch.State;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.boot.health.contributor.Status;
import org.springframework.kafka.core.DefaultKafkaConsumerFactory;
import org.springframework.kafka.listener.ConcurrentMessageListenerContainer;
import org.springframework.kafka.listener.ContainerProperties;
import org.springframework.kafka.listener.MessageListenerContainer;
import org.springframework.util.unit.DataSize;

class DiskWatchTest {

    private static final long MB = 1 << 20;
    private static final long GB = 1 << 30;

    private final MessageListenerContainer inbox = new ConcurrentMessageListenerContainer<>(
            new DefaultKafkaConsumerFactory<>(Map.of()), new ContainerProperties("topic"));
    private final DiskWatch watch = watch(Path.of(""));
    private long usable;
    private long total = 100 * GB;

    private DiskWatch watch(Path directory) {
        ServiceSettings.Disk settings =
                new ServiceSettings.Disk(List.of(directory), 10, DataSize.ofMegabytes(512), Duration.ofSeconds(1));
        return new DiskWatch(settings, asked -> new Space(usable, total), () -> List.of(inbox));
    }

    private State with(long free) {
        usable = free;
        watch.look();
        return watch.state();
    }

    @Test
    void warnsBelowATenthOfTheDisk() {
        assertThat(with(10 * GB)).isEqualTo(State.AMPLE);
        assertThat(with(10 * GB - 1)).isEqualTo(State.LOW);
        assertThat(watch.health().getStatus()).isEqualTo(Status.UP);
        assertThat(watch.health().getDetails().get("warning")).asString().contains("is getting full; below 512 MB");
    }

    @Test
    void warnsOfASmallDiskWhileThereIsTwiceTheReserve() {
        total = 4 * GB;
        assertThat(with(GB)).isEqualTo(State.AMPLE);
        assertThat(with(GB - 1)).isEqualTo(State.LOW);
    }

    @Test
    void stopsIntakeWhenOnlyTheReserveIsLeft() {
        assertThat(with(512 * MB)).isEqualTo(State.LOW);
        assertThat(inbox.isPauseRequested()).isFalse();

        assertThat(with(512 * MB - 1)).isEqualTo(State.FULL);
        assertThat(inbox.isPauseRequested()).isTrue();
        assertThat(watch.health().getStatus()).isEqualTo(Status.OUT_OF_SERVICE);
        assertThat(watch.health().getDetails().get("reason"))
                .asString()
                .startsWith("DISK_FULL: the disk of ")
                .contains("until it has 640 MB");
    }

    @Test
    void goesOnWithALittleMoreThanWhatStoppedIt() {
        with(0);
        assertThat(with(640 * MB - 1)).isEqualTo(State.FULL);
        assertThat(inbox.isPauseRequested()).isTrue();

        assertThat(with(640 * MB)).isEqualTo(State.LOW);
        assertThat(inbox.isPauseRequested()).isFalse();
        assertThat(with(639 * MB)).isEqualTo(State.LOW);
        assertThat(with(50 * GB)).isEqualTo(State.AMPLE);
    }

    @Test
    void judgesByTheFullestDisk() {
        ServiceSettings.Disk both = new ServiceSettings.Disk(
                List.of(Path.of(""), Path.of("/")), 10, DataSize.ofMegabytes(512), Duration.ofSeconds(1));
        DiskWatch watch = new DiskWatch(
                both, asked -> new Space(asked.isAbsolute() ? 0 : 50 * GB, 100 * GB), () -> List.of(inbox));
        watch.look();
        assertThat(watch.state()).isEqualTo(State.FULL);
        assertThat(watch.reason()).startsWith("the disk of / has");
    }

    @Test
    void takesADiskThatDoesNotAnswerForNothing() {
        ServiceSettings.Disk settings =
                new ServiceSettings.Disk(List.of(Path.of("")), 10, DataSize.ofMegabytes(512), Duration.ofSeconds(1));
        DiskWatch watch = new DiskWatch(
                settings,
                asked -> {
                    throw new IOException("stale");
                },
                () -> List.of(inbox));
        watch.look();
        assertThat(watch.state()).isEqualTo(State.AMPLE);
    }

    @Test
    void refusesADirectoryThatIsNotThere() {
        assertThatThrownBy(() -> watch(Path.of("/nowhere")))
                .isInstanceOf(RefusedToStart.class)
                .hasMessageEndingWith("jiucang.disk.directories: /nowhere is not a directory");
    }
}
