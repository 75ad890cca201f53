package io.jiucang.warehouse;

import io.jiucang.events.DeliveryEvent.DeliveredCase;
import io.jiucang.events.WarehouseEvent.CasesReturned;
import io.jiucang.events.WarehouseEvent.CasesShipped;
import io.jiucang.events.WarehouseEvent.ShipmentCancelled;
import io.jiucang.events.value.PickupId;
import io.jiucang.events.value.TokenId;
import io.jiucang.warehouse.ShipmentEvent.ReturnExpected;
import io.jiucang.warehouse.ShipmentEvent.ShipmentRequested;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.axonframework.eventhandling.EventHandler;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** Keeps and serves the worklist of what shall leave with couriers, and of what comes back. */
@Component
class ShipmentViews {

    private static final String SELECT = """
            select s.*,
                exists (select from shipment_case c where c.pickup_id = s.pickup_id and c.state = 'WAITING') as waiting,
                (select json_agg(json_build_object('tokenId', token_id, 'boxCode', box_code, 'site', site, 'bin', bin,
                        'state', state, 'courier', courier) order by place) from shipment_case c
                    where c.pickup_id = s.pickup_id) as cases
            from shipment s
            """;

    private final JdbcClient jdbc;
    private final JsonMapper json;
    private final WarehouseSettings settings;
    private final Clock clock;

    ShipmentViews(JdbcClient jdbc, JsonMapper json, WarehouseSettings settings, Clock clock) {
        this.jdbc = jdbc;
        this.json = json;
        this.settings = settings;
        this.clock = clock;
    }

    @EventHandler
    void on(ShipmentRequested event, @org.axonframework.eventhandling.Timestamp Instant requestedAt) {
        jdbc.sql("insert into shipment (pickup_id, carrier, requested_at, accept_by) values (?, ?, ?, ?)")
                .param(event.pickupId().value())
                .param(event.carrier())
                .param(Timestamp.from(requestedAt))
                .param(Timestamp.from(event.acceptBy()))
                .update();
        for (int place = 0; place < event.cases().size(); place++) {
            jdbc.sql("""
                            insert into shipment_case (pickup_id, place, token_id, box_code, site, bin, state)
                            values (?, ?, ?, ?, ?, ?, 'WAITING')""")
                    .param(event.pickupId().value())
                    .param(place)
                    .param(event.cases().get(place).tokenId().toString())
                    .param(event.cases().get(place).boxCode().toString())
                    .param(event.cases().get(place).site())
                    .param(event.cases().get(place).bin())
                    .update();
        }
    }

    @EventHandler
    void on(CasesShipped event) {
        move(event.pickupId(), DeliveredCase.tokens(event.cases()), Shipment.State.SHIPPED);
        jdbc.sql("update shipment_case set courier = ? where pickup_id = ? and token_id = any(?)")
                .param(event.courier())
                .param(event.pickupId().value())
                .param(texts(DeliveredCase.tokens(event.cases())))
                .update();
    }

    @EventHandler
    void on(CasesReturned event) {
        move(event.pickupId(), DeliveredCase.tokens(event.cases()), Shipment.State.RETURNED);
        jdbc.sql("update shipment_case set site = ?, bin = ? where pickup_id = ? and token_id = any(?)")
                .param(event.site())
                .param(event.bin())
                .param(event.pickupId().value())
                .param(texts(DeliveredCase.tokens(event.cases())))
                .update();
    }

    @EventHandler
    void on(ShipmentCancelled event) {
        move(event.pickupId(), event.tokens(), Shipment.State.CANCELLED);
    }

    @EventHandler
    void on(ReturnExpected event) {
        move(event.pickupId(), event.tokens(), Shipment.State.EXPECTED);
    }

    private void move(PickupId pickup, List<TokenId> tokens, Shipment.State to) {
        jdbc.sql("update shipment_case set state = ? where pickup_id = ? and token_id = any(?)")
                .param(to.name())
                .param(pickup.value())
                .param(texts(tokens))
                .update();
    }

    private static String[] texts(List<TokenId> tokens) {
        return tokens.stream().map(TokenId::toString).toArray(String[]::new);
    }

    Optional<ShipmentView> find(PickupId id) {
        return jdbc.sql(SELECT + "where pickup_id = ?")
                .param(id.value())
                .query(this::read)
                .optional();
    }

    /** Those with a case in this state at this site, oldest first. */
    List<ShipmentView> list(@Nullable String site, Shipment.@Nullable State state, long after, int size) {
        return jdbc.sql(SELECT + """
                        where position > :after
                            and exists (select from shipment_case c where c.pickup_id = s.pickup_id
                                and (:site::text is null or c.site = :site)
                                and (:state::text is null or c.state = :state))
                        order by position limit :size""")
                .param("after", after)
                .param("site", site)
                .param("state", state == null ? null : state.name())
                .param("size", size)
                .query(this::read)
                .list();
    }

    Overdue overdue() {
        return jdbc.sql("""
                        select count(*), min(requested_at) from shipment s
                        where requested_at < ? and exists (select from shipment_case c
                            where c.pickup_id = s.pickup_id and c.state = 'WAITING')""")
                .param(Timestamp.from(overdueBefore()))
                .query(Overdue::read)
                .single();
    }

    private Instant overdueBefore() {
        return clock.instant().minus(settings.shipmentDeadline());
    }

    private ShipmentView read(ResultSet row, int number) throws SQLException {
        Instant requestedAt = row.getTimestamp("requested_at").toInstant();
        return new ShipmentView(
                row.getLong("position"),
                row.getString("pickup_id"),
                row.getString("carrier"),
                requestedAt,
                row.getTimestamp("accept_by").toInstant(),
                row.getBoolean("waiting") && requestedAt.isBefore(overdueBefore()),
                json.readValue(row.getString("cases"), new TypeReference<>() {}));
    }
}
