package io.jiucang.quickstart;

import io.jiucang.ledger.VerifierKey;
import io.jiucang.quickstart.audit.Audit;
import io.jiucang.quickstart.audit.AuditImpossible;
import io.jiucang.quickstart.audit.Gathered;
import io.jiucang.quickstart.audit.Report;
import io.jiucang.title.directory.Pins;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.json.JsonMapper;

/** {@code ./run audit}: of a stack that runs elsewhere, by default {@code ./run up}. */
@Command(
        name = "run audit",
        description = "Opens every leaf of a running stack's ledger, replays the law over them, and compares them with"
                + " every service's own rows.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:green", "1:breaches, each of which is printed", "2:it could not be carried out"})
final class AuditCommand implements Callable<Integer> {

    private static final int GREEN = 0;
    private static final int BREACHES = 1;
    private static final int IMPOSSIBLE = 2;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(
            names = "--data",
            paramLabel = "DIR",
            defaultValue = ".jiucang/data",
            description = "Where the stack keeps its keys and databases (default: ${DEFAULT-VALUE}).")
    private Path data = Path.of(".jiucang/data");

    @Option(
            names = "--key",
            paramLabel = "VKEY",
            description = "The ledger's verifier key, from a source you trust; with --root, nothing is believed that"
                    + " stands in DIR.")
    private @Nullable String key;

    @Option(
            names = "--root",
            paramLabel = "KEY",
            description =
                    "A root's Ed25519 public key (32 bytes, base64url) that must have signed the directory. Repeat"
                            + " it for several.")
    private List<String> roots = List.of();

    @Option(names = "--ledger", paramLabel = "URL", description = "Where the ledger is served (default: the stack's).")
    private URI ledger = Stack.Member.LEDGER.uri();

    @Option(names = "--kafka", paramLabel = "HOST:PORT", description = "Where the topics are (default: the stack's).")
    private String kafka = Stack.BOOTSTRAP_SERVERS;

    @Option(
            names = "--without-databases",
            description = "Do not compare the services' rows, as whoever is no operator has to do.")
    private boolean withoutDatabases;

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    public static void main(String[] args) {
        System.exit(new CommandLine(new AuditCommand()).execute(args));
    }

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        try {
            Report report = audit();
            if (json) {
                out.println(report.json());
            } else {
                report.lines().forEach(out::println);
            }
            return report.isGreen() ? GREEN : BREACHES;
        } catch (RuntimeException | IOException e) {
            // A ledger, broker or database that does not answer, or does not answer as one.
            String why = e.getMessage() == null ? e.toString() : e.getMessage();
            out.println(
                    json
                            ? new JsonMapper().writeValueAsString(Map.of("verdict", "IMPOSSIBLE", "why", why))
                            : "IMPOSSIBLE: " + why.replaceAll("\\p{C}", "?"));
            return IMPOSSIBLE;
        } finally {
            out.flush();
        }
    }

    private Report audit() throws IOException {
        Optional<Keys> stack = key == null || roots.isEmpty() ? Optional.of(stacksKeys()) : Optional.empty();
        VerifierKey trusted =
                VerifierKey.parse(key == null ? stack.orElseThrow().vkey() : key);
        Pins pins = roots.isEmpty() ? stack.orElseThrow().pins() : Pins.of(trusted.name(), roots, roots.size());
        Optional<Databases> databases = withoutDatabases ? Optional.empty() : Databases.of(data);
        Consumer<String> progress = progress();
        try {
            Gathered gathered = Gathering.gather(new LogReader(ledger, trusted), kafka, databases, progress);
            progress.accept("judging " + gathered.log().entries().size() + " leaves");
            return Audit.of(gathered, pins, trusted);
        } finally {
            progress.accept("");
        }
    }

    /** Those of a stack that was started once: an audit makes none. */
    private Keys stacksKeys() throws IOException {
        Path folder = data.resolve("keys");
        if (Files.notExists(folder.resolve(Keys.DIRECTORY))) {
            throw new AuditImpossible("no stack was ever started in " + data
                    + " — name its directory with --data, or whom to believe with --key and --root");
        }
        return Keys.in(folder);
    }

    /** On a terminal only, on a line that the next one replaces. */
    @SuppressWarnings("SystemConsoleNull") // It does again, since JDK 25.
    private static Consumer<String> progress() {
        java.io.Console terminal = System.console();
        if (terminal == null || !terminal.isTerminal()) {
            return _ -> {};
        }
        return text -> {
            System.err.print("\r\033[K" + text);
            System.err.flush();
        };
    }
}
