package io.jiucang.title.event;

import io.jiucang.events.DomainEvent;
import io.jiucang.events.EventRefused;
import io.jiucang.events.EventTypes;
import io.jiucang.events.LedgerEvent;
import io.jiucang.events.TokenEvent;
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
        return meaning(event);
    }

    /** What an event says for the law; empty if it is not the law's business. */
    public static Optional<LawEvent> meaning(DomainEvent event) {
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
                        case LedgerEvent.TerminalEnrolled enrolled ->
                            new LawEvent.TerminalEnrolled(enrolled.statement());
                        case LedgerEvent.TerminalWithdrawn withdrawn ->
                            new LawEvent.TerminalWithdrawn(withdrawn.statement());
                        case TokenEvent.WalletBorn born -> new LawEvent.WalletBorn(born.statement());
                        case TokenEvent.KeyEndorsed endorsed -> new LawEvent.KeyEndorsed(endorsed.statement());
                        case TokenEvent.KeyRevoked revoked -> new LawEvent.KeyRevoked(revoked.statement());
                        default -> null;
                    });
        } catch (IllegalArgumentException e) {
            return Optional.of(
                    new LawEvent.Unreadable(EventTypes.typeOf(event.getClass()), String.valueOf(e.getMessage())));
        }
    }
}
