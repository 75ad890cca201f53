package io.jiucang.benchmarks;

import io.jiucang.benchmarks.Shop.Draft;
import io.jiucang.events.Topics;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.apache.kafka.clients.producer.ProducerRecord;

/** The whole benchmark of one checkout: what it measures, in which order, and what must be there afterwards. */
final class LoadRun {

    /** How long the slowest stage may take to catch up with what was asked of it. */
    private static final Duration CATCH_UP = Duration.ofSeconds(60);

    private static final Duration POLL = Duration.ofMillis(50);
    private static final Duration QUIET = Duration.ofSeconds(1);
    private static final Duration FLOOR = Duration.ofSeconds(2);
    private static final int WARM_UP_ORDERS = 400;
    private static final int WARM_UP_PURCHASES = 40;

    /**
     * @param atOnce requests in work in what is measured at its most
     * @param orders how many are placed so
     * @param purchases how many of them are paid, released and titled
     * @param rate orders a second in what is measured at that rate
     * @param duration of that
     * @param forged records sent meanwhile, the second time
     */
    record Plan(int buyers, int atOnce, int orders, int purchases, double rate, Duration duration, int forged) {

        String text() {
            return "%d buyers, %d orders at %d at once, %d paid, %s a second for %d s, %,d forged records"
                    .formatted(buyers, orders, atOnce, purchases, Figure.text(rate), duration.toSeconds(), forged);
        }
    }

    private final Plan plan;
    private final Progress progress;
    private final Figures figures;
    private final List<String> missing = new ArrayList<>();
    private final List<Purchase> acknowledged = Collections.synchronizedList(new ArrayList<>());

    LoadRun(Plan plan, Progress progress) {
        this.plan = plan;
        this.progress = progress;
        this.figures = new Figures(progress);
    }

    /** Where the ledger, the machine and the clock stand. */
    private record Mark(long nanos, long entries, Usage usage, Stored stored) {}

    Report run(Path checkout, Path data) throws InterruptedException {
        Instant at = Instant.now();
        progress.line("Floors: plain inserts and signatures, on the idle machine");
        new Floors(FLOOR).measure(data.resolve("floors")).forEach(figures::add);
        progress.line(
                "Starting ./run up of %s".formatted(checkout.toAbsolutePath().normalize()));
        try (RunningStack stack = RunningStack.start(checkout, data.resolve("stack"));
                Http http = new Http();
                EventWatch watch = EventWatch.start(stack.bootstrapServers())) {
            http.allow(CATCH_UP);
            Shop shop = new Shop(stack, http, plan.buyers);
            shop.open();
            new Session(stack, http, watch, shop).run();
        }
        return new Report(at, Machine.describe(), Machine.commitOf(checkout), plan.text(), figures.all(), missing);
    }

    /** With one running stack. */
    private final class Session {

        private final RunningStack stack;
        private final Http http;
        private final EventWatch watch;
        private final Shop shop;

        Session(RunningStack stack, Http http, EventWatch watch, Shop shop) {
            this.stack = stack;
            this.http = http;
            this.watch = watch;
            this.shop = shop;
        }

        void run() throws InterruptedException {
            warmUp();
            Mark begun = mark();
            List<Purchase> orders = ordersAtMost();
            ordersAtRate("orders.rate", "orders at " + Figure.text(plan.rate) + "/s", List.of());
            if (plan.purchases > 0) {
                purchases(orders.subList(0, Math.min(plan.purchases, orders.size())));
            }
            costs(begun, mark());
            if (plan.forged > 0) {
                flood();
            }
            figures.count("answers.wait", "requests told to come later (503)", http.toldToWait());
            figures.count("answers.fault", "requests answered with another 5xx", http.faults());
            figures.count("answers.none", "requests without an answer", http.unanswered());
            audit();
        }

