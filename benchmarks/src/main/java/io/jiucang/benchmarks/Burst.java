package io.jiucang.benchmarks;

import io.jiucang.benchmarks.Shop.Movement;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Many purchases at once, and {@code kill -9} in their middle, when some are being placed, others paid, released or titled.
 * Everybody goes on as people do: what was not answered is sent again. At the end each has paid once and owns one case.
 */
final class Burst {

    private static final Duration ALL = Duration.ofMinutes(20);
    private static final Duration ONE_STEP = Duration.ofMinutes(5);
    private static final Duration NEWS = Duration.ofSeconds(5);

    private final int orders;
    private final int buyers;
    private final Progress progress;

    private final Semaphore places;
    private final Semaphore payments;
    private final Semaphore scans;
    private final AtomicInteger placed = new AtomicInteger();
    private final AtomicInteger paid = new AtomicInteger();
    private final AtomicInteger released = new AtomicInteger();
    private final AtomicInteger titled = new AtomicInteger();
    private final CountDownLatch untilTheMiddle;
    private final List<Purchase> acknowledged = Collections.synchronizedList(new ArrayList<>());
    private final List<String> failures = Collections.synchronizedList(new ArrayList<>());

    /** @param atOnce requests in work of each kind: orders, payments, scans */
    Burst(int orders, int buyers, int atOnce, Progress progress) {
        this.orders = orders;
        this.buyers = buyers;
        this.progress = progress;
        this.places = new Semaphore(atOnce);
        this.payments = new Semaphore(atOnce);
        this.scans = new Semaphore(atOnce);
        this.untilTheMiddle = new CountDownLatch(orders / 2);
    }

    /** @return what is wrong at the end; nothing, if all is well */
    List<String> run(Path checkout, Path data) throws InterruptedException {
        progress.line("Starting ./run up of " + checkout.toAbsolutePath().normalize());
        try (RunningStack stack = RunningStack.start(checkout, data);
                Http http = new Http();
                EventWatch watch = EventWatch.start(stack.bootstrapServers())) {
            http.allow(ALL);
            Shop shop = new Shop(stack, http, buyers);
            shop.open();
            progress.line("%,d boxes are put into their bins".formatted(orders));
            List<String> boxes = shop.shelve(orders);
            progress.line("%,d buyers order %,d cases".formatted(buyers, orders));
            buyAll(stack, shop, watch, boxes);
            progress.line("%d requests were told to come later, %d met a fault, %d got no answer: all were sent again"
                    .formatted(http.toldToWait(), http.faults(), http.unanswered()));
            http.allow(ONE_STEP);
            return judge(shop, watch);
        }
    }

    private void buyAll(RunningStack stack, Shop shop, EventWatch watch, List<String> boxes)
            throws InterruptedException {
        try (ExecutorService people = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < orders; i++) {
                int number = i;
                people.execute(() -> buy(shop, watch, number, boxes.get(number)));
            }
            people.shutdown();
            while (!untilTheMiddle.await(NEWS.toSeconds(), TimeUnit.SECONDS) && !people.isTerminated()) {
                progress.line(standing());
            }
            progress.line(standing() + ": kill -9");
            stack.kill();
            stack.restart();
            progress.line("Started again on the same data, after %.1f s"
                    .formatted(stack.startTime().toMillis() / 1e3));
            while (!people.awaitTermination(NEWS.toSeconds(), TimeUnit.SECONDS)) {
                progress.line(standing());
            }
        }
        progress.line(standing());
    }

    private String standing() {
        return String.format(
                Locale.ROOT,
                "%,6d placed %,6d paid %,6d released %,6d titled",
                placed.get(),
                paid.get(),
                released.get(),
                titled.get());
    }

    private void buy(Shop shop, EventWatch watch, int number, String box) {
        try {
            Purchase purchase;
            places.acquire();
            try {
                purchase = shop.place(shop.draft(number));
            } finally {
                places.release();
            }
            acknowledged.add(purchase);
            placed.incrementAndGet();

            await(watch, EventWatch.PAYMENT_DUE, purchase);
            payments.acquire();
            try {
                shop.openPayment(purchase);
                shop.pay(purchase);
            } finally {
                payments.release();
            }
            paid.incrementAndGet();
            untilTheMiddle.countDown();

            await(watch, EventWatch.RELEASE_REQUESTED, purchase);
            scans.acquire();
            try {
                shop.release(purchase, box);
            } finally {
                scans.release();
            }
            released.incrementAndGet();

            await(watch, EventWatch.ORDER_FULFILLED, purchase);
            titled.incrementAndGet();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            failures.add(String.valueOf(e.getMessage()));
        }
    }

    private static void await(EventWatch watch, String event, Purchase purchase) throws InterruptedException {
        try {
            watch.when(event, purchase).get(ONE_STEP.toSeconds(), TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            throw new Http.Failure(
                    "no " + event + " of " + purchase.orderId() + " within " + ONE_STEP.toMinutes() + " min");
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    private List<String> judge(Shop shop, EventWatch watch) throws InterruptedException {
        Map<String, String> found = shop.orders();
        Map<String, Integer> cellars = shop.cellars();
        List<Movement> bill = shop.statement();
        List<Purchase> charged = acknowledged.stream().filter(Purchase::isPaid).toList();
        List<String> wrong = new ArrayList<>(failures);
        wrong.addAll(Audit.missing(acknowledged, found, cellars));
        wrong.addAll(Audit.differences(charged, Shop.unitPrice(), bill));
        wrong.addAll(shop.discrepancies());
        int unanchored = watch.awaitAnchors(ONE_STEP);
        if (unanchored > 0) {
            wrong.add(unanchored + " events are not in the ledger");
        }
        int titles = cellars.values().stream().mapToInt(Integer::intValue).sum();
        if (titles != orders) {
            wrong.add("%,d orders, and %,d titles".formatted(orders, titles));
        }
        progress.line("%,d orders, %,d paid, %,d titles".formatted(acknowledged.size(), charged.size(), titles));
        progress.line("WeChat Pay's bill: %s taken, %s paid back; %,d orders at %s are %s"
                .formatted(
                        yuan(sum(bill, false)),
                        yuan(sum(bill, true)),
                        charged.size(),
                        yuan(Shop.unitPrice()),
                        yuan(charged.size() * Shop.unitPrice())));
        return wrong;
    }

    private static long sum(List<Movement> bill, boolean refund) {
        return bill.stream()
                .filter(movement -> movement.refund() == refund)
                .mapToLong(Movement::minorUnits)
                .sum();
    }

    private static String yuan(long fen) {
        return String.format(Locale.ROOT, "CNY %,.2f", fen / 100.0);
    }
}
