package io.jiucang.ledger.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.jiucang.ledger.Checkpoint;
import io.jiucang.ledger.Entry;
import io.jiucang.ledger.EventInspector;
import io.jiucang.ledger.LedgerException;
import io.jiucang.ledger.ProofBundle;
import io.jiucang.ledger.ProofBundle.Item;
import io.jiucang.ledger.SigningKey;
import io.jiucang.ledger.TiledTree;
import io.jiucang.ledger.TlogProof;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class VerifyTest {

    private static final SigningKey KEY = SigningKey.of("example.com/log", new byte[32]);
    private static final String ROOT = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
    private static final String VKEY = KEY.verifierKey().format();
    private static final String EVENT = "{\"type\":\"TokenGranted\",\"subject\":\"token\\u001b[2J-7\"}";

    @TempDir
    Path dir;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @Test
    void verifiesABundleWithAKeyFromTheCommandLineOrAFile() throws IOException {
        Path bundle = bundle("logged", "logged", EVENT);
        assertThat(run(bundle.toString(), "--key", VKEY)).isZero();
        assertThat(out.toString())
                .contains("Log example.com/log", "entry 0 in the tree of 1", "    unchecked: type TokenGranted")
                .contains("VERIFIED: the entry is in the log. Events were not checked")
                .doesNotContain("NOT VERIFIED", "\u001b");

        Path key = Files.writeString(dir.resolve("log.vkey"), VKEY + "\n");
        assertThat(run(bundle.toString(), "--key", key.toString())).isZero();
    }

    @Test
    void saysWhyABundleIsNotVerified() throws IOException {
        assertThat(run(bundle("forged", "logged", null).toString(), "--key", VKEY))
                .isOne();
        assertThat(out.toString())
                .startsWith("NOT VERIFIED: ROOT_MISMATCH: item 1 of 1: ")
                .doesNotContain("\nVERIFIED");

        String good = bundle("logged", "logged", null).toString();
        String stranger = SigningKey.of("stranger", new byte[32]).verifierKey().format();
        assertThat(run(good, "--key", stranger)).isOne();
        assertThat(out.toString()).startsWith("NOT VERIFIED: UNTRUSTED_NOTE");
        assertThat(run(good, "--key", VKEY, "--origin", "example.com/other")).isOne();
        assertThat(out.toString()).startsWith("NOT VERIFIED: WRONG_ORIGIN");

        Path garbage = Files.writeString(dir.resolve("garbage"), "{");
        assertThat(run(garbage.toString(), "--key", VKEY)).isOne();
        assertThat(out.toString()).startsWith("NOT VERIFIED: MALFORMED_BUNDLE");
    }

    @Test
    void tellsWrongUsageFromAWrongBundle() throws IOException {
        String good = bundle("logged", "logged", EVENT).toString();
        assertThat(run()).isEqualTo(2);
        assertThat(run(good)).isEqualTo(2);
        assertThat(run(dir.resolve("absent").toString(), "--key", VKEY)).isEqualTo(2);
        assertThat(err.toString()).contains("cannot read");
        assertThat(run(good, "--key", "nonsense")).isEqualTo(2);
        assertThat(err.toString()).contains("--key: MALFORMED_KEY");
        assertThat(run(good, "--key", VKEY, "--directory", dir.resolve("absent").toString(), "--root", ROOT))
                .isEqualTo(2);
        assertThat(run(good, "--key", VKEY, "--directory", good)).isEqualTo(2);
        assertThat(err.toString()).contains("--directory needs --root");
        assertThat(run("--help")).isZero();
    }

    @Test
    void refusesToPretendThatItCheckedEvents() throws IOException {
        Path keys = Files.writeString(dir.resolve("keys"), "trusted");
        assertThat(run(
                        bundle("logged", "logged", EVENT).toString(),
                        "--key",
                        VKEY,
                        "--directory",
                        keys.toString(),
                        "--root",
                        ROOT))
                .isEqualTo(2);
        assertThat(err.toString()).contains("nothing on the class path can check events");
        assertThat(out.toString()).isEmpty();
    }

    @Test
    void letsTheInspectorOnTheClassPathJudgeTheEvents() throws IOException {
        Path services = Files.createDirectories(dir.resolve("META-INF/services"));
        Files.writeString(services.resolve(EventInspector.class.getName()), Inspector.class.getName());
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        try (URLClassLoader loader = new URLClassLoader(new URL[] {dir.toUri().toURL()}, before)) {
            thread.setContextClassLoader(loader);
            String keys = Files.writeString(dir.resolve("keys"), "trusted").toString();
            String bundle = bundle("logged", "logged", EVENT).toString();
            assertThat(run(bundle, "--key", VKEY, "--directory", keys, "--root", ROOT))
                    .isZero();
            assertThat(out.toString())
                    .contains(
                            "    type TokenGranted",
                            "    signed by token-service",
                            "and the events are what was logged.");

            String other =
                    bundle("logged", "logged", "{\"type\":\"TokenBurned\"}").toString();
            assertThat(run(other, "--key", VKEY, "--directory", keys, "--root", ROOT))
                    .isOne();
            assertThat(out.toString()).startsWith("NOT VERIFIED: EVENT_REFUSED: entry 0: another event");

            String none = bundle("logged", "logged", null).toString();
            assertThat(run(none, "--key", VKEY, "--directory", keys, "--root", ROOT))
                    .isOne();
            assertThat(out.toString()).startsWith("NOT VERIFIED: EVENT_REFUSED: entry 0: the bundle has no event");

            String unreadable = Files.writeString(dir.resolve("keys"), "?").toString();
            assertThat(run(bundle, "--key", VKEY, "--directory", unreadable, "--root", ROOT))
                    .isEqualTo(2);
            assertThat(err.toString()).contains("cannot use the directory in");
        } finally {
            thread.setContextClassLoader(before);
        }
    }

    /** Knows one event. */
    public static final class Inspector implements EventInspector {
        @Override
        public List<String> inspect(Entry entry, String event, Trust trust) {
            if (!new String(trust.directory(), UTF_8).equals("trusted")
                    || !trust.roots().equals(List.of(ROOT))) {
                throw new IllegalArgumentException("not a key file");
            }
            if (!event.contains("TokenGranted")) {
                throw new LedgerException(LedgerException.Reason.EVENT_REFUSED, "another event");
            }
            return List.of("signed by token-service");
        }
    }

    private int run(String... args) {
        out.getBuffer().setLength(0);
        err.getBuffer().setLength(0);
        CommandLine command = Verify.commandLine();
        return command.setOut(new PrintWriter(out)).setErr(new PrintWriter(err)).execute(args);
    }

    private Path bundle(String entry, String logged, @Nullable String event) throws IOException {
        TiledTree tree = TiledTree.empty()
                .append(List.of(Entry.of(logged.getBytes(UTF_8)).leafHash()))
                .tree();
        Checkpoint checkpoint = new Checkpoint("example.com/log", tree.size(), tree.root());
        TlogProof proof = new TlogProof(0, tree.inclusionProof(0), checkpoint.sign(KEY));
        ProofBundle bundle =
                new ProofBundle(KEY.verifierKey(), List.of(new Item(Entry.of(entry.getBytes(UTF_8)), proof, event)));
        return Files.write(Files.createTempFile(dir, "bundle", ".json"), bundle.format());
    }
}
