package io.jiucang.token;

import static com.fasterxml.jackson.annotation.JsonAutoDetect.Visibility.ANY;
import static com.fasterxml.jackson.annotation.JsonAutoDetect.Visibility.NONE;
import static io.jiucang.token.TokenRejected.Reason.SALES_PLAN_EXISTS;
import static io.jiucang.token.TokenRejected.Reason.SALES_PLAN_INVALID;
import static io.jiucang.token.TokenRejected.Reason.TOKENS_NOT_HELD;
import static io.jiucang.token.TokenRejected.Reason.TOKENS_NOT_RESERVED;
import static org.axonframework.modelling.command.AggregateLifecycle.apply;

import com.fasterxml.jackson.annotation.JsonAutoDetect;
import io.jiucang.events.TokenEvent.LawAdopted;
import io.jiucang.events.TokenEvent.RefusalReason;
import io.jiucang.events.TokenEvent.ReservationRefused;
import io.jiucang.events.TokenEvent.ReservationReleased;
import io.jiucang.events.TokenEvent.SaleRefused;
import io.jiucang.events.TokenEvent.SalesPlanCreated;
import io.jiucang.events.TokenEvent.TokensMinted;
import io.jiucang.events.TokenEvent.TokensReserved;
import io.jiucang.events.TokenEvent.TokensSold;
import io.jiucang.events.TokenEvent.VaultOpened;
import io.jiucang.events.value.OrderId;
import io.jiucang.events.value.PlanId;
import io.jiucang.events.value.SerialRange;
import io.jiucang.events.value.VaultId;
import io.jiucang.title.statement.Act;
import io.jiucang.title.statement.Statements;
import io.jiucang.token.VaultCommand.AdoptSale;
import io.jiucang.token.VaultCommand.CreateSalesPlan;
import io.jiucang.token.VaultCommand.RefuseSale;
import io.jiucang.token.VaultCommand.ReleaseTokens;
import io.jiucang.token.VaultCommand.ReserveTokens;
import io.jiucang.token.VaultCommand.SellTokens;
import io.jiucang.token.VaultCommand.UndoSale;
import java.time.Instant;
import java.util.IllformedLocaleException;
import java.util.Locale;
import java.util.Optional;
import org.axonframework.commandhandling.CommandHandler;
import org.axonframework.eventsourcing.EventSourcingHandler;
import org.axonframework.modelling.command.AggregateCreationPolicy;
import org.axonframework.modelling.command.AggregateIdentifier;
import org.axonframework.modelling.command.CreationPolicy;

/**
 * One plan's cases and the terms they are sold on; every serial is unsold, reserved or sold, never two of them.
 *
 * <p>A flash sale is its hot path, so it stays small however many buy: it knows serials in ranges, but neither orders nor
 * buyers. Which serials are whose, {@link Reservations} tells, in the same transaction.
 */
@JsonAutoDetect(fieldVisibility = ANY, getterVisibility = NONE, isGetterVisibility = NONE)
class Vault {

    private static final long FIRST_SERIAL = 1;

    @AggregateIdentifier
    private VaultId vaultId;

    private PlanId planId;
    private long perBuyerLimit;
    private Instant saleFrom;
    private Instant saleUntil;
    private Serials unsold = Serials.NONE;
    private Serials reserved = Serials.NONE;
    private Serials sold = Serials.NONE;

    @SuppressWarnings("NullAway.Init") // Axon calls it, and sets the fields from events or a snapshot.
    Vault() {}

    @CommandHandler
    @CreationPolicy(AggregateCreationPolicy.CREATE_IF_MISSING)
    void handle(CreateSalesPlan command) {
        if (planId != null) {
            throw new TokenRejected(SALES_PLAN_EXISTS, "this offer was made before; the winery signs another");
        }
        VaultId vault = command.vaultId();
        PlanId plan = command.planId();
        validate(command);
        apply(new SalesPlanCreated(plan, vault, command.name(), command.statement()));
        apply(new VaultOpened(vault, plan, command.offer().site(), command.code()));
        apply(new TokensMinted(vault, plan, FIRST_SERIAL, command.offer().count()));
    }