        private void warmUp() throws InterruptedException {
            progress.line("Warm-up: %d orders, %d of them to title".formatted(WARM_UP_ORDERS, WARM_UP_PURCHASES));
            http.allow(CATCH_UP);
            List<Purchase> orders = new ArrayList<>();
            Load.closed(plan.atOnce, shop.drafts(WARM_UP_ORDERS), (draft, due) -> place(draft, orders));
            lastOf(EventWatch.PAYMENT_DUE, orders);
            List<Purchase> bought = orders.subList(0, Math.min(WARM_UP_PURCHASES, orders.size()));
            http.allow(CATCH_UP);
            List<String> boxes = shop.shelve(bought.size());
            // One after the other, so that they are warm and not yet measured at their most.
            Load paid = Load.closed(1, bought, (purchase, due) -> {
                shop.openPayment(purchase);
                shop.pay(purchase);
            });
            if (paid.failed() > 0) {
                progress.line("  %d payments of the warm-up failed, the first: %s"
                        .formatted(paid.failed(), paid.firstFailure()));
            }
            List<Purchase> wanted = requested(bought);
            http.allow(CATCH_UP);
            release(1, wanted, boxes);
            lastOf(EventWatch.ORDER_FULFILLED, wanted);
            untilQuiet();
        }

        /** As many as it takes: what it accepts, and when what it accepted is reserved and in the ledger. */
        private List<Purchase> ordersAtMost() throws InterruptedException {
            progress.line("Orders, %d at once".formatted(plan.atOnce));
            List<Draft> drafts = shop.drafts(plan.orders);
            List<Purchase> orders = Collections.synchronizedList(new ArrayList<>());
            http.allow(CATCH_UP);
            Duration ownBefore = ownCpu();
            Mark before = mark();
            Load load = Load.closed(plan.atOnce, drafts, (draft, due) -> place(draft, orders));
            long confirmed = lastOf(EventWatch.ORDER_CONFIRMED, orders);
            Mark after = untilQuiet();
            figures.atMost("orders.accepted", "orders accepted", load);
            rate("reservations", "reservations", EventWatch.ORDER_CONFIRMED, orders, before.nanos, confirmed);
            long entries = after.entries - before.entries;
            double seconds = (after.nanos - before.nanos) / 1e9;
            figures.add("anchored", "events anchored", entries / seconds, "/s", Floors.VERIFY);
            Duration cpu = after.usage.cpu().minus(before.usage.cpu());
            figures.add("cpu.order", "CPU an order", millis(cpu) / load.served().count(), "ms");
            figures.add("cpu.event", "CPU an event in the ledger", millis(cpu) / entries, "ms", Floors.CPU);
            figures.add(
                    "cpu.database",
                    "CPU an event in the ledger, PostgreSQL's part",
                    millis(after.usage.database().minus(before.usage.database())) / entries,
                    "ms");
            figures.add(
                    "cpu.driver",
                    "cores the driver took itself",
                    millis(ownCpu().minus(ownBefore)) / 1e3 / seconds,
                    "");
            return List.copyOf(orders);
        }

