package io.jiucang.events;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import org.junit.jupiter.api.Test;

class EventTypesTest {

    @Test
    void namesEveryEventOnceAndFindsItAgain() {
        assertThat(EventTypes.all()).hasSizeGreaterThan(30).allSatisfy(event -> {
            assertThat(event).isRecord();
            assertThat(EventTypes.classOf(EventTypes.typeOf(event))).contains(event);
        });
    }

    @Test
    void namesCarryServiceAndVersionAndNoClassName() {
        assertThat(EventTypes.typeOf(OrderEvent.OrderPlaced.class)).isEqualTo("io.jiucang.order.OrderPlaced.v1");
        assertThat(EventTypes.typeOf(LedgerEvent.EventsAnchored.class))
                .isEqualTo("io.jiucang.ledger.EventsAnchored.v1");
        assertThat(EventTypes.wireName("order", "OrderPlacedV2")).isEqualTo("io.jiucang.order.OrderPlaced.v2");
        assertThat(EventTypes.wireName("order", "OrderPlacedV12")).isEqualTo("io.jiucang.order.OrderPlaced.v12");
        assertThat(EventTypes.wireName("order", "ReadyForTV")).isEqualTo("io.jiucang.order.ReadyForTV.v1");
    }

    @Test
    void knowsNoOtherTypes() {
        assertThat(EventTypes.classOf("io.jiucang.order.OrderPlaced.v2")).isEmpty();
        assertThat(EventTypes.classOf("io.jiucang.payment.OrderPlaced.v1")).isEmpty();
        assertThatThrownBy(() -> EventTypes.typeOf(OrderEvent.class)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aServicePublishesItsOwnTypesOnItsOwnTopic() {
        assertThat(Topics.topicOf(TokenEvent.TokensMinted.class)).isEqualTo("token.events.v1");
        assertThat(Topics.topicOf(LedgerEvent.EventsAnchored.class)).isEqualTo("ledger.anchors.v1");
        assertThat(Topics.deadLettersOf("order")).isEqualTo("order.dead-letters.v1");
        assertThatThrownBy(() -> Topics.topicOf("bank")).isInstanceOf(IllegalArgumentException.class);

        URI token = URI.create("urn:jiucang:token-service");
        assertThat(Topics.sourceOf("token")).isEqualTo(token);
        assertThat(Topics.mayClaim(token, "io.jiucang.token.TokensMinted.v1")).isTrue();
        assertThat(Topics.mayClaim(token, "io.jiucang.token.NotYetKnown.v7")).isTrue();
        assertThat(Topics.mayClaim(token, "io.jiucang.payment.SaleRecorded.v1")).isFalse();
        assertThat(Topics.mayClaim(token, "com.example.token.TokensMinted.v1")).isFalse();
        assertThat(Topics.mayPublish(token, "token.events.v1")).isTrue();
        assertThat(Topics.mayPublish(token, "order.events.v1")).isFalse();
        assertThat(Topics.mayPublish(URI.create("urn:jiucang:bank-service"), "token.events.v1"))
                .isFalse();
    }

    @Test
    void everyServiceHasATopic() {
        assertThat(EventTypes.all())
                .allSatisfy(event -> assertThat(
                                Topics.mayPublish(Topics.sourceOf(EventTypes.serviceOf(event)), Topics.topicOf(event)))
                        .isTrue());
    }
}
