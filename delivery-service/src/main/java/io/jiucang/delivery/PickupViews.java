package io.jiucang.delivery;

import io.jiucang.delivery.Pickup.Status;
import io.jiucang.delivery.PickupCases.State;
import io.jiucang.events.DeliveryEvent.AddressDestroyed;
import io.jiucang.events.DeliveryEvent.CasesCollected;
import io.jiucang.events.DeliveryEvent.CasesLost;
import io.jiucang.events.DeliveryEvent.DeliveredCase;
import io.jiucang.events.DeliveryEvent.DeliveryAccepted;
import io.jiucang.events.DeliveryEvent.DeliveryCompleted;
import io.jiucang.events.DeliveryEvent.DeliveryFailed;
import io.jiucang.events.DeliveryEvent.DeliveryRequested;
import io.jiucang.events.DeliveryEvent.PickupAuthorised;
import io.jiucang.events.DeliveryEvent.PickupCancellationRequested;
import io.jiucang.events.DeliveryEvent.PickupEndReason;
import io.jiucang.events.DeliveryEvent.PickupEnded;
import io.jiucang.events.DeliveryEvent.PickupOrdered;
import io.jiucang.events.DeliveryEvent.ReturnRequested;
import io.jiucang.events.EventJson;
import io.jiucang.events.value.Money;
import io.jiucang.events.value.PickupId;
import io.jiucang.events.value.TokenId;
import io.jiucang.title.statement.HoldId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.util.Currency;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.axonframework.eventhandling.EventHandler;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import tools.jackson.core.type.TypeReference;

/** The pickups as their owners and carriers see them. */
@Component
class PickupViews {

    private static final String SELECT = """
            select p.*, (
                select json_agg(json_build_object(
                    'tokenId', c.token_id,
                    'boxCode', c.box_code,
                    'site', c.site,
                    'bin', c.bin,
                    'state', c.state) order by c.number)
                from pickup_case c where c.pickup_id = p.pickup_id)::text as cases
            from pickup_view p
            """;

    private static final String ENDED_IF_NOTHING_IS_OPEN = """
             status = case when exists (
                select from pickup_case c
                where c.pickup_id = :pickupId and c.state in ('WAITING', 'CANCELLING', 'COLLECTED'))
                then status else 'ENDED' end""";

    private final JdbcClient jdbc;