        /** As they come: how long each takes, from the moment its buyer meant to send it. */
        private void ordersAtRate(String id, String what, List<ProducerRecord<String, byte[]>> forged)
                throws InterruptedException {
            progress.line(what);
            Schedule schedule = new Schedule(plan.rate, plan.duration);
            List<Draft> drafts = shop.drafts(schedule.count());
            List<Purchase> orders = Collections.synchronizedList(new ArrayList<>());
            Latencies confirmed = new Latencies();
            http.allow(plan.duration.plus(CATCH_UP));
            watch.takeAnchoring();
            Load load;
            long start = System.nanoTime();
            try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
                Future<?> flood = executor.submit(() -> {
                    if (!forged.isEmpty()) {
                        double forgedRate = forged.size() * 1e3 / plan.duration.toMillis();
                        Forger.send(stack.bootstrapServers(), forged, new Schedule(forgedRate, plan.duration));
                    }
                    return null;
                });
                load = Load.open(schedule, drafts, (draft, due) -> {
                    Purchase purchase = place(draft, orders);
                    var _ = watch.when(EventWatch.ORDER_CONFIRMED, purchase)
                            .thenAccept(seen -> confirmed.record(seen - due));
                });
                if (!flood.isDone()) {
                    progress.line("  the forger is still sending");
                }
            }
            long last = lastOf(EventWatch.ORDER_CONFIRMED, orders);
            figures.answers(id, what, load);
            figures.add(id + ".confirmed", what + ": confirmed", 100.0 * confirmed.count() / drafts.size(), "%");
            rate(id + ".reservations", what + ": reservations", EventWatch.ORDER_CONFIRMED, orders, start, last);
            figures.add(id + ".confirmed.p50", what + ": sent to confirmed, p50", confirmed.percentile(50), "ms");
            figures.add(id + ".confirmed.p99", what + ": sent to confirmed, p99", confirmed.percentile(99), "ms");
            untilQuiet();
            Latencies anchoring = watch.takeAnchoring();
            figures.add(
                    id + ".anchored.p50",
                    what + ": event stored to seen anchored, p50",
                    anchoring.percentile(50),
                    "ms");
            figures.add(
                    id + ".anchored.p99",
                    what + ": event stored to seen anchored, p99",
                    anchoring.percentile(99),
                    "ms");
        }

        private void purchases(List<Purchase> orders) throws InterruptedException {
            progress.line("%d payments, %d at once".formatted(orders.size(), plan.atOnce));
            http.allow(CATCH_UP);
            List<String> boxes = shop.shelve(orders.size());
            http.allow(CATCH_UP);
            Load opened = Load.closed(plan.atOnce, orders, (purchase, due) -> shop.openPayment(purchase));
            figures.atMost("payments.opened", "payments opened", opened);

            http.allow(CATCH_UP);
            long start = System.nanoTime();
            Load paid = Load.closed(plan.atOnce, orders, (purchase, due) -> shop.pay(purchase));
            figures.failures("payments.paid", "payments", paid);
            List<Purchase> sold = orders.stream().filter(Purchase::isPaid).toList();
            rate(
                    "payments.recorded",
                    "payments recorded as sales",
                    EventWatch.SALE_RECORDED,
                    sold,
                    start,
                    lastOf(EventWatch.SALE_RECORDED, sold));

            List<Purchase> wanted = requested(sold);
            progress.line("%d cases released and titled".formatted(wanted.size()));
            http.allow(CATCH_UP);
            start = System.nanoTime();
            Load released = release(plan.atOnce, wanted, boxes);
            figures.atMost("releases", "releases scanned", released);
            rate(
                    "titles",
                    "titles passed",
                    EventWatch.ORDER_FULFILLED,
                    wanted,
                    start,
                    lastOf(EventWatch.ORDER_FULFILLED, wanted));
            untilQuiet();
        }

        /** Those of them that the warehouse has heard of. */
        private List<Purchase> requested(List<Purchase> orders) throws InterruptedException {
            lastOf(EventWatch.RELEASE_REQUESTED, orders);
            return seen(EventWatch.RELEASE_REQUESTED, orders);
        }

        private Load release(int atOnce, List<Purchase> orders, List<String> boxes) throws InterruptedException {
            List<Integer> numbers = IntStream.range(0, orders.size()).boxed().toList();
            return Load.closed(atOnce, numbers, (number, due) -> shop.release(orders.get(number), boxes.get(number)));
        }

