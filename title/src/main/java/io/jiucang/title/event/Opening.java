package io.jiucang.title.event;

import io.jiucang.events.DomainEvent;
import io.jiucang.events.EventRefused;
import io.jiucang.events.LedgerEvent;
import io.jiucang.events.envelope.VerifiedEvent;
import io.jiucang.ledger.Hash;
import io.jiucang.title.directory.Service;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** Opens leaves: what an authentic event says for the law, and who tells it. */
public final class Opening {

    private Opening() {}

    /**
     * @param index where the event stands in the ledger
     * @return empty if the event is not the law's business
     */
    public static Optional<Leaf> open(long index, VerifiedEvent verified) {
        Service teller = Service.of(verified.event().getSource()).orElseThrow();
        String key = verified.keyIds().iterator().next();
        return lawEvent(verified).map(event -> new Leaf(index, Hash.of(verified.leafHash()), teller, key, event));
    }

    private static Optional<LawEvent> lawEvent(VerifiedEvent verified) {
        DomainEvent event;
        try {
            event = verified.domainEvent();
        } catch (EventRefused e) {
            return switch (e.reason()) {
                case UNKNOWN_TYPE -> Optional.empty();
                default ->
                    Optional.of(new LawEvent.Unreadable(verified.event().getType(), String.valueOf(e.getMessage())));
            };
        }
        try {
            return Optional.ofNullable(
                    switch (event) {
                        case LedgerEvent.DirectoryVersion version ->
                            new LawEvent.DirectoryVersion(version.envelope().getBytes(StandardCharsets.UTF_8));
                        case LedgerEvent.Tick tick ->
                            new LawEvent.Tick(
                                    tick.number(),
                                    tick.time(),
                                    new Cite(tick.beforeIndex(), Hash.ofHex(tick.beforeLeaf())),
                                    Hash.ofHex(tick.directoryLeaf()));
                        default -> null;
                    });
        } catch (IllegalArgumentException e) {
            return Optional.of(new LawEvent.Unreadable(verified.event().getType(), String.valueOf(e.getMessage())));
        }
    }
}
