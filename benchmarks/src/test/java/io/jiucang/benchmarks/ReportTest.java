package io.jiucang.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportTest {

    @TempDir
    Path directory;

    @Test
    void putsEachFigureBesideItsFloor() {
        assertThat(report("abc", 180, List.of()).markdown()).isEqualTo("""
                # Benchmark of abc

                2 × Z80; the driver and everything it drives share it.
                2026-11-27T15:00:00Z; 3 orders.

                | What | Measured | Floor, in the same run | Ratio |
                |---|---:|---:|---:|
                | plain inserts | 1,800 /s |  |  |
                | orders accepted | 180 /s | 1,800 /s | 0.10 |
                | answered, p50 | 13.7 ms |  |  |
                | refused | 0 |  |  |

                Missing of what was acknowledged: nothing.
                """);
    }

    @Test
    void tellsWhatIsMissing() {
        assertThat(report("abc", 180, List.of("order 1 was acknowledged and is not there"))
                        .markdown())
                .endsWith("""
                Missing of what was acknowledged: 1.
                - order 1 was acknowledged and is not there
                """);
    }

    @Test
    void isReadAsItWasWritten() throws Exception {
        Report report = report("abc", 180, List.of("something"));
        report.write(directory, "run");

        assertThat(Report.read(directory.resolve("run.json"))).isEqualTo(report);
        assertThat(Files.readString(directory.resolve("run.md"))).isEqualTo(report.markdown());
    }

    @Test
    void comparesTheMediansOfTwoCheckouts() {
        List<Report> before = List.of(
                report("old", 100, List.of("something")), report("old", 170, List.of()), report("old", 180, List.of()));
        List<Report> after = List.of(report("new", 400, List.of()), report("new", 280, List.of()));

        assertThat(Report.compare(before, after))
                .startsWith("# old and new\n")
                .contains("| orders accepted | 170 /s | 340 /s | 2.00 |")
                .endsWith("Missing of what was acknowledged: 1 before, 0 after.\n");
    }

    @Test
    void aFigureThatOnlyOneCheckoutHasStaysADash() {
        Report without = new Report(Instant.EPOCH, "m", "old", "load", List.of(), List.of());

        assertThat(Report.compare(List.of(without), List.of(report("new", 180, List.of()))))
                .contains("| orders accepted | – /s | 180 /s | – |");
    }

    private static Report report(String commit, double orders, List<String> missing) {
        return new Report(
                Instant.parse("2026-11-27T15:00:00Z"),
                "2 × Z80",
                commit,
                "3 orders",
                List.of(
                        new Figure("floor", "plain inserts", 1800, "/s", null),
                        new Figure("orders", "orders accepted", orders, "/s", "floor"),
                        new Figure("p50", "answered, p50", 13.74, "ms", null),
                        new Figure("refused", "refused", 0, "", null)),
                missing);
    }
}
