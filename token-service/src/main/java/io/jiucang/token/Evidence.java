package io.jiucang.token;

import io.cloudevents.CloudEvent;
import io.cloudevents.CloudEventData;
import io.jiucang.events.DeliveryEvent.DeliveryCompleted;
import io.jiucang.events.DeliveryEvent.PickupAuthorised;
import io.jiucang.events.PaymentEvent.SaleRecorded;
import io.jiucang.events.WarehouseEvent.CasesReleased;
import io.jiucang.events.envelope.VerifiedEvent;
import io.jiucang.starter.inbox.SignedEvent;
import io.jiucang.starter.store.SignedEventStore;
import io.jiucang.title.statement.Act;
import io.jiucang.title.statement.Statement;
import io.jiucang.title.statement.Statements;
import io.jiucang.token.Ledger.Leaf;
import java.time.OffsetDateTime;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.axonframework.eventhandling.EventHandler;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * The signed events that a token's life consists of, to be verified by anybody: our own as they were sent, those of
 * others as they came. Where a wallet's device signed within one, the key to verify that is in the events by which the
 * device joined the wallet.
 */
@Component
class Evidence {

    private final JdbcClient jdbc;
    private final SignedEventStore own;
    private final WalletViews wallets;
    private final JsonMapper json;

    Evidence(JdbcClient jdbc, SignedEventStore own, WalletViews wallets, JsonMapper json) {
        this.jdbc = jdbc;
        this.own = own;
        this.wallets = wallets;
        this.json = json;
    }

    /** @param event a CloudEvent in the JSON event format, its data and signatures byte for byte */
    record Item(Leaf leaf, ObjectNode event) {}

    /** By event id; one of our own is not there before it was sent. Whoever signs may give any id: several can bear one. */
    Map<String, List<Item>> find(Collection<String> eventIds) {
        Stream<Item> ours = own.find(eventIds).stream()
                .map(signed -> new Item(
                        Leaf.of(signed.event().getId(), signed.dsseMaterial()),
                        toJson(signed.event(), signed.dsseMaterial())));
        Stream<Item> others = jdbc
                .sql("select event_id, leaf_hash, cloud_event from received_event where event_id = any(?)")
                .param(eventIds.toArray(String[]::new))
                .query((row, number) -> new Item(
                        new Leaf(row.getString(1), row.getString(2)), (ObjectNode) json.readTree(row.getString(3))))
                .list()
                .stream();
        return Stream.concat(ours, others)
                .collect(Collectors.groupingBy(item -> item.leaf().eventId()));
    }

    /** Ids of the events by which the devices joined their wallets that signed within these, oldest first. */
    List<String> admissions(Collection<String> eventIds) {
        return jdbc.sql("""
                        select distinct unnest(device_event_ids) as id from received_event
                        where event_id = any(?) order by id""")
                .param(eventIds.toArray(String[]::new))
                .query((row, number) -> row.getString(1))
                .list();
    }

    @EventHandler
    void on(SaleRecorded event, @SignedEvent VerifiedEvent signed) {
        keep(signed, List.of());
    }

    @EventHandler
    void on(CasesReleased event, @SignedEvent VerifiedEvent signed) {
        keep(signed, List.of());
    }

    @EventHandler
    void on(PickupAuthorised event, @SignedEvent VerifiedEvent signed) {
        Statement<Act.Pickup> word = Statements.read(event.statement(), Act.Pickup.class);
        keep(signed, wallets.admissionOf(word.spoken().sub(), word.kid()));
    }

    @EventHandler
    void on(DeliveryCompleted event, @SignedEvent VerifiedEvent signed) {
        keep(signed, List.of());
    }

    private void keep(VerifiedEvent signed, List<String> deviceEventIds) {
        Leaf leaf = Leaf.of(signed);
        jdbc.sql("insert into received_event (event_id, leaf_hash, cloud_event, device_event_ids) values (?, ?, ?, ?)")
                .param(leaf.eventId())
                .param(leaf.hash())
                .param(toJson(signed.event(), signed.dsseMaterial()).toString())
                .param(deviceEventIds.toArray(String[]::new))
                .update();
    }

    private ObjectNode toJson(CloudEvent event, byte[] dsseMaterial) {
        ObjectNode node = json.createObjectNode();
        for (String name : event.getAttributeNames()) {
            Object value = event.getAttribute(name);
            // An OffsetDateTime on the full minute would leave out its seconds, which RFC 3339 asks for.
            node.put(
                    name,
                    value instanceof OffsetDateTime time ? time.toInstant().toString() : String.valueOf(value));
        }
        for (String name : event.getExtensionNames()) {
            node.put(name, String.valueOf(event.getExtension(name)));
        }
        CloudEventData data = event.getData();
        if (data != null) {
            node.put("data_base64", Base64.getEncoder().encodeToString(data.toBytes()));
        }
        return node.put("dssematerial", Base64.getEncoder().encodeToString(dsseMaterial));
    }
}
