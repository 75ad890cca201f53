package io.jiucang.token;

import static com.fasterxml.jackson.annotation.JsonAutoDetect.Visibility.ANY;
import static com.fasterxml.jackson.annotation.JsonAutoDetect.Visibility.NONE;

import com.fasterxml.jackson.annotation.JsonAutoDetect;
import io.jiucang.events.PaymentEvent.SaleRecorded;
import io.jiucang.events.TokenEvent.ReservationReleased;
import io.jiucang.events.WarehouseEvent.CasesReleased;
import io.jiucang.events.WarehouseEvent.ReleasedCase;
import io.jiucang.events.envelope.VerifiedEvent;
import io.jiucang.events.value.LedgerReference;
import io.jiucang.events.value.OrderId;
import io.jiucang.events.value.TokenId;
import io.jiucang.events.value.VaultId;
import io.jiucang.starter.inbox.SignedEvent;
import io.jiucang.token.Ledger.EventAnchored;
import io.jiucang.token.Ledger.Leaf;
import io.jiucang.token.Reservations.Reservation;
import io.jiucang.token.TokenCommand.AttachBoxCode;
import io.jiucang.token.TokenCommand.GrantTitle;
import io.jiucang.token.VaultCommand.SellTokens;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.axonframework.commandhandling.gateway.CommandGateway;
import org.axonframework.deadline.DeadlineManager;
import org.axonframework.deadline.annotation.DeadlineHandler;
import org.axonframework.modelling.saga.SagaEventHandler;
import org.axonframework.modelling.saga.SagaLifecycle;
import org.axonframework.modelling.saga.StartSaga;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * From sale and release to title (S5). Both may come first, the release in several parts; title to a case passes once the
 * sale and the case's release are in the ledger and both inclusion proofs hold. It ends when no case of the order is left
 * to wait for: each granted, or withdrawn.
 */
@JsonAutoDetect(fieldVisibility = ANY, getterVisibility = NONE, isGetterVisibility = NONE)
public class TitleSaga {

    private static final Logger log = LoggerFactory.getLogger(TitleSaga.class);

    private @Nullable Sale sale;
    private List<Release> releases = new ArrayList<>();
    private Serials awaited = Serials.NONE;
    private AnchorWait wait = new AnchorWait();

    record Sale(OrderId orderId, VaultId vaultId, String buyer, Leaf leaf, String correlationId) {}

    record Release(Leaf leaf, Serials serials) {}

    @StartSaga
    @SagaEventHandler(associationProperty = "orderId")
    void on(
            SaleRecorded event,
            @SignedEvent VerifiedEvent signed,
            Reservations reservations,
            CommandGateway commands,
            Ledger ledger,
            DeadlineManager deadlines,
            TokenSettings settings) {
        Reservation reservation = reservations.get(event.orderId());
        if (!reservation.buyer().equals(event.buyer())
                || !reservation.vaultId().equals(event.vaultId())
                || !Serials.of(event.serials()).containsAll(reservation.held())) {
            throw new IllegalStateException("not the sale of what was reserved for order " + event.orderId());
        }
        if (reservation.sold() || reservation.held().isEmpty()) {
            // Told twice; or cancelled after all, which came here first.
            endIfIdle();
            return;
        }
        commands.sendAndWait(new SellTokens(event.vaultId(), event.orderId(), event.buyer(), reservation.held()));
        Leaf leaf = Leaf.of(signed);
        sale = new Sale(event.orderId(), event.vaultId(), event.buyer(), leaf, AnchorWait.correlationId(signed));
        awaited = reservation.held();
        wait.begin(
                leaf,
                Stream.of(event.vaultId()),
                event.orderId(),
                deadlines,
                settings.title().overdueAfter());
        grantWhatIsProven(commands, ledger, deadlines);
    }

    @StartSaga
    @SagaEventHandler(associationProperty = "orderId")
    void on(
            CasesReleased event,
            @SignedEvent VerifiedEvent signed,
            Reservations reservations,
            CommandGateway commands,
            Ledger ledger,
            DeadlineManager deadlines,
            TokenSettings settings) {
        Reservation reservation = reservations.get(event.orderId());
        for (ReleasedCase released : event.cases()) {
            TokenId token = released.tokenId();
            if (!token.vault().equals(reservation.vaultId())
                    || !reservation.held().contains(token.serial())) {
                throw new IllegalStateException(token + " is none of order " + event.orderId());
            }
            commands.sendAndWait(new AttachBoxCode(token, reservation.planId(), event.orderId(), released.boxCode()));
        }
        Serials serials = Serials.of(
                reservation.vaultId(),
                event.cases().stream().map(ReleasedCase::tokenId).toList());
        if (reservation.released().containsAll(serials)) {
            // Told twice.
            endIfIdle();
            return;
        }
        Leaf leaf = Leaf.of(signed);
        releases.add(new Release(leaf, serials));
        wait.begin(
                leaf,
                Stream.of(event.vaultId()),
                event.orderId(),
                deadlines,
                settings.title().overdueAfter());
        grantWhatIsProven(commands, ledger, deadlines);
    }

    @SagaEventHandler(associationProperty = AnchorWait.LEAF)
    void on(EventAnchored event, CommandGateway commands, Ledger ledger, DeadlineManager deadlines) {
        grantWhatIsProven(commands, ledger, deadlines);
    }

    private void grantWhatIsProven(CommandGateway commands, Ledger ledger, DeadlineManager deadlines) {
        Sale paid = sale;
        if (paid == null) {
            return;
        }
        Optional<LedgerReference> saleProven = ledger.find(paid.leaf);
        if (saleProven.isEmpty()) {
            return;
        }
        for (Release release : List.copyOf(releases)) {
            ledger.find(release.leaf).ifPresent(releaseProven -> {
                release.serials
                        .and(awaited)
                        .tokens(paid.vaultId)
                        .forEach(token -> commands.sendAndWait(
                                new GrantTitle(token, paid.orderId, paid.buyer, saleProven.get(), releaseProven),
                                AnchorWait.correlatedBy(paid.correlationId)));
                awaited = awaited.minus(release.serials);
                releases.remove(release);
            });
        }
        endIfSettled(deadlines);
    }

    // What goes another way: cases withdrawn, orders cancelled, events told twice, proofs that do not come.

    @SagaEventHandler(associationProperty = "orderId")
    void on(ReservationReleased event, DeadlineManager deadlines) {
        awaited = awaited.minus(Serials.of(event.serials()));
        endIfSettled(deadlines);
    }

    /** The buyer has paid, so title is owed however late: it goes on waiting, and goes on telling. */
    @DeadlineHandler(deadlineName = AnchorWait.OVERDUE)
    void onOverdue(OrderId orderId, DeadlineManager deadlines, TokenSettings settings, MeterRegistry meters) {
        meters.counter("jiucang.title.overdue").increment();
        log.warn("titles of order {} are overdue: sale {}, releases not granted {}", orderId, sale, releases);
        wait.goOn(orderId, deadlines, settings.title().overdueAfter());
    }

    private void endIfSettled(DeadlineManager deadlines) {
        if (sale != null && awaited.isEmpty()) {
            wait.end(deadlines);
        }
    }

    private void endIfIdle() {
        if (sale == null && releases.isEmpty()) {
            SagaLifecycle.end();
        }
    }
}
