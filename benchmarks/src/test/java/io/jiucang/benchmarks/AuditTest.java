package io.jiucang.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import io.jiucang.benchmarks.Shop.Buyer;
import io.jiucang.benchmarks.Shop.Movement;
import io.jiucang.simulators.device.Device;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AuditTest {

    private static final long PRICE = 264_000;

    private final Buyer li =
            new Buyer("li", "", "", Device.create(RunningStack.ENVIRONMENT, RunningStack.ORIGIN, Clock.systemUTC()));
    private final Purchase placed = new Purchase(li, "placed", "placed's payment");
    private final Purchase paid = new Purchase(li, "paid", "paid's payment");
    private final Purchase released = new Purchase(li, "released", "released's payment");
    private final List<Purchase> all = List.of(placed, paid, released);

    AuditTest() {
        paid.acknowledgePaid();
        released.acknowledgePaid();
        released.acknowledgeReleased();
    }

    @Test
    void nothingIsMissingWhereEverythingHasComeAsFarAsWasAcknowledged() {
        assertThat(missing(Map.of("placed", "PLACED", "paid", "PAID", "released", "FULFILLED"), 1))
                .isEmpty();
        assertThat(missing(Map.of("placed", "CONFIRMED", "paid", "FULFILLED", "released", "FULFILLED"), 2))
                .isEmpty();
    }

    @Test
    void findsAnAcknowledgedOrderThatIsNotThere() {
        assertThat(missing(Map.of("paid", "PAID", "released", "FULFILLED"), 1))
                .containsExactly("order placed was acknowledged and is not there");
    }

    @Test
    void findsMoneyTakenForAnOrderThatIsNotPaid() {
        assertThat(missing(Map.of("placed", "PLACED", "paid", "CONFIRMED", "released", "FULFILLED"), 1))
                .containsExactly("order paid was paid, and it is CONFIRMED");
    }

    @Test
    void findsAReleasedCaseThatIsNobodys() {
        assertThat(missing(Map.of("placed", "PLACED", "paid", "PAID", "released", "PAID"), 0))
                .containsExactly("order released was paid and its case released, and it is PAID");
    }

    @Test
    void findsATokenThatIsNotInItsBuyersCellar() {
        assertThat(missing(Map.of("placed", "PLACED", "paid", "FULFILLED", "released", "FULFILLED"), 1))
                .containsExactly("li owns 1 tokens by 2 fulfilled orders");
    }

    private List<String> missing(Map<String, String> orders, int tokens) {
        return Audit.missing(all, orders, Map.of("li", tokens));
    }

    @Test
    void theBillAgreesWhereEachPaidOrderWasChargedOnceAndTheRestWentBack() {
        List<Movement> bill = List.of(
                new Movement("paid's payment", false, PRICE),
                new Movement("released's payment", false, PRICE),
                new Movement("released's payment", false, PRICE),
                new Movement("released's payment", true, PRICE),
                new Movement("somebody else's", false, 1));

        assertThat(Audit.differences(List.of(paid, released), PRICE, bill)).isEmpty();
    }

    @Test
    void findsAnOrderThatWasChargedTwiceOrNever() {
        List<Movement> bill =
                List.of(new Movement("paid's payment", false, PRICE), new Movement("paid's payment", false, PRICE));

        assertThat(Audit.differences(List.of(paid, released), PRICE, bill))
                .containsExactly(
                        "order paid costs 264000 and the bill has 528000",
                        "order released costs 264000 and the bill has 0");
    }
}
