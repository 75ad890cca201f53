package io.jiucang.token;

import static java.util.stream.Collectors.toUnmodifiableMap;

import io.jiucang.events.OrderEvent.OrderCancelled;
import io.jiucang.events.PaymentEvent.PaymentCaptured;
import io.jiucang.events.TokenEvent.SaleUndone;
import io.jiucang.events.TokenEvent.TokenGranted;
import io.jiucang.events.TokenEvent.TokensSold;
import io.jiucang.events.WarehouseEvent.CaseStated;
import io.jiucang.events.WarehouseEvent.CasesReleased;
import io.jiucang.events.WarehouseEvent.ReleasedCase;
import io.jiucang.events.value.OrderId;
import io.jiucang.events.value.TokenId;
import io.jiucang.events.value.VaultId;
import io.jiucang.ledger.Hash;
import io.jiucang.starter.law.Anchored;
import io.jiucang.starter.law.AnchoredAt;
import io.jiucang.starter.law.LawReader;
import io.jiucang.starter.law.OwnAnchored;
import io.jiucang.title.Facts;
import io.jiucang.title.Rule;
import io.jiucang.title.Ruling;
import io.jiucang.title.TitleState;
import io.jiucang.title.TokenState;
import io.jiucang.title.event.Cite;
import io.jiucang.title.statement.Act;
import io.jiucang.title.statement.Statements;
import io.jiucang.token.Reservations.Reservation;
import io.jiucang.token.TokenCommand.GrantTitle;
import io.jiucang.token.VaultCommand.AdoptSale;
import io.jiucang.token.VaultCommand.RefuseSale;
import io.jiucang.token.VaultCommand.ReleaseTokens;
import io.jiucang.token.VaultCommand.SellTokens;
import io.jiucang.token.VaultCommand.UndoSale;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.axonframework.commandhandling.gateway.CommandGateway;
import org.axonframework.eventhandling.EventHandler;
import org.springframework.stereotype.Component;

/**
 * From payment to sale, from release to title, and back (S4 to S7 of the law). What happens next is read from the law's state,
 * never from a table: the event that would be told is drafted, the law is asked, and only what it would let stand is told. While
 * an event of a token is not ruled, no further one of it is told (O5); when it is void after all, what it promised is undone.
 */
@Component
class TitlePolicy {

    private final LawReader law;
    private final ReservationTable reservations;
    private final CommandGateway commands;

    TitlePolicy(LawReader law, ReservationTable reservations, CommandGateway commands) {
        this.law = law;
        this.reservations = reservations;
        this.commands = commands;
    }

    @EventHandler
    void on(PaymentCaptured event, @AnchoredAt Anchored anchored) {
        reservations
                .find(event.orderId())
                .filter(reservation ->
                        !reservation.sold() && !reservation.held().isEmpty())
                .ifPresent(reservation -> sell(reservation, anchored.at()));
    }

    private void sell(Reservation reservation, Cite payment) {
        TokensSold sale = law.read(state -> saleOf(reservation, payment, state));
        switch (law.decide(sale)) {
            case Ruling.Valid _ -> commands.sendAndWait(new SellTokens(reservation.vaultId(), sale));
            // Too late, or not the total: payment-service knows by itself, and gives it back.
            case Ruling.Voided(Rule rule, String _) when rule == Rule.RECEIPT -> {}
            case Ruling.Voided voided ->
                commands.sendAndWait(new RefuseSale(
                        reservation.vaultId(), reservation.orderId(), reservation.held(), voided.toString()));
        }
    }

    @EventHandler
    void on(CasesReleased event, @AnchoredAt Anchored anchored) {
        grant(anchored.ruling()
                .standing(event.cases().stream().map(ReleasedCase::tokenId).toList()));
    }

    private void grant(Collection<TokenId> tokens) {
        tokens.forEach(token -> law.read(state -> grantOf(token, state))
                .filter(grant -> !underWay(grant.orderId()).contains(token.serial()))
                .filter(grant -> law.decide(grant) instanceof Ruling.Valid)
                .ifPresent(grant -> commands.sendAndWait(new GrantTitle(token, grant))));
    }

    /** After {@code deliverBy} the buyer's word is enough; before, the dock's has to come. */
    @EventHandler
    void on(OrderCancelled event, @AnchoredAt Anchored anchored) {
        reservations
                .find(event.orderId())
                .ifPresent(reservation -> undo(
                        event.orderId(),
                        reservation.held().tokens(reservation.vaultId()).toList(),
                        List.of(anchored.at())));
    }

    @EventHandler
    void on(CaseStated event, @AnchoredAt Anchored anchored) {
        switch (Statements.read(event.statements().getFirst()).act()) {
            case Act.NotReleased said ->
                orderOf(said.sale())
                        .ifPresent(order -> order.cancelled()
                                .ifPresent(word -> undo(order.id(), said.tokens(), List.of(word, anchored.at()))));
            case Act.Refusal said ->
                orderOf(said.sale()).ifPresent(order -> undo(order.id(), said.tokens(), List.of(anchored.at())));
            default -> {}
        }
    }

    /** Of the cases it is about; none, if it is about none to be granted. */
    static Stream<VaultId> vaultsOf(CaseStated event) {
        List<TokenId> tokens =
                switch (Statements.read(event.statements().getFirst()).act()) {
                    case Act.NotReleased said -> said.tokens();
                    case Act.Refusal said -> said.tokens();
                    default -> List.of();
                };
        return tokens.stream().map(TokenId::vault);
    }

    private Optional<Facts.Order> orderOf(Hash sale) {
        return law.read(state -> state.findSale(sale).flatMap(known -> state.findOrder(known.order())));
    }