        private void flood() throws InterruptedException {
            progress.line("Forging %,d records".formatted(plan.forged));
            Forger forger =
                    new Forger(watch.keyOn(Topics.ORDER_EVENTS), watch.keyOn(Topics.TOKEN_EVENTS), shop.vaultId());
            List<ProducerRecord<String, byte[]>> forged = forger.records(plan.forged);
            Mark before = mark();
            ordersAtRate("orders.flooded", "orders among %,d forged records".formatted(plan.forged), forged);
            Mark after = mark();
            Stored stored = after.stored.minus(before.stored);
            figures.add("flood.database", "stored meanwhile in PostgreSQL", stored.database() / 1e6, "MB");
            figures.add("flood.topics", "stored meanwhile in Kafka", stored.topics() / 1e6, "MB");
            figures.add("flood.log", "written meanwhile to the log", stored.log() / 1e6, "MB");
            figures.add("flood.memory", "memory of the JVM afterwards", after.usage.memory() / 1e6, "MB");
        }

        /** Of everything between the two, the purchases included. */
        private void costs(Mark before, Mark after) {
            double entries = after.entries - before.entries;
            Stored stored = after.stored.minus(before.stored);
            figures.add(
                    "stored.database",
                    "stored for each entry: PostgreSQL, all services",
                    stored.database() / entries,
                    "B");
            figures.add("stored.topics", "stored for each entry: Kafka", stored.topics() / entries, "B");
        }

        private Purchase place(Draft draft, List<Purchase> orders) throws InterruptedException {
            Purchase purchase = shop.place(draft);
            orders.add(purchase);
            acknowledged.add(purchase);
            return purchase;
        }

        private void rate(String id, String what, String event, List<Purchase> orders, long start, long end) {
            int seen = seen(event, orders).size();
            figures.add(id, what, seen == 0 ? Double.NaN : seen * 1e9 / (end - start), "/s");
            if (seen < orders.size()) {
                figures.count(
                        id + ".open", what + ": still open after " + CATCH_UP.toSeconds() + " s", orders.size() - seen);
            }
        }

        private List<Purchase> seen(String event, List<Purchase> orders) {
            return orders.stream()
                    .filter(purchase -> watch.when(event, purchase).isDone())
                    .toList();
        }

        /** Waits until the event has come by for each, or for as long as it may take. @return when the last one did */
        private long lastOf(String event, List<Purchase> orders) throws InterruptedException {
            long end = System.nanoTime() + CATCH_UP.toNanos();
            while (seen(event, orders).size() < orders.size() && System.nanoTime() < end) {
                Thread.sleep(POLL);
            }
            return seen(event, orders).stream()
                    .mapToLong(purchase -> watch.when(event, purchase).join())
                    .max()
                    .orElse(end);
        }

        private Mark mark() throws InterruptedException {
            http.allow(CATCH_UP);
            return new Mark(System.nanoTime(), shop.ledgerSize(), stack.usage(), stack.stored());
        }

        /** @return how it stood when the ledger last grew */
        private Mark untilQuiet() throws InterruptedException {
            long end = System.nanoTime() + CATCH_UP.toNanos();
            Mark grown = mark();
            while (System.nanoTime() < end) {
                Thread.sleep(POLL);
                Mark now = mark();
                if (now.entries > grown.entries) {
                    grown = now;
                } else if (watch.unanchored() == 0 && now.nanos - grown.nanos > QUIET.toNanos()) {
                    break;
                }
            }
            return grown;
        }

        private void audit() throws InterruptedException {
            progress.line("Looking for everything that was acknowledged");
            http.allow(CATCH_UP);
            List<Purchase> paid = acknowledged.stream().filter(Purchase::isPaid).toList();
            try {
                missing.addAll(Audit.missing(acknowledged, shop.orders(), shop.cellars()));
                missing.addAll(Audit.differences(paid, Shop.unitPrice(), shop.statement()));
                missing.addAll(shop.discrepancies());
            } catch (Http.Failure e) {
                missing.add("nobody can tell, because " + e.getMessage());
            }
            int unanchored = watch.awaitAnchors(CATCH_UP);
            if (unanchored > 0) {
                missing.add(unanchored + " events are not in the ledger");
            }
        }
    }

    private static Duration ownCpu() {
        return Usage.cpuOf(ProcessHandle.current().pid());
    }

    private static double millis(Duration duration) {
        return duration.toNanos() / 1e6;
    }
}
