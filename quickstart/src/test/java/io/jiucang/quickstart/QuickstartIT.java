package io.jiucang.quickstart;

import static org.assertj.core.api.Assertions.as;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;
import static org.awaitility.Awaitility.await;

import io.jiucang.events.envelope.EventSigner;
import io.jiucang.simulators.statement.Winery;
import io.jiucang.title.directory.Document.Account;
import io.jiucang.title.directory.Service;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.simple.JdbcClient;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What a person does with the quickstart, in processes of its own. The tests go on with each other's data. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class QuickstartIT {

    private static final Duration PATIENCE = Duration.ofMinutes(5);
    private static final Duration TIME_TO_END = Duration.ofSeconds(10);

    @TempDir
    static Path work;

    @Test
    @Order(1)
    void theDemoSellsAndDeliversCasesProvesItAndStops() throws Exception {
        Run demo = Run.of("demo");
        demo.assertSucceeds();
        assertThat(demo.output())
                .contains("SOLD_OUT")
                .contains("PAYMENT_OVERDUE, its cases are for sale again")
                .contains("CNY 8994.00 paid back to zhao")
                .contains("li owns 2 × 国窖1573 经典装")
                .contains("every signature is its service's, every one is in the ledger")
                .contains("TOKEN_NOT_FOUND")
                .contains("NOBODY_HOME")
                .contains("HANDOVER_CODE_WRONG")
                .contains("ENVELOPE_DESTROYED")
                .contains("wang may dispose of it again")
                .contains("VERIFIED: all 13 entries are in the log, and the events are what was logged.")
                .contains("in every encoding: nowhere");
    }

    /** As the demo says of itself, looked at from without, and with what it printed. */
    @Test
    @Order(2)
    void nothingItLeavesHoldsAnAddress() throws Exception {
        List<String> parts = new ArrayList<>(Pickups.HOME.parts());
        parts.addAll(Pickups.OFFICE.parts());
        Needles needles = new Needles(parts);
        try (var files = Files.find(
                work, 20, (file, attributes) -> attributes.isRegularFile() && !AddressSearch.isIndex(file))) {
            assertThat(files)
                    .isNotEmpty()
                    .allSatisfy(file -> assertThat(needles.anyIn(Files.readAllBytes(file)))
                            .as(file.toString())
                            .isFalse());
        }
    }

    @Test
    @Order(3)
    void aBundleThatWasTamperedWithDoesNotVerify() throws Exception {
        Path bundle;
        try (var proofs = Files.list(work.resolve("data/proofs"))) {
            bundle = proofs.findFirst().orElseThrow();
        }
        Keys keys = Keys.in(work.resolve("data/keys"));
        Path tampered = work.resolve("tampered.json");
        // Another owner: the first letter of some data, in Base64.
        Files.writeString(tampered, Files.readString(bundle).replaceFirst("(\"data_base64\": *\"ey)J", "$1K"));

        assertThat(verify(bundle, keys, keys.root())).isZero();
        assertThat(verify(tampered, keys, keys.root())).isOne();
        String stranger = new EventSigner(new byte[32]).publicKey().x();
        assertThat(verify(bundle, keys, stranger)).isEqualTo(2);
    }

    private static int verify(Path bundle, Keys keys, String root) {
        return new CommandLine(new io.jiucang.ledger.cli.Verify())
                .execute(
                        bundle.toString(),
                        "--key",
                        keys.vkey(),
                        "--directory",
                        keys.directoryFile().toString(),
                        "--root",
                        root);
    }

    @Test
    @Order(6)
    void anAuditOfWhatDoesNotRunIsImpossible() {
        StringWriter nothing = new StringWriter();
        assertThat(audit(nothing, "--json")).isEqualTo(2);
        assertThat(new JsonMapper().readTree(nothing.toString()).path("verdict").asString())
                .isEqualTo("IMPOSSIBLE");
        Path nowhere = work.resolve("nowhere");
        StringWriter unknown = new StringWriter();
        assertThat(audit(unknown, "--data", nowhere.toString())).isEqualTo(2);
        assertThat(unknown.toString()).startsWith("IMPOSSIBLE: no stack was ever started in " + nowhere);
        assertThat(nowhere).doesNotExist();
    }

    /** Of all that the demo left, by somebody in another process. */
    private static void anAuditIsGreenUntilARowIsWrittenByHand() {
        StringWriter green = new StringWriter();
        assertThat(audit(green, "--json")).as(green.toString()).isEqualTo(0);
        JsonNode found = new JsonMapper().readTree(green.toString());
        assertThat(found.path("verdict").asString()).isEqualTo("GREEN");
        assertThat(found.path("opened").asLong())
                .isGreaterThan(100)
                .isEqualTo(found.path("size").asLong());
        assertThat(found.path("rows").propertyNames()).hasSize(Service.values().length);

        JdbcClient tokens = JdbcClient.create(
                Databases.of(work.resolve("data")).orElseThrow().open(Service.TOKEN));
        String id = tokens.sql("""
                        select event_identifier from domain_event_entry
                        where payload_type = 'io.jiucang.token.TokensMinted.v1' order by global_index limit 1""").query(String.class).single();
        byte[] payload = tokens.sql("select payload from domain_event_entry where event_identifier = ?")
                .param(id)
                .query(byte[].class)
                .single();
        String sql = "update domain_event_entry set payload = ? where event_identifier = ?";
        byte[] altered = new String(payload, StandardCharsets.UTF_8)
                .replace("\"firstSerial\":1,", "\"firstSerial\":2,")
                .getBytes(StandardCharsets.UTF_8);
        assertThat(altered).isNotEqualTo(payload);
        tokens.sql(sql).params(altered, id).update();
        try {
            StringWriter breaches = new StringWriter();
            assertThat(audit(breaches)).as(breaches.toString()).isOne();
            assertThat(breaches.toString().lines())
                    .startsWith("BREACHES: 1")
                    .element(1, as(STRING))
                    .matches("  ROW_ALTERED #\\d+ urn:jiucang:token-service " + id + ": ALTERED.*");
            StringWriter fromOutside = new StringWriter();
            assertThat(audit(fromOutside, "--without-databases"))
                    .as(fromOutside.toString())
                    .isZero();
        } finally {
            tokens.sql(sql).params(payload, id).update();
        }
        StringWriter restored = new StringWriter();
        assertThat(audit(restored)).as(restored.toString()).isZero();
    }

    /** Of the tests' data, unless the arguments say otherwise. */
    private static int audit(StringWriter out, String... arguments) {
        List<String> all = new ArrayList<>(Arrays.asList(arguments));
        if (!all.contains("--data")) {
            all.addAll(List.of("--data", work.resolve("data").toString()));
        }
        return new CommandLine(new AuditCommand())
                .setOut(new PrintWriter(out, true))
                .execute(all.toArray(String[]::new));
    }

    @Test
    @Order(4)
    void killedAndStartedAgainItHasLostNothingAndTheLedgerMoves() throws Exception {
        try (Run up = Run.of("up")) {
            up.awaitOutput("Running. Ctrl-C stops it.");
            assertThat(up.output()).contains("password jiucang").contains("http://localhost:8106");
            List<String> before = cellar();
            assertThat(before).isNotEmpty();
            anAuditIsGreenUntilARowIsWrittenByHand();
            up.kill();

            try (Run again = Run.of("up")) {
                again.awaitOutput("Running. Ctrl-C stops it.");
                assertThat(cellar()).isEqualTo(before);
                long size = treeSize();
                offerCases();
                await().atMost(Duration.ofSeconds(5)).until(() -> treeSize() > size);

                Run another = Run.of("up", "--fresh");
                assertThat(another.exit()).isOne();
                assertThat(another.lastLine()).matches("Port \\d+ is in use by process " + again.process.pid() + " .*");
                assertThat(cellar()).isEqualTo(before);

                again.interrupt();
                assertThat(again.exit()).isEqualTo(130);
                assertThat(again.output()).contains("Stopped. The data stays");
            }
        }
    }

    /** A database that stands still holds up every service, and is not even heard of again. */
    @Test
    @Order(4)
    void ctrlCEndsItAllThoughTheDatabaseHangs() throws Exception {
        try (Run up = Run.of("up")) {
            up.awaitOutput("Running. Ctrl-C stops it.");
            List<ProcessHandle> database = databases();
            assertThat(database).isNotEmpty();
            for (ProcessHandle process : database) {
                signal("STOP", process.pid());
            }
            Thread.ofVirtual().start(QuickstartIT::offerCases);

            up.interrupt();
            up.assertEndsInTime();
        }
    }

    @Test
    @Order(4)
    void ctrlCWhileItStartsLeavesNothing() throws Exception {
        Path data = work.resolve("cut-short");
        long seed = System.nanoTime();
        Random random = new Random(seed);
        // With a first start, of which each moment is cut short sooner or later, and with starts on what that has left.
        for (int seconds : List.of(1, 4, 8, 3)) {
            try (Run up = Run.of(data, "up")) {
                boolean done = up.process.waitFor(seconds * 1000L - random.nextInt(1000), TimeUnit.MILLISECONDS);
                assertThat(done).as(up.output()).isFalse();
                up.interrupt();
                up.assertEndsInTime();
            } catch (AssertionError e) {
                throw new AssertionError("seed " + seed + ", after " + seconds + " s", e);
            }
        }
    }

    /** Empty also for who has no wallet yet. */
    private static List<String> cellar() {
        Api account = Api.signIn(java.net.URI.create("http://localhost:8100"), "li", Stack.PASSWORD);
        List<String> tokens = new ArrayList<>();
        if (account.get(Stack.Member.TOKEN.uri().resolve("/api/v1/wallet/token"))
                        .status()
                == 200) {
            account.asWallet()
                    .get(Stack.Member.TOKEN.uri().resolve("/api/v1/tokens"))
                    .requireSuccess()
                    .json()
                    .path("items")
                    .forEach(token -> tokens.add(token.toString()));
        }
        return tokens;
    }

    @Test
    @Order(5)
    void theDemoRunsAgainOnTheSameData() throws Exception {
        Run.of("demo").assertSucceeds();
    }

    @Test
    @Order(6)
    void aPortInUseIsOneLine() throws Exception {
        try (ServerSocket taken = new ServerSocket(8104, 1, InetAddress.getLoopbackAddress())) {
            Run up = Run.of("up");
            assertThat(up.exit()).isOne();
            assertThat(up.lastLine()).startsWith("Port " + taken.getLocalPort() + " is in use");
        }
    }

    @Test
    @Order(7)
    void aDamagedDataDirectoryIsOneLine() throws Exception {
        Path version = work.resolve("data/postgres/data/PG_VERSION");
        assertThat(version).exists();
        Files.writeString(version, "nonsense", StandardOpenOption.TRUNCATE_EXISTING);
        Run up = Run.of("up");
        assertThat(up.exit()).isOne();
        assertThat(up.lastLine()).contains("—");
        assertThat(up.output()).doesNotContain("\tat ");
    }

    @Test
    @Order(8)
    void freshLeavesAloneWhatIsNotOurs() throws Exception {
        Path documents = Files.createDirectory(work.resolve("documents"));
        Path letter = Files.writeString(documents.resolve("letter.txt"), "Dear Li,");
        Run up = Run.of(documents, "up", "--fresh");
        assertThat(up.exit()).isOne();
        assertThat(up.lastLine())
                .contains(documents + " holds files and no mark of Jiucang's")
                .contains(" — ");
        assertThat(letter).hasContent("Dear Li,");
    }

    @Test
    @Order(8)
    void freshAsksOnATerminal() throws Exception {
        Run up = Run.onATerminal("n\n", "up", "--fresh");
        assertThat(up.exit()).isOne();
        assertThat(up.output()).contains("will be deleted. Go on? [y/N]");
        assertThat(up.lastLine()).contains("Nothing was deleted.");
        assertThat(work.resolve("data/kafka/data")).isNotEmptyDirectory();
    }

    @Test
    @Order(9)
    void freshStartsOverAndABrokerThatDiesIsToldOf() throws Exception {
        try (Run up = Run.of("up", "--fresh")) {
            up.awaitOutput("Running. Ctrl-C stops it.");
            assertThat(cellar()).isEmpty();

            // It goes on writing meanwhile.
            await().atMost(PATIENCE).ignoreExceptions().until(() -> {
                deleteTree(work.resolve("data/kafka/data"));
                return true;
            });
            // It may be answered, or not any more.
            Thread.ofVirtual().start(QuickstartIT::offerCases);
            await().atMost(PATIENCE).until(() -> up.output().contains("The Kafka broker failed"));
            up.assertEndsInTime();
            assertThat(up.exit()).isOne();
        }
    }

    private static void deleteTree(Path tree) throws IOException {
        try (var files = Files.walk(tree)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    private static long treeSize() {
        return Long.parseLong(Api.getPublic(Stack.Member.LEDGER.uri().resolve("/checkpoint"))
                .requireSuccess()
                .text()
                .lines()
                .toList()
                .get(1));
    }

    /** A way to an event, for the winery at any time. */
    private static void offerCases() {
        Parties parties = Parties.in(work.resolve("data/parties"));
        String statement = parties.winery()
                .offer(new Winery.Offer(
                        "guojiao-1573-52",
                        "19521141111014",
                        1,
                        588_000,
                        1,
                        Instant.parse("2026-01-01T00:00:00Z"),
                        Instant.parse("2036-01-01T00:00:00Z"),
                        "luzhou-huangyi",
                        account().appid(),
                        account().payee(),
                        "0".repeat(64),
                        30,
                        Duration.ofMinutes(30)));
        Api.signIn(java.net.URI.create("http://localhost:8100"), "winery", Stack.PASSWORD)
                .post(
                        Stack.Member.TOKEN.uri().resolve("/api/v1/plans"),
                        Map.of("name", Map.of("en", "Guojiao 1573"), "code", "VLT-1", "statement", statement))
                .requireSuccess();
    }

    private static Account account() {
        try {
            return Offers.account(Keys.in(work.resolve("data/keys")));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** PostgreSQL's processes on any directory of ours. */
    private static List<ProcessHandle> databases() {
        return ProcessHandle.allProcesses()
                .filter(process -> process.info()
                        .command()
                        .filter(command -> command.startsWith(work.toString()))
                        .isPresent())
                .toList();
    }

    private static void signal(String name, long pid) throws IOException, InterruptedException {
        new ProcessBuilder("kill", "-" + name, Long.toString(pid)).start().waitFor();
    }

    /** The quickstart in a JVM of its own. */
    private record Run(Process process, Path out) implements AutoCloseable {

        static Run of(String... arguments) throws IOException {
            return of(work.resolve("data"), arguments);
        }

        static Run of(Path data, String... arguments) throws IOException {
            return start(command(data, arguments), ProcessBuilder.Redirect.PIPE);
        }

        /** Under a terminal of its own, on which somebody types. */
        static Run onATerminal(String typed, String... arguments) throws IOException {
            List<String> command = command(work.resolve("data"), arguments);
            Path input = Files.writeString(work.resolve("typed"), typed);
            return start(
                    List.of("script", "--quiet", "--return", "--command", String.join(" ", command), "/dev/null"),
                    ProcessBuilder.Redirect.from(input.toFile()));
        }

        private static Run start(List<String> command, ProcessBuilder.Redirect input) throws IOException {
            Path out = Files.createTempFile(work, "out", ".txt");
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectInput(input)
                    .redirectOutput(out.toFile())
                    .start();
            return new Run(process, out);
        }

        private static List<String> command(Path data, String... arguments) {
            List<String> command = new ArrayList<>(List.of(
                    // A build that runs in the background ignores Ctrl-C, and so would whatever it starts.
                    "env",
                    "--default-signal=INT",
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-XX:TieredStopAtLevel=1",
                    "--enable-native-access=ALL-UNNAMED",
                    "--sun-misc-unsafe-memory-access=allow",
                    "-Dstdout.encoding=UTF-8",
                    "-Dorg.springframework.boot.logging.LoggingSystem=none",
                    "-Daxoniq.update-checker.disabled=true",
                    "-Djiucang.log=" + work.resolve("jiucang.log"),
                    "-cp",
                    System.getProperty("java.class.path"),
                    "io.jiucang.quickstart.Quickstart"));
            command.addAll(Arrays.asList(arguments));
            command.addAll(List.of("--data", data.toString()));
            return command;
        }

        /** With every process it started, and its ports free again. */
        void assertEndsInTime() throws InterruptedException, IOException {
            assertThat(process.waitFor(TIME_TO_END.toMillis(), TimeUnit.MILLISECONDS))
                    .as(output())
                    .isTrue();
            assertThat(databases()).isEmpty();
            for (int port = 8100; port <= 8111; port++) {
                new ServerSocket(port, 1, InetAddress.getLoopbackAddress()).close();
            }
        }

        void assertSucceeds() throws InterruptedException, IOException {
            assertThat(exit()).as(output()).isZero();
        }

        int exit() throws InterruptedException, IOException {
            boolean ended = process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            close();
            assertThat(ended).as(output()).isTrue();
            return process.exitValue();
        }

        String output() throws IOException {
            return Files.readString(out, StandardCharsets.UTF_8);
        }

        String lastLine() throws IOException {
            return output().strip().lines().toList().getLast();
        }

        void awaitOutput(String text) {
            await().atMost(PATIENCE)
                    .pollInterval(Duration.ofMillis(200))
                    .until(() -> output().contains(text) || !process.isAlive());
            assertThat(process.isAlive()).isTrue();
        }

        /** As kill -9. */
        void kill() throws InterruptedException {
            process.destroyForcibly().waitFor();
        }

        /** As Ctrl-C. */
        void interrupt() throws IOException, InterruptedException {
            signal("INT", process.pid());
        }

        @Override
        public void close() {
            process.destroyForcibly();
        }
    }
}
