package io.jiucang.events;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

class EventJsonTest {

    static List<DomainEvent> samples() {
        return EventSamples.ALL;
    }

    /** First of all, because a new event's file is also counted and read back; without -Dapprove it only compares. */
    @BeforeAll
    static void everySampleWritesTheApprovedBytes() throws IOException {
        for (DomainEvent event : EventSamples.ALL) {
            Approved.requireSame(file(event), EventJson.write(event));
        }
    }

    @Test
    void everyTypeHasOneSampleAndOneApprovedFile() throws IOException {
        assertThat(EventSamples.ALL).extracting(DomainEvent::getClass).containsExactlyElementsOf(EventTypes.all());
        try (Stream<Path> files = Files.list(Path.of("src/test/resources/approved"))) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .containsExactlyInAnyOrderElementsOf(EventTypes.all().stream()
                            .map(event -> EventTypes.typeOf(event) + ".json")
                            .toList());
        }
    }

    @ParameterizedTest
    @MethodSource("samples")
    void readsTheApprovedBytesBack(DomainEvent event) throws IOException {
        assertThat(EventJson.read(Approved.read(file(event)), event.getClass())).isEqualTo(event);
    }

    @ParameterizedTest
    @MethodSource("samples")
    void passesOverPropertiesItDoesNotKnow(DomainEvent event) {
        ObjectNode json = tree(event).put("addedLater", "x");
        json.putObject("addedToo").put("nested", 1);
        assertThat(read(json, event)).isEqualTo(event);
    }

    @ParameterizedTest
    @MethodSource("samples")
    void refusesAnyPropertyMissingOrNullOrOfAnotherKind(DomainEvent event) {
        for (String name : tree(event).propertyNames()) {
            ObjectNode missing = tree(event);
            missing.remove(name);
            ObjectNode isNull = tree(event);
            isNull.putNull(name);
            ObjectNode anotherKind = tree(event);
            JsonNode value = anotherKind.path(name);
            if (value.isString()) {
                anotherKind.put(name, true);
            } else {
                anotherKind.put(name, "1");
            }
            for (ObjectNode json : List.of(missing, isNull, anotherKind)) {
                assertUnreadable(json.toString(), event.getClass());
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "null",
                "[]",
                "{",
                "{\"orderId\":\"019aa0c0-0000-7000-8000-000000000003\"} x",
                "{\"orderId\":\"019aa0c0-0000-7000-8000-000000000003\",\"orderId\":\"019aa0c0-0000-7000-8000-000000000003\"}",
                "{\"orderId\":\"019AA0C0-0000-7000-8000-000000000003\"}",
                "{\"orderId\":{\"value\":\"019aa0c0-0000-7000-8000-000000000003\"}}"
            })
    void refusesWhatIsNotExactlyOneEvent(String json) {
        assertUnreadable(json, OrderEvent.CancellationRefused.class);
    }

    @Test
    void refusesNumbersThatAreNotWhole() {
        String minted = new String(
                EventJson.write(new TokenEvent.TokensMinted(EventSamples.VAULT, EventSamples.PLAN, 1, 5)),
                StandardCharsets.UTF_8);
        for (String count : List.of("5.0", "5e0", "-5", "0", "9223372036854775808", "\"5\"")) {
            assertUnreadable(minted.replace("\"count\":5", "\"count\":" + count), TokenEvent.TokensMinted.class);
        }
    }

    @Test
    void refusesAnOrdinalForAnEnum() {
        assertUnreadable(
                "{\"paymentId\":\"" + EventSamples.PAYMENT + "\",\"orderId\":\"" + EventSamples.ORDER
                        + "\",\"reason\":0}",
                PaymentEvent.PaymentClosed.class);
    }

    private static void assertUnreadable(String json, Class<? extends DomainEvent> event) {
        assertThatThrownBy(() -> EventJson.read(json.getBytes(StandardCharsets.UTF_8), event))
                .as(json)
                .isInstanceOfSatisfying(
                        EventRefused.class,
                        refused -> assertThat(refused.reason()).isEqualTo(EventRefused.Reason.UNREADABLE_DATA));
    }

    private static ObjectNode tree(DomainEvent event) {
        return EventJson.mapper().readTree(EventJson.write(event)).asObject();
    }

    private static DomainEvent read(ObjectNode json, DomainEvent event) {
        return EventJson.read(json.toString().getBytes(StandardCharsets.UTF_8), event.getClass());
    }

    private static String file(DomainEvent event) {
        return "approved/" + EventTypes.typeOf(event.getClass()) + ".json";
    }
}
