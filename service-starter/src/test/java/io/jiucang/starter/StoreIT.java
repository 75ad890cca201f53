package io.jiucang.starter;

import static io.jiucang.starter.SampleFixtures.count;
import static io.jiucang.starter.SampleFixtures.database;
import static io.jiucang.starter.SampleFixtures.payment;
import static io.jiucang.starter.SampleFixtures.place;
import static io.jiucang.starter.SampleFixtures.request;
import static io.jiucang.starter.SampleFixtures.sale;
import static io.jiucang.starter.test.TestPlatform.LI;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import io.jiucang.events.OrderEvent.OrderPaid;
import io.jiucang.events.OrderEvent.OrderPlaced;
import io.jiucang.events.value.Ids;
import io.jiucang.events.value.OrderId;
import io.jiucang.starter.store.SignedEventStore;
import io.jiucang.starter.store.StoredRowAltered;
import io.jiucang.starter.test.RealInfrastructure;
import io.jiucang.starter.test.RunningService;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The service believes nothing in its database that it did not write, and tells none of it. */
@RealInfrastructure
class StoreIT {

    @RegisterExtension
    static final RunningService service = new RunningService(SampleApplication.class, "order");

    @Test
    void aRowInsertedByHandGoesNowhereAndMovesNothing() {
        OrderId genuine = place(service, request());
        String forged = Ids.next();
        database(service)
                .sql("""
                        with forged as (
                            insert into domain_event_entry (aggregate_identifier, sequence_number, type,
                                event_identifier, told, time_stamp, payload_type, meta_data, payload, envelope, seal)
                            select :forged, 0, type, :id, told, time_stamp, payload_type, meta_data,
                                convert_to(replace(convert_from(payload, 'UTF8'), :genuine, :forged), 'UTF8'),
                                envelope, seal
                            from domain_event_entry where aggregate_identifier = :genuine
                            returning global_index)
                        insert into outbox (global_index) select global_index from forged""")
                .param("forged", forged)
                .param("genuine", genuine.value())
                .param("id", Ids.next())
                .update();

        OrderId later = place(service, request());
        service.awaitPublished(OrderPlaced.class, event -> event.orderId().equals(later));
        await().untilAsserted(() -> assertThat(withheld()).isEqualTo(1));
        assertThat(service.records("order.events.v1"))
                .extracting(record -> record.key())
                .doesNotContain(forged);
        assertThat(service.post(payment(new OrderId(forged)), "", LI).reason()).isEqualTo("INTERNAL_ERROR");
        assertThat(count(service, "domain_event_entry where aggregate_identifier = '" + forged + "'"))
                .isEqualTo(1);
        database(service).sql("delete from outbox").update();
    }

    @Test
    void anAlteredEventIsNotBelieved() {
        OrderId orderId = place(service, request());
        service.awaitPublished(OrderPlaced.class, event -> event.orderId().equals(orderId));
        database(service).sql("""
                        update domain_event_entry
                        set payload = convert_to(replace(convert_from(payload, 'UTF8'), ?, 'wang'), 'UTF8')
                        where aggregate_identifier = ?""").params(LI, orderId.value()).update();

        assertThat(service.post(payment(orderId), "", LI).reason()).isEqualTo("INTERNAL_ERROR");
        assertThatExceptionOfType(StoredRowAltered.class)
                .isThrownBy(() -> service.bean(SignedEventStore.class).find(eventsOf(orderId)))
                .withMessageContaining("event 0 of " + orderId);
    }

    @Test
    void aMissingEventIsNamed() {
        OrderId orderId = place(service, request());
        assertThat(service.post(payment(orderId), "", LI).status()).isEqualTo(204);
        assertThat(service.post(payment(orderId), "", LI).status()).isEqualTo(204);
        database(service)
                .sql("delete from domain_event_entry where aggregate_identifier = ? and sequence_number = 1")
                .param(orderId.value())
                .update();

        assertThat(service.post(payment(orderId), "", LI).reason()).isEqualTo("INTERNAL_ERROR");
    }

    @Test
    void anAlteredSnapshotIsReadAroundAndAnAlteredSagaNotAtAll() {
        OrderId orderId = place(service, request());
        for (int i = 0; i < 6; i++) {
            assertThat(service.post(payment(orderId), "", LI).status()).isEqualTo(204);
        }
        assertThat(database(service).sql("""
                                update snapshot_event_entry
                                set payload = convert_to(replace(convert_from(payload, 'UTF8'), 'false', 'true'), 'UTF8')
                                where aggregate_identifier = ?""").param(orderId.value()).update()).isEqualTo(1);
        assertThat(service.post(payment(orderId), "", LI).status())
                .as("its events say that it has not ended")
                .isEqualTo(204);

        String key = Ids.next();
        database(service).sql("""
                        update saga_entry set serialized_saga = convert_to(replace(
                            convert_from(serialized_saga, 'UTF8'), '"outstanding":1', '"outstanding":2'), 'UTF8')
                        where saga_id = (select saga_id from association_value_entry where association_value = ?)""").param(orderId.value()).update();
        service.publish(sale(orderId, 1), key);
        await().untilAsserted(() -> assertThat(count(service, "parked_event where event_key = '" + key + "'"))
                .isEqualTo(1));
    }

    /** A saga that is made to listen to another order would act on it. */
    @Test
    void anAssociationWrittenByHandWakesNoSaga() {
        OrderId mine = place(service, request());
        OrderId other = place(service, request());
        database(service).sql("""
                        insert into association_value_entry (association_key, association_value, saga_id, saga_type, seal)
                        select association_key, ?, saga_id, saga_type, seal from association_value_entry
                        where association_value = ?""").params(other.value(), mine.value()).update();
        String key = Ids.next();

        service.publish(sale(other, 1), key);

        await().untilAsserted(() -> assertThat(count(service, "parked_event where event_key = '" + key + "'"))
                .isEqualTo(1));
        assertThat(database(service)
                        .sql("select detail from parked_event where event_key = ?")
                        .param(key)
                        .query(String.class)
                        .single())
                .contains("association_value_entry");
    }

    @Test
    void numbersWhatAnAggregateTellsWithoutGaps() {
        OrderId orderId = place(service, request());
        for (int i = 0; i < 3; i++) {
            service.post(payment(orderId), "", LI);
        }
        service.awaitPublished(OrderPaid.class, event -> event.orderId().equals(orderId));

        assertThat(database(service)
                        .sql(
                                "select told from domain_event_entry where aggregate_identifier = ? order by sequence_number")
                        .param(orderId.value())
                        .query(Long.class)
                        .list())
                .containsExactly(0L, 1L, 2L, 3L);
    }

    private static double withheld() {
        return service.bean(MeterRegistry.class)
                .get("jiucang.relay.withheld")
                .gauge()
                .value();
    }

    private static List<String> eventsOf(OrderId orderId) {
        return database(service)
                .sql("select event_identifier from domain_event_entry where aggregate_identifier = ?")
                .param(orderId.value())
                .query((row, number) -> row.getString(1))
                .list();
    }
}
