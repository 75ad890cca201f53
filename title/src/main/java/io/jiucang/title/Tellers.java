package io.jiucang.title;

import static io.jiucang.title.directory.Service.DELIVERY;
import static io.jiucang.title.directory.Service.LEDGER;
import static io.jiucang.title.directory.Service.ORDER;
import static io.jiucang.title.directory.Service.PAYMENT;
import static io.jiucang.title.directory.Service.TOKEN;
import static io.jiucang.title.directory.Service.WAREHOUSE;

import io.jiucang.title.directory.Service;
import io.jiucang.title.event.LawEvent;
import java.util.Set;

/** The first column of the law's table of events: which service tells what. */
final class Tellers {

    private Tellers() {}

    static Set<Service> of(LawEvent event) {
        return switch (event) {
            case LawEvent.Unreadable _ -> Set.of(Service.values());
            case LawEvent.DirectoryVersion _,
                    LawEvent.Tick _,
                    LawEvent.TerminalEnrolled _,
                    LawEvent.TerminalWithdrawn _ -> Set.of(LEDGER);
            case LawEvent.WalletBorn _,
                    LawEvent.KeyEndorsed _,
                    LawEvent.KeyRevoked _,
                    LawEvent.SalesPlanCreated _,
                    LawEvent.LossAnswered _,
                    LawEvent.TokensSold _,
                    LawEvent.TokenGranted _,
                    LawEvent.SaleUndone _,
                    LawEvent.TokenHeld _,
                    LawEvent.TokenFreed _,
                    LawEvent.TokenLost _,
                    LawEvent.TokenFound _,
                    LawEvent.TokenBurned _ -> Set.of(TOKEN);
            case LawEvent.OrderPlaced _, LawEvent.OrderCancelled _ -> Set.of(ORDER);
            case LawEvent.PaymentCaptured _, LawEvent.ReceiptReturned _ -> Set.of(PAYMENT);
            case LawEvent.PickupAuthorised _, LawEvent.PickupCancelled _, LawEvent.DeliveryCompleted _ ->
                Set.of(DELIVERY);
            case LawEvent.CasesReleased _, LawEvent.CasesShipped _ -> Set.of(WAREHOUSE);
            case LawEvent.CaseStated _ -> Set.of(WAREHOUSE, DELIVERY);
        };
    }
}
