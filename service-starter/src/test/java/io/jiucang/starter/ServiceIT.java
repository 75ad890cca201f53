package io.jiucang.starter;

import static io.jiucang.starter.test.TestPlatform.LI;
import static org.assertj.core.api.Assertions.assertThat;

import io.jiucang.events.OrderEvent.OrderPlaced;
import io.jiucang.events.value.OrderId;
import io.jiucang.starter.test.RealInfrastructure;
import io.jiucang.starter.test.RunningService;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.axonframework.common.Registration;
import org.axonframework.eventhandling.DomainEventMessage;
import org.axonframework.eventhandling.EventMessage;
import org.axonframework.eventsourcing.eventstore.EventStore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

@RealInfrastructure
class ServiceIT {

    @RegisterExtension
    static final RunningService service = new RunningService(SampleApplication.class, "order");

    @Test
    void tellsWhatHappened() {
        RunningService.Answer answer = service.post(
                "/api/v1/orders", new SampleApplication.OrderController.Request(2, Instant.now(), "", ""), LI);

        assertThat(answer.status()).as(answer.response().body()).isEqualTo(201);
        String orderId = answer.json().get("orderId").asString();
        OrderPlaced placed = service.awaitPublished(
                OrderPlaced.class, event -> event.orderId().value().equals(orderId));
        assertThat(SampleApplication.Wish.in(placed).buyer()).isEqualTo(LI);
        assertThat(SampleApplication.Wish.in(placed).quantity()).isEqualTo(2);
    }

    @Test
    void givesAnEventTheSameTimeWhenItIsReadAgain() {
        List<EventMessage<?>> handled = new CopyOnWriteArrayList<>();
        EventStore events = service.bean(EventStore.class);
        try (Registration _ = events.subscribe(handled::addAll)) {
            OrderId orderId = SampleFixtures.place(service, SampleFixtures.request());

            DomainEventMessage<?> again = events.readEvents(orderId.value()).next();
            assertThat(handled)
                    .filteredOn(event -> event.getIdentifier().equals(again.getIdentifier()))
                    .singleElement()
                    .extracting(EventMessage::getTimestamp)
                    .isEqualTo(again.getTimestamp());
        }
    }
}
