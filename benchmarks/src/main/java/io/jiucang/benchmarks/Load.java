package io.jiucang.benchmarks;

import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Has requests sent and takes their times.
 *
 * @param served those that succeeded, and how long each took
 * @param failed how many did not
 * @param firstFailure what the first of them met
 * @param nanos from the first request to the last answer
 */
record Load(Latencies served, long failed, @Nullable String firstFailure, long nanos) {

    /** A user's request, with all its patience. */
    @FunctionalInterface
    interface Request<T> {
        /** @param due when it should have been sent, as {@link System#nanoTime} counts */
        void send(T what, long due) throws InterruptedException;
    }

    double perSecond() {
        return served.count() * 1e9 / nanos;
    }

    /**
     * At their times, whether or not earlier ones were answered: as buyers come, who do not wait for each other. Each time
     * is taken from when the request was due, so that a system that stands still is charged with everybody it kept
     * waiting.
     */
    static <T> Load open(Schedule schedule, List<T> requests, Request<T> request) throws InterruptedException {
        return new Run<>(request).open(schedule, requests);
    }

    /** So many at once, each next one as soon as one is answered: what the system takes at most. */
    static <T> Load closed(int atOnce, List<T> requests, Request<T> request) throws InterruptedException {
        return new Run<>(request).closed(atOnce, requests);
    }

    private static final class Run<T> {

        private final Request<T> request;
        private final Latencies served = new Latencies();
        private final LongAdder failed = new LongAdder();
        private final AtomicReference<@Nullable String> firstFailure = new AtomicReference<>();

        Run(Request<T> request) {
            this.request = request;
        }

        Load open(Schedule schedule, List<T> requests) throws InterruptedException {
            long start = System.nanoTime();
            try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
                for (int i = 0; i < Math.min(schedule.count(), requests.size()); i++) {
                    T what = requests.get(i);
                    long due = start + schedule.due(i);
                    sleepUntil(due);
                    executor.execute(() -> send(what, due));
                }
            }
            return result(start);
        }

        Load closed(int atOnce, List<T> requests) throws InterruptedException {
            long start = System.nanoTime();
            Semaphore free = new Semaphore(atOnce);
            try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
                for (T what : requests) {
                    free.acquire();
                    executor.execute(() -> {
                        try {
                            send(what, System.nanoTime());
                        } finally {
                            free.release();
                        }
                    });
                }
            }
            return result(start);
        }

        private void send(T what, long due) {
            try {
                request.send(what, due);
                served.record(System.nanoTime() - due);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (RuntimeException e) {
                failed.increment();
                firstFailure.compareAndSet(null, String.valueOf(e.getMessage()));
            }
        }

        private Load result(long start) throws InterruptedException {
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            return new Load(served, failed.sum(), firstFailure.get(), System.nanoTime() - start);
        }

        private static void sleepUntil(long time) throws InterruptedException {
            for (long left = time - System.nanoTime(); left > 0; left = time - System.nanoTime()) {
                LockSupport.parkNanos(left);
                if (Thread.interrupted()) {
                    throw new InterruptedException();
                }
            }
        }
    }
}
