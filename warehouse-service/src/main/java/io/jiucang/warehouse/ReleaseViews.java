package io.jiucang.warehouse;

import io.jiucang.events.WarehouseEvent.CaseStated;
import io.jiucang.events.WarehouseEvent.CasesReleased;
import io.jiucang.events.WarehouseEvent.ReleaseCancelled;
import io.jiucang.events.WarehouseEvent.ReleaseRequested;
import io.jiucang.events.value.ReleaseId;
import io.jiucang.events.value.TokenId;
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

/** Keeps and serves the scanners' worklist. */
@Component
class ReleaseViews {

    /**
     * The proposal takes the boxes that were shelved first, but leaves the older releases theirs, so that scanners who
     * work side by side are sent to different boxes.
     */
    private static final String SELECT = """
            select o.*,
                (select coalesce(json_agg(token_id order by place), '[]') from release_token t
                    where t.release_id = o.release_id and t.box_code is null and not t.stated) as waiting_tokens,
                (select coalesce(json_agg(json_build_object('tokenId', token_id, 'boxCode', box_code, 'bin', bin)
                        order by place), '[]') from release_token t
                    where t.release_id = o.release_id and t.box_code is not null) as released_cases,
                (select coalesce(json_agg(json_build_object('bin', bin, 'boxes', boxes) order by first), '[]')
                    from (select bin, count(*) as boxes, min(position) as first
                        from (select bin, position from stock_case s
                            where s.site = o.site and s.gtin = o.gtin and s.state = 'SHELVED'
                            order by position
                            offset (select coalesce(sum(e.waiting), 0) from release_order e
                                where e.site = o.site and e.gtin = o.gtin and e.state = 'OPEN'
                                    and e.position < o.position)
                            limit case when o.state = 'OPEN' then o.waiting else 0 end) as boxes
                        group by bin) as bins) as proposal
            from release_order o
            """;

    private final JdbcClient jdbc;
    private final JsonMapper json;
    private final WarehouseSettings settings;
    private final Clock clock;

    ReleaseViews(JdbcClient jdbc, JsonMapper json, WarehouseSettings settings, Clock clock) {
        this.jdbc = jdbc;
        this.json = json;
        this.settings = settings;
        this.clock = clock;
    }

    @EventHandler
    void on(ReleaseRequested event, @org.axonframework.eventhandling.Timestamp Instant requestedAt) {
        jdbc.sql("""
                        insert into release_order
                            (release_id, order_id, vault_id, site, gtin, sale, sale_index, state, waiting, requested_at)
                        values (?, ?, ?, ?, ?, ?, ?, 'OPEN', ?, ?)""")
                .param(event.releaseId().value())
                .param(event.orderId().value())
                .param(event.vaultId().value())
                .param(event.site())
                .param(event.gtin())
                .param(event.sale().leafHash())
                .param(event.sale().index())
                .param(event.tokens().size())
                .param(Timestamp.from(requestedAt))
                .update();
        jdbc.sql("""
                        insert into release_token (release_id, place, token_id)
                        select :release, place, token
                        from unnest(:tokens::text[]) with ordinality as t (token, place)""")
                .param("release", event.releaseId().value())
                .param("tokens", event.tokens().stream().map(Object::toString).toArray(String[]::new))
                .update();
    }

    @EventHandler
    void on(CasesReleased event) {
        event.cases()
                .forEach(released -> jdbc.sql("""
                                update release_token set box_code = ?, bin = ?
                                where release_id = ? and token_id = ?""")
                        .param(released.boxCode().toString())
                        .param(released.bin())
                        .param(event.releaseId().value())
                        .param(released.tokenId().toString())
                        .update());
        jdbc.sql("""
                        update release_order
                        set waiting = waiting - :cases, state = case when waiting = :cases then 'RELEASED' else state end
                        where release_id = :release""")
                .param("cases", event.cases().size())
                .param("release", event.releaseId().value())
                .update();
    }

    @EventHandler
    void on(ReleaseCancelled event) {
        jdbc.sql("update release_order set state = 'CANCELLED' where release_id = ?")
                .param(event.releaseId().value())
                .update();
    }

    @EventHandler
    void on(CaseStated event) {
        int stated = jdbc.sql("update release_token set stated = true where release_id = ? and token_id = any(?)")
                .param(event.releaseId().value())
                .param(Release.tokens(Release.word(event)).stream()
                        .map(TokenId::toString)
                        .toArray(String[]::new))
                .update();
        jdbc.sql("""
                        update release_order set waiting = waiting - :cases,
                            state = case when waiting = :cases and state = 'OPEN' then 'REFUSED' else state end
                        where release_id = :release""")
                .param("cases", stated)
                .param("release", event.releaseId().value())
                .update();
    }

    Optional<ReleaseView> find(ReleaseId id) {
        return jdbc.sql(SELECT + "where release_id = ?")
                .param(id.value())
                .query(this::read)
                .optional();
    }

    /** Oldest first. */
    List<ReleaseView> list(@Nullable String site, Release.@Nullable State state, long after, int size) {
        return jdbc.sql(SELECT + """
                        where position > :after
                            and (:site::text is null or site = :site)
                            and (:state::text is null or state = :state)
                        order by position limit :size""")
                .param("after", after)
                .param("site", site)
                .param("state", state == null ? null : state.name())
                .param("size", size)
                .query(this::read)
                .list();
    }

    Overdue overdue() {
        return jdbc.sql("select count(*), min(requested_at) from release_order where waiting > 0 and requested_at < ?")
                .param(Timestamp.from(overdueBefore()))
                .query(Overdue::read)
                .single();
    }

    private Instant overdueBefore() {
        return clock.instant().minus(settings.releaseDeadline());
    }

    private ReleaseView read(ResultSet row, int number) throws SQLException {
        Release.State state = Release.State.valueOf(row.getString("state"));
        Instant requestedAt = row.getTimestamp("requested_at").toInstant();
        return new ReleaseView(
                row.getLong("position"),
                row.getString("release_id"),
                row.getString("order_id"),
                row.getString("vault_id"),
                row.getString("site"),
                row.getString("gtin"),
                row.getString("sale"),
                row.getLong("sale_index"),
                state,
                requestedAt,
                row.getInt("waiting") > 0 && requestedAt.isBefore(overdueBefore()),
                json.readValue(row.getString("waiting_tokens"), new TypeReference<>() {}),
                json.readValue(row.getString("released_cases"), new TypeReference<>() {}),
                json.readValue(row.getString("proposal"), new TypeReference<>() {}));
    }
}
