package io.jiucang.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;

/**
 * What one run measured.
 *
 * @param load what it was asked for
 * @param figures in the order they are to be read
 * @param missing what was acknowledged and is not there
 */
record Report(Instant at, String machine, String commit, String load, List<Figure> figures, List<String> missing) {

    private static final int MISSING_SHOWN = 10;

    Report {
        figures = List.copyOf(figures);
        missing = List.copyOf(missing);
    }

    static Report read(Path json) throws IOException {
        return Http.JSON.readValue(Files.readAllBytes(json), Report.class);
    }

    /** Writes both forms beside each other: {@code name.json} and {@code name.md}. */
    void write(Path directory, String name) throws IOException {
        Files.createDirectories(directory);
        Files.writeString(
                directory.resolve(name + ".json"),
                Http.JSON.writerWithDefaultPrettyPrinter().writeValueAsString(this) + "\n");
        Files.writeString(directory.resolve(name + ".md"), markdown());
    }

    String markdown() {
        Map<String, Figure> byId =
                figures.stream().collect(Collectors.toMap(Figure::id, figure -> figure, (one, other) -> one));
        StringBuilder text = new StringBuilder("# Benchmark of " + commit + "\n\n")
                .append(machine)
                .append("; the driver and everything it drives share it.\n")
                .append(at)
                .append("; ")
                .append(load)
                .append(".\n\n| What | Measured | Floor, in the same run | Ratio |\n|---|---:|---:|---:|\n");
        for (Figure figure : figures) {
            Figure floor = figure.floor() == null ? null : byId.get(figure.floor());
            text.append("| ")
                    .append(figure.what())
                    .append(" | ")
                    .append(figure.text())
                    .append(" | ")
                    .append(floor == null ? "" : floor.text())
                    .append(" | ")
                    .append(floor == null ? "" : Figure.text(figure.value() / floor.value()))
                    .append(" |\n");
        }
        text.append("\nMissing of what was acknowledged: ")
                .append(missing.isEmpty() ? "nothing" : missing.size())
                .append(".\n");
        missing.stream()
                .limit(MISSING_SHOWN)
                .forEach(each -> text.append("- ").append(each).append('\n'));
        return text.toString();
    }

    /** One table of two checkouts, of each the median of all its runs. */
    static String compare(List<Report> before, List<Report> after) {
        Map<String, Figure> known = new LinkedHashMap<>();
        for (Report report : concat(after, before)) {
            report.figures.forEach(figure -> known.putIfAbsent(figure.id(), figure));
        }
        StringBuilder text = new StringBuilder("# " + commits(before) + " and " + commits(after) + "\n\n")
                .append(after.getFirst().machine)
                .append("; the driver and everything it drives share it.\n")
                .append("Run in turn, ")
                .append(before.size())
                .append(" and ")
                .append(after.size())
                .append(" times, ")
                .append(after.getFirst().load)
                .append("; medians.\n\n| What | Before | After | Ratio |\n|---|---:|---:|---:|\n");
        for (Figure figure : known.values()) {
            double was = median(before, figure.id());
            double is = median(after, figure.id());
            text.append("| ")
                    .append(figure.what())
                    .append(" | ")
                    .append(withUnit(was, figure))
                    .append(" | ")
                    .append(withUnit(is, figure))
                    .append(" | ")
                    .append(Figure.text(is / was))
                    .append(" |\n");
        }
        return text.append("\nMissing of what was acknowledged: ")
                .append(missing(before))
                .append(" before, ")
                .append(missing(after))
                .append(" after.\n")
                .toString();
    }

    private static String withUnit(double value, Figure figure) {
        return new Figure(figure.id(), figure.what(), value, figure.unit(), null).text();
    }

    private static double median(List<Report> reports, String id) {
        double[] values = reports.stream()
                .flatMap(report -> report.figures.stream())
                .filter(figure -> figure.id().equals(id) && Double.isFinite(figure.value()))
                .mapToDouble(Figure::value)
                .sorted()
                .toArray();
        int middle = values.length / 2;
        return switch (values.length) {
            case 0 -> Double.NaN;
            default ->
                values.length % 2 == 1
                        ? values[middle]
                        : DoubleStream.of(values[middle - 1], values[middle])
                                .average()
                                .orElseThrow();
        };
    }

    private static long missing(List<Report> reports) {
        return reports.stream().mapToLong(report -> report.missing.size()).sum();
    }

    private static String commits(List<Report> reports) {
        return String.join(
                ", ", new TreeSet<>(reports.stream().map(Report::commit).toList()));
    }

    private static List<Report> concat(List<Report> first, List<Report> second) {
        List<Report> all = new ArrayList<>(first);
        all.addAll(second);
        return all;
    }
}
