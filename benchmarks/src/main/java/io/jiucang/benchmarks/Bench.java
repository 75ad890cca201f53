package io.jiucang.benchmarks;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code ./run bench}. */
@Command(
        name = "bench",
        description = "Drive a stack of its own from outside, and measure it beside its floors.",
        sortOptions = false,
        mixinStandardHelpOptions = true)
final class Bench implements Callable<Integer> {

    private static final String DEFAULT = " (default: ${DEFAULT-VALUE}).";

    private static final int WRONG_SHOWN = 20;

    private final Progress progress = new Progress(new PrintStream(System.out, true, StandardCharsets.UTF_8));

    @Option(names = "--checkout", paramLabel = "DIR", defaultValue = ".", description = "Whose ./run up" + DEFAULT)
    private Path checkout = Path.of(".");

    @Option(names = "--out", paramLabel = "DIR", defaultValue = "docs/benchmarks", description = "Where to" + DEFAULT)
    private Path out = Path.of("docs/benchmarks");

    @Option(names = "--name", defaultValue = "latest", description = "NAME.json and NAME.md are written" + DEFAULT)
    private String name = "latest";

    @Option(names = "--buyers", defaultValue = "64", description = "Each with a device key of their own" + DEFAULT)
    private int buyers;

    @Option(names = "--at-once", defaultValue = "32", description = "Requests in work, at its most" + DEFAULT)
    private int atOnce;

    @Option(names = "--orders", defaultValue = "3000", description = "Placed so" + DEFAULT)
    private int orders;

    @Option(names = "--purchases", defaultValue = "500", description = "Of them paid, released and titled" + DEFAULT)
    private int purchases;

    @Option(names = "--rate", defaultValue = "50", description = "Orders a second that come by themselves" + DEFAULT)
    private double rate;

    @Option(names = "--seconds", defaultValue = "15", description = "For so long" + DEFAULT)
    private int seconds;

    @Option(names = "--forged", defaultValue = "100000", description = "Forged records among them" + DEFAULT)
    private int forged;

    public static void main(String[] args) {
        int exit = new CommandLine(new Bench())
                .setExecutionExceptionHandler((failure, command, parsed) -> {
                    System.err.println(failure.getMessage() == null ? failure.toString() : failure.getMessage());
                    return 1;
                })
                .execute(args);
        System.exit(exit);
    }

    /** @return non-zero when anything acknowledged is missing */
    @Override
    public Integer call() throws Exception {
        LoadRun.Plan plan =
                new LoadRun.Plan(buyers, atOnce, orders, purchases, rate, Duration.ofSeconds(seconds), forged);
        return inScratch(data -> {
            Report report = new LoadRun(plan, progress).run(checkout, data);
            report.write(out, name);
            progress.plain("");
            progress.plain(report.markdown());
            progress.line("Written: %s.json and .md".formatted(out.resolve(name)));
            return report.missing();
        });
    }

    @Command(
            name = "burst",
            description =
                    "Many purchases at once, kill -9 in their middle: each must end with its title and be paid once.",
            mixinStandardHelpOptions = true)
    int burst(
            @Option(
                            names = "--checkout",
                            paramLabel = "DIR",
                            defaultValue = ".",
                            description = "Whose ./run up" + DEFAULT)
                    Path checkout,
            @Option(names = "--orders", defaultValue = "3000", description = "Of one case each" + DEFAULT) int orders,
            @Option(
                            names = "--buyers",
                            defaultValue = "64",
                            description = "Each with a device key of their own" + DEFAULT)
                    int buyers,
            @Option(names = "--at-once", defaultValue = "16", description = "Requests of each kind in work" + DEFAULT)
                    int atOnce)
            throws Exception {
        return inScratch(data -> {
            List<String> wrong = new Burst(orders, buyers, atOnce, progress).run(checkout, data);
            if (wrong.isEmpty()) {
                progress.line("Nothing is missing, and nothing was paid twice.");
            }
            return wrong;
        });
    }

    @Command(name = "compare", description = "One table of the runs of two checkouts.", mixinStandardHelpOptions = true)
    int compare(
            @Option(names = "--before", arity = "1..*", required = true, description = "JSON of its runs")
                    List<Path> before,
            @Option(names = "--after", arity = "1..*", required = true, description = "JSON of its runs")
                    List<Path> after,
            @Nullable @Option(names = "--table", paramLabel = "FILE", description = "Written there, too") Path table)
            throws IOException {
        String text = Report.compare(read(before), read(after));
        progress.plain(text);
        if (table != null) {
            Files.writeString(table, text);
        }
        return 0;
    }

    private static List<Report> read(List<Path> files) throws IOException {
        List<Report> reports = new ArrayList<>();
        for (Path file : files) {
            reports.add(Report.read(file));
        }
        return reports;
    }

    @FunctionalInterface
    private interface Task {
        /** @return what is wrong, or missing; nothing, if all is well */
        List<String> run(Path data) throws Exception;
    }

    /** In a directory of this run alone, which is gone afterwards if all was well. */
    private int inScratch(Task task) throws Exception {
        Path scratch = Files.createDirectories(Path.of(".jiucang", "bench").toAbsolutePath());
        Path data = Files.createTempDirectory(scratch, "run-");
        List<String> wrong = task.run(data);
        if (!wrong.isEmpty()) {
            progress.line("%d differences; the data is kept in %s".formatted(wrong.size(), data));
            wrong.stream().limit(WRONG_SHOWN).forEach(each -> progress.plain("  ✗ " + each));
            return 1;
        }
        try (var files = Files.walk(data)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
        return 0;
    }
}