    PickupViews(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    Optional<PickupView> find(PickupId pickupId) {
        return jdbc.sql(SELECT + "where p.pickup_id = ?")
                .param(pickupId.value())
                .query(PickupViews::pickup)
                .optional();
    }

    /** The owner's pickups before {@code position}, newest first; from the newest if it is 0. */
    List<PickupView> ofOwner(String owner, long position, int limit) {
        return jdbc.sql(SELECT + """
                        where p.owner = :owner and (:position = 0 or p.position < :position)
                        order by p.position desc limit :limit""")
                .params(Map.of("owner", owner, "position", position, "limit", limit))
                .query(PickupViews::pickup)
                .list();
    }

    /** What was requested of the carrier after {@code position}, oldest first; in any state if {@code status} is null. */
    List<PickupView> ofCarrier(String carrier, @Nullable Status status, long position, int limit) {
        Map<String, Object> params = new HashMap<>(Map.of("carrier", carrier, "position", position, "limit", limit));
        params.put("status", status == null ? "" : status.name());
        return jdbc.sql(SELECT + """
                        where p.carrier = :carrier and p.requested and (:status = '' or p.status = :status)
                            and p.position > :position
                        order by p.position limit :limit""").params(params).query(PickupViews::pickup).list();
    }

    @EventHandler
    void on(PickupOrdered event) {
        jdbc.sql("""
                        insert into pickup_view
                            (pickup_id, owner, carrier, status, currency, delivery_fee, custody_fee, ordered_at)
                        values (?, ?, ?, ?, ?, ?, ?, ?)""")
                .param(event.pickupId().value())
                .param(event.owner())
                .param(event.carrier())
                .param(Status.ORDERED.name())
                .param(event.deliveryFee().currency().getCurrencyCode())
                .param(event.deliveryFee().minorUnits())
                .param(event.custodyFee().minorUnits())
                .param(Timestamp.from(event.orderedAt()))
                .update();
        for (int number = 0; number < event.cases().size(); number++) {
            jdbc.sql("""
                            insert into pickup_case (pickup_id, number, token_id, box_code, site, bin, state)
                            values (?, ?, ?, ?, ?, ?, ?)""")
                    .param(event.pickupId().value())
                    .param(number)
                    .param(event.cases().get(number).tokenId().toString())
                    .param(event.cases().get(number).boxCode().toString())
                    .param(event.cases().get(number).site())
                    .param(event.cases().get(number).bin())
                    .param(State.WAITING.name())
                    .update();
        }
    }

    @EventHandler
    void on(PickupAuthorised event) {
        Authorisation signed = Authorisation.of(event.statement());
        change(
                event.pickupId(),
                "status = 'AUTHORISED', hold_id = :hold, carrier_key_id = :key, envelope_sha256 = :envelope",
                Map.of(
                        "hold", signed.hold().value(),
                        "key", event.carrierKeyId(),
                        "envelope", signed.envelopeSha256()));
    }

    @EventHandler
    void on(DeliveryRequested event) {
        change(
                event.pickupId(),
                "status = 'REQUESTED', requested = true, accept_by = :acceptBy",
                Map.of("acceptBy", Timestamp.from(event.acceptBy())));
    }

    @EventHandler
    void on(DeliveryAccepted event) {
        change(
                event.pickupId(),
                "courier = :courier, status = case status when 'REQUESTED' then 'ACCEPTED' else status end",
                Map.of("courier", event.courier()));
    }

    @EventHandler
    void on(CasesCollected event) {
        settle(event.pickupId(), DeliveredCase.tokens(event.cases()), State.COLLECTED);
        change(
                event.pickupId(),
                "courier = :courier, status = case status when 'RETURNING' then status else 'COLLECTED' end",
                Map.of("courier", event.courier()));
    }

    @EventHandler
    void on(DeliveryFailed event) {
        change(event.pickupId(), "attempts = :attempt", Map.of("attempt", event.attempt()));
    }

    @EventHandler
    void on(DeliveryCompleted event) {
        settle(event.pickupId(), DeliveredCase.tokens(event.cases()), State.DELIVERED);
        change(event.pickupId(), ENDED_IF_NOTHING_IS_OPEN, Map.of());
    }

    @EventHandler
    void on(ReturnRequested event) {
        change(event.pickupId(), "status = case status when 'COLLECTED' then 'RETURNING' else status end", Map.of());
    }

    @EventHandler
    void on(PickupCancellationRequested event) {
        settle(event.pickupId(), event.tokens(), State.CANCELLING);
        change(
                event.pickupId(),
                "cancellation = :reason",
                Map.of("reason", event.reason().name()));
    }

    @EventHandler
    void on(PickupEnded event) {
        settle(event.pickupId(), event.tokens(), State.CANCELLED);
        change(
                event.pickupId(),
                "cancellation = :reason," + ENDED_IF_NOTHING_IS_OPEN,
                Map.of("reason", event.reason().name()));
    }

    @EventHandler
    void on(CasesLost event) {
        settle(event.pickupId(), DeliveredCase.tokens(event.cases()), State.LOST);
        change(event.pickupId(), ENDED_IF_NOTHING_IS_OPEN, Map.of());
    }

    @EventHandler
    void on(AddressDestroyed event) {
        change(event.pickupId(), "address_destroyed = true", Map.of());
    }

    private void settle(PickupId pickupId, List<TokenId> tokens, State state) {
        jdbc.sql("update pickup_case set state = ? where pickup_id = ? and token_id = any(?)")
                .param(state.name())
                .param(pickupId.value())
                .param(tokens.stream().map(TokenId::toString).toArray(String[]::new))
                .update();
    }

    private void change(PickupId pickupId, String assignments, Map<String, ?> values) {
        jdbc.sql("update pickup_view set %s, version = version + 1 where pickup_id = :pickupId".formatted(assignments))
                .params(values)
                .param("pickupId", pickupId.value())
                .update();
    }

    private static PickupView pickup(ResultSet row, int number) throws SQLException {
        Currency currency = Currency.getInstance(row.getString("currency"));
        Money deliveryFee = new Money(currency, row.getLong("delivery_fee"));
        Money custodyFee = new Money(currency, row.getLong("custody_fee"));
        String cancellation = row.getString("cancellation");
        String hold = row.getString("hold_id");
        Timestamp acceptBy = row.getTimestamp("accept_by");
        return new PickupView(
                row.getLong("position"),
                new PickupId(row.getString("pickup_id")),
                row.getString("owner"),
                row.getString("carrier"),
                Status.valueOf(row.getString("status")),
                row.getBoolean("requested"),
                EventJson.mapper().readValue(row.getString("cases"), new TypeReference<List<PickupView.Case>>() {}),
                deliveryFee,
                custodyFee,
                deliveryFee.plus(custodyFee),
                cancellation == null ? null : PickupEndReason.valueOf(cancellation),
                row.getTimestamp("ordered_at").toInstant(),
                acceptBy == null ? null : acceptBy.toInstant(),
                hold == null ? null : new HoldId(hold),
                row.getString("carrier_key_id"),
                row.getString("envelope_sha256"),
                row.getBoolean("address_destroyed"),
                row.getString("courier"),
                row.getLong("attempts"),
                row.getLong("version"));
    }
}
