package io.jiucang.title;

import static io.jiucang.title.Rule.CHAIN;
import static io.jiucang.title.Rule.EVIDENCE;
import static io.jiucang.title.Rule.LIFE;
import static io.jiucang.title.Rule.ONE_EFFECT;
import static io.jiucang.title.Rule.PARTY_KEY;
import static io.jiucang.title.Rule.STATEMENT;
import static io.jiucang.title.Rule.TELLER;
import static io.jiucang.title.Rule.TERMINAL;
import static io.jiucang.title.Rule.WALLET_KEY;

import io.jiucang.events.value.TokenId;
import io.jiucang.ledger.Hash;
import io.jiucang.title.directory.Document.PartyKey;
import io.jiucang.title.directory.Document.ServiceKey;
import io.jiucang.title.directory.Parameters;
import io.jiucang.title.directory.Service;
import io.jiucang.title.event.Cite;
import io.jiucang.title.event.LawEvent.TitleEvent;
import io.jiucang.title.event.Leaf;
import io.jiucang.title.form.P256Key;
import io.jiucang.title.statement.Act;
import io.jiucang.title.statement.Act.Speaker;
import io.jiucang.title.statement.Statement;
import io.jiucang.title.statement.StatementRefused;
import io.jiucang.title.statement.Statements;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Function;

/**
 * One leaf before the law: who tells it, what is carried in it, what it cites. The rules that hold for every event are here;
 * those of single steps are in the classes that use it.
 */
final class Hearing {

    private final TitleState state;
    private final Leaf leaf;

    Hearing(TitleState state, Leaf leaf) {
        this.state = state;
        this.leaf = leaf;
    }

    TitleState state() {
        return state;
    }

    Clock clock() {
        return state.clock();
    }

    Parameters parameters() {
        return state.directory().parameters();
    }

    Facts.Plan planOf(TokenId token) {
        return state.planOf(token).orElseThrow(() -> EVIDENCE.broken("of no vault"));
    }

    TokenState token(TokenId token) {
        return state.token(token).orElseThrow(() -> EVIDENCE.broken("there is no such token"));
    }

    Service teller() {
        return leaf.teller();
    }

    Cite here() {
        return leaf.cite();
    }

    /** Only the service named may tell it, with a key that the directory lists for it now. */
    void requireTeller() {
        TELLER.require(
                Tellers.of(leaf.event()).contains(leaf.teller()),
                leaf.teller() + " does not tell " + leaf.event().getClass().getSimpleName());
        ServiceKey listed = state.directory()
                .serviceKey(leaf.teller(), leaf.key())
                .orElseThrow(() -> PARTY_KEY.broken("a key that is not listed for " + leaf.teller()));
        requireNotEnded(listed.until());
    }

    /** K3: until a tick reaches its end. */
    void requireNotEnded(Instant until) {
        PARTY_KEY.require(!clock().reached(until), "the key had ended");
    }

    /** What is said, whoever says it: nothing of it counts yet. */
    Statement<?> read(String jws) {
        try {
            return Statements.read(jws);
        } catch (StatementRefused e) {
            throw STATEMENT.broken(String.valueOf(e.getMessage()));
        }
    }

    /** A wallet's statement: by a key that stands, within its life, anchored here for the first time. */
    <A extends Act> Statement<A> byWallet(String jws, Class<A> act) {
        Statement<A> statement = statement(jws, act);
        Facts.Wallet wallet =
                state.wallet(statement.spoken().sub()).orElseThrow(() -> WALLET_KEY.broken("there is no such wallet"));
        Facts.WalletKey key =
                wallet.key(statement.kid()).orElseThrow(() -> WALLET_KEY.broken("a key that is none of this wallet's"));
        WALLET_KEY.require(key.stands(), "the key was revoked");
        requireInLife(statement);
        requireSignature(statement, key.key());
        return statement;
    }

    /** A wallet's birth: it brings the key that signs it. */
    Statement<Act.WalletBirth> firstWords(String jws) {
        Statement<Act.WalletBirth> statement = statement(jws, Act.WalletBirth.class);
        P256Key key = statement.act().key();
        WALLET_KEY.require(
                key.thumbprint().equals(statement.kid())
                        && key.thumbprint().equals(statement.spoken().sub()),
                "a wallet's id, and the key of its first words, is its first key");
        requireInLife(statement);
        requireSignature(statement, key);
        return statement;
    }

    /** A party's own statement, by a key that the directory lists. */
    <A extends Act> Statement<A> byParty(String jws, Class<A> act) {
        Statement<A> statement = statement(jws, act);
        PartyKey listed = state.directory().partyKeys(statement.spoken().sub()).stream()
                .filter(key -> key.key().thumbprint().equals(statement.kid()))
                .findFirst()
                .orElseThrow(() -> PARTY_KEY.broken("a key that is not listed for this party"));
        requireNotEnded(listed.until());
        requireSignature(statement, listed.key());
        return statement;
    }

