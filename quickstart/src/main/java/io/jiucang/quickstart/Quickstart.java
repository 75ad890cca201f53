package io.jiucang.quickstart;

import io.jiucang.embedded.EmbeddedFailure;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.concurrent.CountDownLatch;
import org.slf4j.bridge.SLF4JBridgeHandler;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** {@code ./run demo} and {@code ./run up}. */
@Command(
        name = "run",
        description = "All of Jiucang in one process, on a real PostgreSQL and Kafka.",
        mixinStandardHelpOptions = true)
final class Quickstart {

    private static final Duration DEMO_PAYMENT_PERIOD = Duration.ofSeconds(20);
    private static final Duration PAYMENT_PERIOD = Duration.ofMinutes(30);

    private final Console console;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            scope = ScopeType.INHERIT,
            defaultValue = ".jiucang/data",
            description = "Where everything is kept between runs (default: ${DEFAULT-VALUE}).")
    private Path data = Path.of(".jiucang/data");

    @Option(names = "--fresh", scope = ScopeType.INHERIT, description = "Forget earlier runs and start over.")
    private boolean fresh;

    private Quickstart(Console console) {
        this.console = console;
    }

    public static void main(String[] args) {
        SLF4JBridgeHandler.removeHandlersForRootLogger();
        SLF4JBridgeHandler.install();
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        Console console = new Console(out, Boolean.getBoolean("jiucang.colour"));
        int exit = new CommandLine(new Quickstart(console))
                .setExecutionExceptionHandler((failure, command, parsed) -> {
                    console.error(oneLine(failure));
                    return 1;
                })
                .execute(args);
        System.exit(exit);
    }

    @Command(name = "demo", description = "Start everything, sell and deliver cases (S1 to S7), prove it, and stop.")
    int demo() throws Exception {
        return run(DEMO_PAYMENT_PERIOD, stack -> {
            Demo.play(stack, data, console);
            return 0;
        });
    }

    @Command(name = "up", description = "Start everything and keep it running until Ctrl-C.")
    int up() throws Exception {
        return run(PAYMENT_PERIOD, stack -> {
            welcome(stack);
            new CountDownLatch(1).await();
            return 0;
        });
    }

    @FunctionalInterface
    private interface Task {
        int run(Stack stack) throws Exception;
    }

    private int run(Duration paymentPeriod, Task task) throws Exception {
        if (fresh) {
            delete(data);
        }
        console.line("Starting Jiucang 酒仓, data in " + data);
        Stack stack = Stack.start(data.toAbsolutePath(), console, paymentPeriod);
        Thread stop = new Thread(
                () -> {
                    console.line("");
                    console.line("Stopping …");
                    stack.close();
                    console.line("Stopped. The data stays in " + data + ".");
                },
                "stop");
        Runtime.getRuntime().addShutdownHook(stop);
        return task.run(stack);
    }

    private void welcome(Stack stack) {
        console.heading("Running. Ctrl-C stops it.");
        console.line("");
        for (var member : Stack.Member.values()) {
            console.line(String.format("  %-10s %s", member.shortName(), member.uri()));
        }
        console.line(String.format("  %-10s %s", "identity", stack.identityProvider()));
        console.line(String.format("  %-10s %s", "WeChat Pay", stack.weChatPay()));
        console.line(String.format("  %-10s %s", "Kafka", stack.bootstrapServers()));
        console.line("");
        console.line("Users, all with the password " + Stack.PASSWORD + ":");
        Stack.USERS.forEach(user -> console.line(String.format(
                "  %-10s %-12s %s", user.username(), String.join(", ", user.roles()), user.displayName())));
        console.line("");
        console.line("Next, in another terminal:");
        console.line("  TOKEN=$(curl -s " + stack.identityProvider()
                + "/token -d grant_type=password -d client_id=jiucang-app -d username=li -d password="
                + Stack.PASSWORD + " | sed 's/.*\"access_token\":\"\\([^\"]*\\)\".*/\\1/')");
        console.line("  curl -s -H \"Authorization: Bearer $TOKEN\" " + Stack.Member.TOKEN.uri() + "/api/v1/tokens");
        console.line("  curl -s " + Stack.Member.LEDGER.uri() + "/checkpoint");
    }

    private static void delete(Path directory) throws IOException {
        if (!Files.exists(directory)) {
            return;
        }
        try (var files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    /** The first failure that was made to be read, or what is known of the last. */
    private static String oneLine(Throwable failure) {
        Throwable cause = failure;
        while (!(cause instanceof EmbeddedFailure) && cause.getCause() != null) {
            cause = cause.getCause();
        }
        Throwable told = cause instanceof EmbeddedFailure || failure.getMessage() == null ? cause : failure;
        return told.getMessage() == null ? told.toString() : told.getMessage();
    }
}