    private void undo(OrderId order, Collection<TokenId> tokens, List<Cite> reasons) {
        Serials underWay = underWay(order);
        List<TokenId> free = tokens.stream()
                .filter(token -> !underWay.contains(token.serial()))
                .toList();
        law.read(state -> undoingOf(order, free, reasons, state)).ifPresent(undoing -> {
            if (law.decide(undoing) instanceof Ruling.Valid valid) {
                List<TokenId> standing = valid.standing(undoing.prev().keySet());
                Map<TokenId, String> prev = standing.stream()
                        .collect(toUnmodifiableMap(
                                token -> token,
                                token -> Objects.requireNonNull(undoing.prev().get(token))));
                commands.sendAndWait(new UndoSale(
                        standing.getFirst().vault(), new SaleUndone(order, prev, undoing.sale(), undoing.reasons())));
            }
        });
    }

    @EventHandler
    void on(OwnAnchored anchored) {
        switch (anchored.event()) {
            case TokensSold sale -> {
                Serials serials = Serials.of(sale.serials());
                reservations.ruled(sale.orderId(), serials);
                settle(sale, serials, anchored);
            }
            case SaleUndone undoing -> {
                Set<TokenId> tokens = undoing.prev().keySet();
                reservations.ruled(undoing.orderId(), Serials.ofTokens(tokens));
                switch (anchored.ruling()) {
                    case Ruling.Valid valid -> takeBack(undoing.orderId(), valid.standing(tokens));
                    case Ruling.Voided _ -> grant(tokens);
                }
            }
            case TokenGranted grant -> {
                List<TokenId> token = List.of(grant.tokenId());
                reservations.ruled(grant.orderId(), Serials.ofTokens(token));
                if (anchored.ruling() instanceof Ruling.Voided) {
                    grant(token);
                }
            }
            default -> {}
        }
    }

    /** The sale that counts may be another than ours, told with our key by somebody else. */
    private void settle(TokensSold sale, Serials serials, OwnAnchored anchored) {
        boolean valid = anchored.ruling() instanceof Ruling.Valid;
        boolean ours = reservations
                .find(sale.orderId())
                .filter(each -> each.sold() && each.held().equals(serials))
                .isPresent();
        if (valid && !ours) {
            commands.sendAndWait(new AdoptSale(
                    sale.vaultId(), sale.orderId(), serials, anchored.at().told()));
        } else if (!valid && ours && law.read(state -> isUnsold(sale.orderId(), state))) {
            commands.sendAndWait(new RefuseSale(sale.vaultId(), sale.orderId(), serials, "void where it was anchored"));
        }
    }

    /** What was refused is lost, and stays out of the vault. */
    private void takeBack(OrderId order, List<TokenId> undone) {
        List<TokenId> unsold = law.read(state -> undone.stream()
                .filter(token -> state.token(token)
                        .filter(TokenState.Unsold.class::isInstance)
                        .isPresent())
                .toList());
        if (!unsold.isEmpty()) {
            commands.sendAndWait(new ReleaseTokens(unsold.getFirst().vault(), order, Serials.ofTokens(unsold)));
        }
    }

    private Serials underWay(OrderId order) {
        return reservations.find(order).map(Reservation::underWay).orElse(Serials.NONE);
    }

    private static boolean isUnsold(OrderId order, TitleState state) {
        return state.findOrder(order).flatMap(Facts.Order::sale).isEmpty();
    }

    private static TokensSold saleOf(Reservation reservation, Cite payment, TitleState state) {
        Facts.Order order = state.findOrder(reservation.orderId()).orElseThrow();
        Map<TokenId, String> prev = reservation
                .held()
                .tokens(reservation.vaultId())
                .flatMap(token ->
                        state.token(token).flatMap(TokenState::last).map(last -> Map.entry(token, last.hex())).stream())
                .collect(toUnmodifiableMap(Map.Entry::getKey, Map.Entry::getValue));
        return new TokensSold(
                reservation.vaultId(),
                reservation.orderId(),
                reservation.held().ranges(),
                order.placed().told(),
                List.of(payment.told()),
                prev);
    }

    private static Optional<TokenGranted> grantOf(TokenId token, TitleState state) {
        if (state.token(token).orElse(null)
                instanceof TokenState.Sold(Hash id, Optional<TokenState.Released> released, Optional<Hash> last)) {
            Facts.Sale sale = state.findSale(id).orElseThrow();
            Facts.Order order = state.findOrder(sale.order()).orElseThrow();
            return released.map(release -> new TokenGranted(
                    token,
                    order.id(),
                    order.buyer(),
                    release.box(),
                    sale.at().told(),
                    release.by().told(),
                    last.orElseThrow().hex()));
        }
        return Optional.empty();
    }

    /** Of those that are still sold. */
    private static Optional<SaleUndone> undoingOf(
            OrderId id, Collection<TokenId> tokens, List<Cite> reasons, TitleState state) {
        Optional<Facts.Sale> sale =
                state.findOrder(id).flatMap(Facts.Order::sale).flatMap(state::findSale);
        Map<TokenId, String> prev = tokens.stream()
                .filter(token -> state.token(token)
                        .filter(TokenState.Sold.class::isInstance)
                        .isPresent())
                .collect(toUnmodifiableMap(
                        token -> token,
                        token -> state.token(token)
                                .flatMap(TokenState::last)
                                .orElseThrow()
                                .hex()));
        return prev.isEmpty()
                ? Optional.empty()
                : sale.map(known -> new SaleUndone(
                        id,
                        prev,
                        known.at().told(),
                        reasons.stream().map(Cite::told).toList()));
    }
}
