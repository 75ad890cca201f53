package io.jiucang.anchoring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.jiucang.events.EventTypes;
import io.jiucang.events.LedgerEvent.Anchor;
import io.jiucang.events.LedgerEvent.EventsAnchored;
import io.jiucang.events.envelope.VerifiedEvent;
import io.jiucang.ledger.Hash;
import io.jiucang.starter.test.RunningService;
import io.jiucang.title.Ruling;
import io.jiucang.title.Title;
import io.jiucang.title.TitleState;
import io.jiucang.title.event.Leaf;
import io.jiucang.title.event.Opening;
import io.jiucang.title.event.Opening.Open;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.springframework.jdbc.core.simple.JdbcClient;

/** What the ledger has told of itself so far, as anybody can read and judge it who holds the roots' key. */
final class OwnLeaves {

    private OwnLeaves() {}

    /** By its place in the log. */
    static SortedMap<Long, VerifiedEvent> of(RunningService service) {
        await().until(() -> service.bean(JdbcClient.class)
                        .sql("select count(*) from outbox")
                        .query(Long.class)
                        .single()
                == 0);
        Map<String, Long> places = service.published(EventsAnchored.class).stream()
                .flatMap(anchored -> anchored.anchors().stream())
                .collect(Collectors.toMap(Anchor::leafHash, Anchor::index));
        SortedMap<Long, VerifiedEvent> own = new TreeMap<>();
        service.published().stream()
                .filter(event -> !event.event().getType().equals(EventTypes.typeOf(EventsAnchored.class)))
                .forEach(event -> own.put(
                        Objects.requireNonNull(
                                places.get(Hash.of(event.leafHash()).hex())),
                        event));
        return own;
    }

    /** Index 0 first, then everything else that the ledger told; none of it is void. */
    static TitleState replay(RunningService service) {
        List<Leaf> leaves = of(service).entrySet().stream()
                .map(entry -> Opening.open(entry.getKey(), entry.getValue(), none -> Optional.empty()))
                .map(Open.class::cast)
                .map(Open::leaf)
                .toList();
        TitleState state = Title.begin(service.platform().pins(), leaves.getFirst());
        for (Leaf leaf : leaves.subList(1, leaves.size())) {
            assertThat(Title.apply(state, leaf)).as("%s", leaf).isInstanceOf(Ruling.Valid.class);
        }
        assertThat(leaves).hasSizeGreaterThan(1);
        return state;
    }
}
