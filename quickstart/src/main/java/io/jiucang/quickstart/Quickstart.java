package io.jiucang.quickstart;

import io.jiucang.embedded.EmbeddedFailure;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
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

    @Option(names = "--yes", scope = ScopeType.INHERIT, description = "Do not ask before --fresh deletes.")
    private boolean yes;

    /** From then on everything fails because it is told to end: that is no news. */
    private volatile boolean stopping;

    private Quickstart(Console console) {
        this.console = console;
    }

    public static void main(String[] args) {
        SLF4JBridgeHandler.removeHandlersForRootLogger();
        SLF4JBridgeHandler.install();
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        Console console = new Console(out, Boolean.getBoolean("jiucang.colour"));
        Quickstart quickstart = new Quickstart(console);
        int exit = new CommandLine(quickstart)
                .setExecutionExceptionHandler((failure, command, parsed) -> {
                    if (!quickstart.stopping) {
                        console.error(oneLine(failure));
                    }
                    return 1;
                })
                .execute(args);
        System.exit(exit);
    }

    @Command(name = "demo", description = "Start everything, sell and deliver cases (S1 to S7), prove it, and stop.")
    int demo() throws Exception {
        return run(stack -> {
            Demo.play(stack, data, console);
            return 0;
        });
    }

    @Command(name = "up", description = "Start everything and keep it running until Ctrl-C.")
    int up() throws Exception {
        return run(stack -> {
            welcome(stack);
            new CountDownLatch(1).await();
            return 0;
        });
    }

    @FunctionalInterface
    private interface Task {
        int run(Stack stack) throws Exception;
    }

    private int run(Task task) throws Exception {
        Path directory = data.toAbsolutePath().normalize();
        DataDirectory ours = Stack.claim(directory, fresh, this::mayDelete);
        console.line("Starting Jiucang 酒仓, data in " + data);
        Stack stack = new Stack(ours, console);
        // Before anything is started, so that Ctrl-C ends it at any moment.
        Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(stack), "stop"));
        var _ = stack.failure().thenAccept(failure -> Thread.ofPlatform().start(() -> end(failure)));
        stack.start();
        return task.run(stack);
    }

    private void end(EmbeddedFailure failure) {
        if (!stopping) {
            console.error(oneLine(failure));
            System.exit(1);
        }
    }

    private void stop(Stack stack) {
        stopping = true;
        if (stack.isOpen()) {
            console.line("");
            console.line("Stopping …");
            stack.close();
            console.line("Stopped. The data stays in " + data + ".");
        } else {
            stack.close();
        }
    }

    /** Asked of a person only: a script that says --fresh means it. */
    @SuppressWarnings("SystemConsoleNull") // It does again, since JDK 25.
    private boolean mayDelete() {
        java.io.Console terminal = System.console();
        if (yes || terminal == null || !terminal.isTerminal()) {
            return true;
        }
        String answer = terminal.readLine("Everything in %s will be deleted. Go on? [y/N] ", data);
        return answer != null && List.of("y", "yes").contains(answer.strip().toLowerCase(Locale.ROOT));
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
                + "/token -d grant_type=password -d client_id=jiucang-app -d username=operator -d password="
                + Stack.PASSWORD + " | sed 's/.*\"access_token\":\"\\([^\"]*\\)\".*/\\1/')");
        console.line(
                "  curl -s -H \"Authorization: Bearer $TOKEN\" " + Stack.Member.PAYMENT.uri() + "/api/v1/payments");
        console.line("  curl -s " + Stack.Member.LEDGER.uri() + "/checkpoint");
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
