package io.jiucang.anchoring;

import static io.jiucang.starter.RequestRejected.Reason.STATEMENT_MALFORMED;
import static io.jiucang.starter.RequestRejected.Reason.STATEMENT_NOT_FOR_THIS;
import static io.jiucang.starter.RequestRejected.Reason.STATEMENT_SIGNATURE_INVALID;

import io.jiucang.anchoring.LedgerRejected.Reason;
import io.jiucang.events.DomainEvent;
import io.jiucang.events.LedgerEvent;
import io.jiucang.events.LedgerEvent.TerminalEnrolled;
import io.jiucang.events.LedgerEvent.TerminalWithdrawn;
import io.jiucang.events.envelope.EventSigner;
import io.jiucang.ledger.Hash;
import io.jiucang.starter.Rejection;
import io.jiucang.starter.RequestRejected;
import io.jiucang.title.Ruling;
import io.jiucang.title.Title;
import io.jiucang.title.TitleState;
import io.jiucang.title.directory.Directory;
import io.jiucang.title.directory.Pins;
import io.jiucang.title.directory.Service;
import io.jiucang.title.event.LawEvent;
import io.jiucang.title.event.Opening;
import io.jiucang.title.statement.Act;
import io.jiucang.title.statement.Statement;
import io.jiucang.title.statement.StatementRefused;
import io.jiucang.title.statement.Statements;
import java.nio.ByteBuffer;
import org.axonframework.eventsourcing.eventstore.EventStore;
import org.springframework.stereotype.Component;

/**
 * Parties' word on their terminals (law of title, K5). It proves itself, so it is taken from whoever brings it: no other
 * service can keep it from the ledger.
 *
 * <p>Whether it counts, the law decides, from all of the ledger that matters for one terminal: the directory, what was told of
 * this terminal, and how late it is. These are the service's own sealed events: there is no row by which somebody else could
 * make a terminal.
 */
@Component
final class Terminals {

    private final Anchoring anchoring;
    private final Ticks ticks;
    private final EventStore events;
    private final Directory directory;
    private final Pins pins;
    private final String key;

    Terminals(Anchoring anchoring, Ticks ticks, EventStore events, Directory directory, Pins pins, EventSigner signer) {
        this.anchoring = anchoring;
        this.ticks = ticks;
        this.events = events;
        this.directory = directory;
        this.pins = pins;
        this.key = signer.keyId();
    }

    /** Of which terminal something was told, and where that stands. */
    record Standing(String terminal, long index, String leafHash) {}

    /** @throws Rejection if it is no such word, or the law would call it void */
    Standing take(String jws) {
        return switch (read(jws).act()) {
            case Act.DockEnrolment(var joining, var _) -> enrol(joining.thumbprint(), jws);
            case Act.CourierEnrolment(var joining) -> enrol(joining.thumbprint(), jws);
            case Act.TerminalWithdrawal(var terminal) -> tell(terminal, new TerminalWithdrawn(terminal, jws));
            default -> throw new RequestRejected(STATEMENT_NOT_FOR_THIS, "no terminal joins or leaves by it");
        };
    }

    private Standing enrol(String terminal, String jws) {
        return tell(terminal, new TerminalEnrolled(terminal, jws));
    }

    private Standing tell(String terminal, LedgerEvent event) {
        // Anybody may bring anything: what is refused anyway does not keep the log waiting.
        requireValid(terminal, event);
        // Takes the log's lock: until the transaction ends, nothing else is told of this terminal.
        ticks.catchUp();
        requireValid(terminal, event);
        Anchoring.Place place = anchoring.tellOf(terminal, event);
        return new Standing(terminal, place.index(), place.leafHash());
    }

    private void requireValid(String terminal, LedgerEvent event) {
        TitleState state = stateOf(terminal);
        if (Title.decide(state, next(state, meaning(event))) instanceof Ruling.Voided voided) {
            throw refused(voided);
        }
    }

    /** Without ticks what was told stays good, as it must; the last one ends the keys that have ended by now. */
    private TitleState stateOf(String terminal) {
        TitleState state = Title.begin(pins, leaf(0, new LawEvent.DirectoryVersion(directory.envelope())));
        events.readEvents(terminal)
                .asStream()
                .forEach(told -> Title.apply(state, next(state, meaning((DomainEvent) told.getPayload()))));
        LawEvent now = new LawEvent.Tick(
                1, ticks.newestTime(), state.directoryAt(), state.directoryAt().leaf());
        Title.apply(state, next(state, now));
        return state;
    }

    private static LawEvent meaning(DomainEvent event) {
        return Opening.meaning(event).orElseThrow();
    }

    private io.jiucang.title.event.Leaf next(TitleState state, LawEvent event) {
        return leaf(state.lastIndex() + 1, event);
    }

    /** By its place among those that matter: where it stands in the log changes nothing for a terminal. */
    private io.jiucang.title.event.Leaf leaf(long place, LawEvent event) {
        Hash hash = Hash.of(ByteBuffer.allocate(Hash.LENGTH).putLong(place).array());
        return new io.jiucang.title.event.Leaf(place, hash, Service.LEDGER, key, event);
    }

    private Statement<?> read(String jws) {
        try {
            Statement<?> statement = Statements.read(jws);
            if (!statement.spoken().iss().equals(pins.origin())) {
                throw new RequestRejected(STATEMENT_NOT_FOR_THIS, "iss is not " + pins.origin());
            }
            return statement;
        } catch (StatementRefused e) {
            throw new RequestRejected(STATEMENT_MALFORMED, String.valueOf(e.getMessage()));
        }
    }

    private static Rejection refused(Ruling.Voided voided) {
        String why = voided.toString();
        return switch (voided.rule()) {
            case STATEMENT -> new RequestRejected(STATEMENT_SIGNATURE_INVALID, why);
            case PARTY_KEY -> new LedgerRejected(Reason.PARTY_KEY_NOT_LISTED, why);
            case ONE_EFFECT -> new LedgerRejected(Reason.STATEMENT_USED, why);
            case TERMINAL -> new LedgerRejected(Reason.TERMINAL_REFUSED, why);
            default -> throw new IllegalStateException("not a rule of terminals: " + why);
        };
    }
}
