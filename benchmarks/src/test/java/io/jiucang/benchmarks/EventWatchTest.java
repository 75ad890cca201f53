package io.jiucang.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import io.jiucang.benchmarks.Shop.Buyer;
import io.jiucang.events.value.Ids;
import io.jiucang.simulators.device.Device;
import java.time.Clock;
import org.junit.jupiter.api.Test;

class EventWatchTest {

    @Test
    void namesATypeWithoutServiceAndVersion() {
        assertThat(EventWatch.shortName("io.jiucang.order.OrderPlaced.v1")).isEqualTo("OrderPlaced");
        assertThat(EventWatch.shortName("nonsense")).isEqualTo("nonsense");
    }

    @Test
    void looksForAPaymentsEventsUnderThePayment() {
        Device device = Device.create(RunningStack.ENVIRONMENT, RunningStack.ORIGIN, Clock.systemUTC());
        Purchase purchase = new Purchase(new Buyer("li", "", "", device), "order", "payment");

        assertThat(EventWatch.subjectOf(EventWatch.SALE_RECORDED, purchase)).isEqualTo("payment");
        assertThat(EventWatch.subjectOf(EventWatch.PAYMENT_DUE, purchase)).isEqualTo("payment");
        assertThat(EventWatch.subjectOf(EventWatch.RELEASE_REQUESTED, purchase)).isEqualTo("order");
    }

    @Test
    void readsFromAnEventsIdWhenItWasMade() {
        long before = System.currentTimeMillis();
        long born = EventWatch.bornAt(Ids.next());

        assertThat(born).isBetween(before, System.currentTimeMillis());
    }

    @Test
    void aForgedIdIsAnIdAndOfNoEventEverMade() {
        assertThat(Forger.id(99_999)).isEqualTo("00000000-0001-7000-8000-00000000869f");
        assertThat(EventWatch.bornAt(Forger.id(99_999))).isLessThan(60_000);
    }
}