    /** Of what the winery did not sign: whatever the events refuse, and what would surprise a buyer later. */
    private static void validate(CreateSalesPlan command) {
        try {
            for (String language : command.name().keySet()) {
                new Locale.Builder().setLanguageTag(language);
            }
            if (command.name().values().stream().anyMatch(String::isBlank)) {
                throw new IllegalArgumentException("a name is blank");
            }
            // Tried out here, so that a rejected command has applied nothing.
            new SalesPlanCreated(command.planId(), command.vaultId(), command.name(), command.statement());
            new VaultOpened(command.vaultId(), command.planId(), command.offer().site(), command.code());
        } catch (IllegalArgumentException | IllformedLocaleException e) {
            throw new TokenRejected(SALES_PLAN_INVALID, String.valueOf(e.getMessage()));
        }
    }

    @CommandHandler
    void handle(ReserveTokens command) {
        refusalOf(command)
                .ifPresentOrElse(
                        reason -> apply(
                                new ReservationRefused(vaultId, planId, command.orderId(), command.buyer(), reason)),
                        () -> apply(new TokensReserved(
                                vaultId,
                                planId,
                                command.orderId(),
                                command.buyer(),
                                unsold.first(command.quantity()).ranges())));
    }

    private Optional<RefusalReason> refusalOf(ReserveTokens command) {
        if (command.placedAt().isBefore(saleFrom) || !command.placedAt().isBefore(saleUntil)) {
            return Optional.of(RefusalReason.SALE_NOT_OPEN);
        }
        if (command.quantity() > perBuyerLimit - command.held()) {
            return Optional.of(RefusalReason.BUYER_LIMIT_EXCEEDED);
        }
        if (command.quantity() > unsold.count()) {
            return Optional.of(RefusalReason.SOLD_OUT);
        }
        return Optional.empty();
    }

    @CommandHandler
    void handle(SellTokens command) {
        if (!reserved.containsAll(Serials.of(command.sale().serials()))) {
            throw new TokenRejected(
                    TOKENS_NOT_RESERVED, "not all reserved: " + command.sale().serials());
        }
        apply(command.sale());
    }

    @CommandHandler
    void handle(RefuseSale command) {
        apply(new SaleRefused(vaultId, command.orderId(), command.why()));
        release(command.orderId(), command.serials());
    }

    @CommandHandler
    void handle(UndoSale command) {
        apply(command.undoing());
    }

    @CommandHandler
    void handle(AdoptSale command) {
        apply(new LawAdopted(vaultId, command.orderId(), command.serials().ranges(), command.sale()));
    }

    @CommandHandler
    void handle(ReleaseTokens command) {
        release(command.orderId(), command.serials());
    }

    private void release(OrderId order, Serials serials) {
        if (serials.isEmpty() || !reserved.plus(sold).containsAll(serials)) {
            throw new TokenRejected(TOKENS_NOT_HELD, "not all reserved or sold: " + serials);
        }
        apply(new ReservationReleased(vaultId, planId, order, serials.ranges()));
    }

    @EventSourcingHandler
    void on(SalesPlanCreated event) {
        vaultId = event.vaultId();
        planId = event.planId();
        Act.Offer offer = Statements.read(event.statement(), Act.Offer.class).act();
        perBuyerLimit = offer.limit();
        saleFrom = offer.from();
        saleUntil = offer.until();
    }

    @EventSourcingHandler
    void on(TokensMinted event) {
        unsold = unsold.plus(Serials.of(new SerialRange(event.firstSerial(), event.firstSerial() + event.count() - 1)));
    }

    @EventSourcingHandler
    void on(TokensReserved event) {
        Serials serials = Serials.of(event.serials());
        unsold = unsold.minus(serials);
        reserved = reserved.plus(serials);
    }

    @EventSourcingHandler
    void on(TokensSold event) {
        Serials serials = Serials.of(event.serials());
        reserved = reserved.minus(serials);
        sold = sold.plus(serials);
    }

    /** Whoever else had reserved some of these will hear that the law lets them have no sale. */
    @EventSourcingHandler
    void on(LawAdopted event) {
        Serials serials = Serials.of(event.serials());
        unsold = unsold.minus(serials);
        reserved = reserved.minus(serials);
        sold = sold.minus(serials).plus(serials);
    }

    @EventSourcingHandler
    void on(ReservationReleased event) {
        Serials serials = Serials.of(event.serials());
        reserved = reserved.minus(serials);
        sold = sold.minus(serials);
        unsold = unsold.plus(serials);
    }
}
