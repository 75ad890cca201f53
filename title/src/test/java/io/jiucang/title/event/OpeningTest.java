package io.jiucang.title.event;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.jiucang.events.DomainEvent;
import io.jiucang.events.EventJson;
import io.jiucang.events.EventTypes;
import io.jiucang.title.Page;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Contract and law call an event by the same name. */
class OpeningTest {

    private static final String CONTRACTS = "common-events/src/test/resources/approved/";

    /** Their contracts do not carry yet what the law asks of them. */
    private static final Set<String> NOT_YET = Set.of(
            "SalesPlanCreated",
            "OrderPlaced",
            "OrderCancelled",
            "PaymentCaptured",
            "TokensSold",
            "CasesReleased",
            "TokenGranted",
            "PickupAuthorised",
            "PickupCancelled",
            "CasesShipped",
            "DeliveryCompleted",
            "TokenBurned");

    @Test
    void everyEventOfTheLawThatIsToldIsOpened() {
        Set<String> law = records(LawEvent.class).map(Class::getSimpleName).collect(Collectors.toSet());
        assertThat(EventTypes.all())
                .filteredOn(event -> law.contains(event.getSimpleName()) && !NOT_YET.contains(event.getSimpleName()))
                .isNotEmpty()
                .allSatisfy(event -> assertThat(opened(event)).hasValue(event.getSimpleName()));
    }

    @Test
    void nothingElseIs() {
        Set<String> law = records(LawEvent.class).map(Class::getSimpleName).collect(Collectors.toSet());
        assertThat(law).containsAll(NOT_YET);
        assertThat(EventTypes.all())
                .filteredOn(event -> !law.contains(event.getSimpleName()) || NOT_YET.contains(event.getSimpleName()))
                .allSatisfy(event -> assertThat(opened(event)).isEmpty());
    }

    private static Stream<Class<?>> records(Class<?> type) {
        return type.isSealed()
                ? Arrays.stream(type.getPermittedSubclasses()).flatMap(OpeningTest::records)
                : Stream.of(type);
    }

    private static Optional<String> opened(Class<? extends DomainEvent> event) {
        String approved = Page.read(CONTRACTS + EventTypes.typeOf(event) + ".json");
        return Opening.meaning(EventJson.read(approved.getBytes(UTF_8), event))
                .map(meaning -> meaning.getClass().getSimpleName());
    }
}