    /** The word of a terminal that its party has enrolled and not withdrawn. */
    <A extends Act> Word<A> byTerminal(String jws, Class<A> act, Speaker role) {
        Statement<A> statement = statement(jws, act);
        Facts.Terminal terminal =
                state.terminal(statement.spoken().sub()).orElseThrow(() -> TERMINAL.broken("not enrolled"));
        TERMINAL.require(!terminal.withdrawn(), "withdrawn by its party");
        TERMINAL.require(terminal.role() == role, "a terminal of the wrong kind of party");
        TERMINAL.require(statement.kid().equals(terminal.id()), "not its key");
        requireSignature(statement, terminal.key());
        return new Word<>(statement, terminal);
    }

    record Word<A extends Act>(Statement<A> statement, Facts.Terminal terminal) {
        A act() {
            return statement.act();
        }
    }

    /** In canonical form, of this ledger, anchored nowhere before. */
    private <A extends Act> Statement<A> statement(String jws, Class<A> act) {
        Statement<?> read = read(jws);
        STATEMENT.require(act.isInstance(read.act()), "not a " + act.getSimpleName());
        Statement<A> statement = read.as(act);
        STATEMENT.require(
                statement.spoken().iss().equals(state.directory().document().origin()),
                "said for the ledger " + statement.spoken().iss());
        ONE_EFFECT.require(!state.isAnchored(statement.id()), "anchored at a lower index");
        return statement;
    }

    private void requireSignature(Statement<?> statement, P256Key key) {
        STATEMENT.require(statement.isSignedBy(key), "not signed by the key it names");
    }

    /** O7: of at most so long a life, and anchored within it or a little later. */
    private void requireInLife(Statement<?> statement) {
        Instant exp = statement.spoken().exp().orElseThrow(() -> LIFE.broken("without an end"));
        LIFE.require(
                !exp.isAfter(statement.spoken().iat().plusSeconds(parameters().statementLife())), "it lives too long");
        LIFE.require(!clock().reached(exp.plusSeconds(parameters().anchoredAfterLife())), "anchored after its life");
    }

    /** O7: a date that a statement names lies at most so far ahead. */
    void requireNear(Statement<?> statement, Instant date) {
        Instant iat = statement.spoken().iat();
        LIFE.require(
                date.isAfter(iat) && !date.isAfter(iat.plusSeconds(parameters().longestDate())),
                "its date is not within the days allowed");
    }

    /** O2: what is cited stands at a lower index, under this leaf hash, and is valid. */
    <E extends Facts.Evidence> E cited(Cite cite, Class<E> kind) {
        Facts.Evidence evidence = state.evidence(cite)
                .orElseThrow(() -> EVIDENCE.broken("nothing valid stands at " + cite + " under this hash"));
        EVIDENCE.require(kind.isInstance(evidence), cite + " is no " + kind.getSimpleName());
        return kind.cast(evidence);
    }

    /** @throws LawBroken by this rule unless the token is sold under this sale, and not granted yet */
    TokenState.Sold sold(TokenId token, Hash sale, Rule rule) {
        if (token(token) instanceof TokenState.Sold sold && sold.sale().equals(sale)) {
            return sold;
        }
        throw rule.broken("not sold under this sale any more");
    }

    /** The terminal stands where the token's case does. */
    void requireAtSite(Rule rule, Facts.Terminal terminal, TokenId token) {
        String site = planOf(token).offer().site();
        rule.require(terminal.site().filter(site::equals).isPresent(), "a terminal of another site");
    }

    /** O5: the last valid title event of the token is the one named. */
    void requirePrev(TokenState token, Hash prev) {
        CHAIN.require(token.last().filter(prev::equals).isPresent(), "not the token's last title event");
    }

    Change anchored(Statement<?> statement) {
        return new Change.Anchored(statement.id(), here());
    }

    Change stands(Facts.Evidence evidence) {
        return new Change.Stands(here(), evidence);
    }

    static Ruling valid(Change... changes) {
        return new Ruling.Valid(List.of(changes), Map.of());
    }

    static Ruling each(
            List<TokenId> tokens,
            Function<TokenId, List<Change>> judge,
            Function<Set<TokenId>, List<Change>> together) {
        Map<TokenId, TokenId> byToken = new LinkedHashMap<>();
        tokens.forEach(token -> byToken.put(token, token));
        return each(byToken, (token, _) -> judge.apply(token), together);
    }

    /** O5: judges a title event for each token that it names the last one of; it is nobody's evidence. */
    Ruling eachUpon(TitleEvent event, BiFunction<TokenId, TokenState, List<Change>> judge) {
        return each(
                event.prev(),
                (token, prev) -> {
                    TokenState before = token(token);
                    requirePrev(before, prev);
                    return judge.apply(token, before);
                },
                valid -> List.of());
    }

    /** O2: judges each token by itself; void only if it is void for all. */
    static <V> Ruling each(
            Map<TokenId, V> tokens,
            BiFunction<TokenId, V, List<Change>> judge,
            Function<Set<TokenId>, List<Change>> together) {
        List<Change> changes = new ArrayList<>();
        Set<TokenId> valid = new HashSet<>();
        Map<TokenId, Ruling.Voided> except = new LinkedHashMap<>();
        tokens.forEach((token, named) -> {
            try {
                changes.addAll(judge.apply(token, named));
                valid.add(token);
            } catch (LawBroken e) {
                except.put(token, e.voided());
            }
        });
        if (valid.isEmpty()) {
            return except.values().iterator().next();
        }
        changes.addAll(together.apply(valid));
        return new Ruling.Valid(changes, except);
    }
}
