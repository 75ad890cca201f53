package io.jiucang.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LoadTest {

    private static final List<Integer> REQUESTS = IntStream.range(0, 20).boxed().toList();

    /** The first is answered when the last was sent: in a closed loop, nobody would ever be. */
    @Test
    void anOpenLoopSendsWhetherOrNotEarlierOnesWereAnswered() throws InterruptedException {
        CountDownLatch all = new CountDownLatch(REQUESTS.size());

        Load load = Load.open(new Schedule(1000, Duration.ofSeconds(1)), REQUESTS, (number, due) -> {
            all.countDown();
            all.await();
        });

        assertThat(load.served().count()).isEqualTo(REQUESTS.size());
        assertThat(load.failed()).isZero();
    }

    /** 20 requests, due one a millisecond, are answered together: the first waited 19 ms longer than the last. */
    @Test
    void timesAreTakenFromWhenARequestWasDue() throws InterruptedException {
        CountDownLatch all = new CountDownLatch(REQUESTS.size());

        Load load = Load.open(new Schedule(1000, Duration.ofSeconds(1)), REQUESTS, (number, due) -> {
            all.countDown();
            all.await();
        });

        assertThat(load.served().max()).isGreaterThanOrEqualTo(19);
    }

    @Test
    void aClosedLoopHasNoMoreInWorkThanItMay() throws InterruptedException {
        AtomicInteger inWork = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        CountDownLatch three = new CountDownLatch(3);

        Load load = Load.closed(3, REQUESTS, (number, due) -> {
            most.accumulateAndGet(inWork.incrementAndGet(), Math::max);
            three.countDown();
            three.await();
            inWork.decrementAndGet();
        });

        assertThat(load.served().count()).isEqualTo(REQUESTS.size());
        assertThat(most).hasValue(3);
    }

    @Test
    void whatFailsIsCountedAndNotTimed() throws InterruptedException {
        Load load = Load.closed(2, REQUESTS, (number, due) -> {
            if (number % 4 == 0) {
                throw new Http.Failure("refused");
            }
        });

        assertThat(load.served().count()).isEqualTo(15);
        assertThat(load.failed()).isEqualTo(5);
        assertThat(load.firstFailure()).isEqualTo("refused");
    }
}
