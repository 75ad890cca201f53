package io.jiucang.ledger.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.jiucang.ledger.Checkpoint;
import io.jiucang.ledger.EventInspector;
import io.jiucang.ledger.EventInspector.Trust;
import io.jiucang.ledger.LedgerException;
import io.jiucang.ledger.LedgerException.Reason;
import io.jiucang.ledger.ProofBundle;
import io.jiucang.ledger.ProofBundle.Item;
import io.jiucang.ledger.VerifierKey;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Verifies a proof bundle offline. Events are checked by the {@link EventInspector} on the class path, if asked for. */
@Command(
        name = "jiucang-verify",
        description =
                "Verifies that the entries of a proof bundle are in the log, with nothing but the log's public key.",
        mixinStandardHelpOptions = true,
        version = "jiucang-verify for jiucang-proof/v1 and c2sp.org/tlog-proof@v1",
        sortOptions = false,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:verified", "1:not verified; the reason is printed", "2:wrong usage, or a file cannot be read"
        })
public final class Verify implements Callable<Integer> {

    private static final int VERIFIED = 0;
    private static final int NOT_VERIFIED = 1;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(paramLabel = "FILE", description = "The proof bundle.")
    private Path file = Path.of("");

    @Option(
            names = "--key",
            required = true,
            paramLabel = "VKEY",
            description =
                    "The log's verifier key, or a file that holds it. Get it from a source you trust. Repeat it for "
                            + "a log that changed its key.")
    private List<String> keys = List.of();

    @Option(
            names = "--origin",
            paramLabel = "ORIGIN",
            description = "The log's origin line, when it is not the name of the first key.")
    private @Nullable String origin;

    @Option(
            names = "--directory",
            paramLabel = "FILE",
            description =
                    "Also check each event against its entry, with the services' keys in this directory of parties.")
    private @Nullable Path directory;

    @Option(
            names = "--root",
            paramLabel = "KEY",
            description =
                    "A root's Ed25519 public key (32 bytes, base64url) that must have signed the directory. Get it from "
                            + "a source you trust. Repeat it for several.")
    private List<String> roots = List.of();

    public static void main(String[] args) {
        System.exit(commandLine().execute(args));
    }

    static CommandLine commandLine() {
        return new CommandLine(new Verify());
    }

    @Override
    public Integer call() {
        byte[] document = read(file);
        List<VerifierKey> trusted = keys.stream().map(this::key).toList();
        String log = origin == null ? trusted.getFirst().name() : origin;
        Trust trust = trust(log);
        EventInspector inspector = trust == null ? null : inspector();

        PrintWriter out = spec.commandLine().getOut();
        try {
            ProofBundle bundle = ProofBundle.parse(document);
            List<Checkpoint> checkpoints = bundle.verify(log, trusted);
            List<List<String>> findings = new ArrayList<>();
            for (Item item : bundle.items()) {
                findings.add(inspector == null || trust == null ? List.of() : inspect(inspector, item, trust));
            }
            out.println("Log " + printable(log));
            for (int i = 0; i < checkpoints.size(); i++) {
                report(out, bundle.items().get(i), checkpoints.get(i), findings.get(i), inspector != null);
            }
            out.println();
            out.println("VERIFIED: " + counted(checkpoints.size()) + " in the log"
                    + (inspector == null
                            ? ". Events were not checked (no --directory)."
                            : ", and the events are what was logged."));
            return VERIFIED;
        } catch (LedgerException e) {
            out.println("NOT VERIFIED: " + e.reason() + ": " + printable(String.valueOf(e.getMessage())));
            return NOT_VERIFIED;
        } finally {
            out.flush();
        }
    }

    private List<String> inspect(EventInspector inspector, Item item, Trust trust) {
        String which = "entry " + Long.toUnsignedString(item.proof().index()) + ": ";
        String event = item.event();
        if (event == null) {
            throw new LedgerException(Reason.EVENT_REFUSED, which + "the bundle has no event for it");
        }
        try {
            return inspector.inspect(item.entry(), event, trust);
        } catch (LedgerException e) {
            throw new LedgerException(e.reason(), which + e.getMessage(), e);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(
                    spec.commandLine(), "cannot use the directory in " + directory + ": " + e.getMessage(), e);
        }
    }

    private static void report(
            PrintWriter out, Item item, Checkpoint checkpoint, List<String> findings, boolean checked) {
        out.println();
        out.println("  entry " + Long.toUnsignedString(item.proof().index()) + " in the tree of "
                + Long.toUnsignedString(checkpoint.size()) + ", root "
                + checkpoint.root().base64());
        String prefix = checked ? "    " : "    unchecked: ";
        Stream.of("type", "subject", "time", "id")
                .forEach(name -> item.claimed(name).ifPresent(v -> out.println(prefix + name + " " + printable(v))));
        findings.forEach(line -> out.println("    " + printable(line)));
    }

    private static String counted(int entries) {
        return entries == 1 ? "the entry is" : "all " + entries + " entries are";
    }

    private VerifierKey key(String literalOrFile) {
        String text = isFile(literalOrFile) ? new String(read(Path.of(literalOrFile)), UTF_8).strip() : literalOrFile;
        try {
            return VerifierKey.parse(text);
        } catch (LedgerException e) {
            throw new ParameterException(spec.commandLine(), "--key: " + e.reason() + ": " + e.getMessage(), e);
        }
    }

    private @Nullable Trust trust(String log) {
        if (directory == null) {
            return null;
        }
        if (roots.isEmpty()) {
            throw new ParameterException(spec.commandLine(), "--directory needs --root: who must have signed it");
        }
        return new Trust(log, roots, read(directory));
    }

    private static boolean isFile(String text) {
        try {
            return Files.isRegularFile(Path.of(text));
        } catch (InvalidPathException e) {
            return false;
        }
    }

    private EventInspector inspector() {
        return ServiceLoader.load(EventInspector.class)
                .findFirst()
                .orElseThrow(() -> new ParameterException(
                        spec.commandLine(), "nothing on the class path can check events (--directory)"));
    }

    private byte[] read(Path path) {
        try {
            return Files.readAllBytes(path);
        } catch (IOException e) {
            throw new ParameterException(spec.commandLine(), "cannot read " + path + ": " + e, e);
        }
    }

    /** Text from a bundle must not drive the terminal. */
    private static String printable(String text) {
        return text.replaceAll("\\p{C}", "?");
    }
}
