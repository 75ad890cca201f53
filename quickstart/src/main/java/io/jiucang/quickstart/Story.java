package io.jiucang.quickstart;

import io.jiucang.events.DomainEvent;
import io.jiucang.events.TokenEvent.WalletBorn;
import io.jiucang.quickstart.EventTail.Seen;
import io.jiucang.simulators.KeyFiles;
import io.jiucang.simulators.device.Device;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Predicate;
import java.util.function.Supplier;

/** What all chapters of the demo share: the people and their devices, what has happened so far, and how it is told. */
final class Story {

    private final Stack stack;
    private final Path data;
    private final Console console;
    private final EventTail tail;
    private final Map<String, Api> users = new HashMap<>();
    private final Map<String, Device> devices = new HashMap<>();

    Story(Stack stack, Path data, Console console, EventTail tail) {
        this.stack = stack;
        this.data = data;
        this.console = console;
        this.tail = tail;
    }

    Stack stack() {
        return stack;
    }

    /** Where this stack keeps everything. */
    Path data() {
        return data;
    }

    Console console() {
        return console;
    }

    EventTail tail() {
        return tail;
    }

    /** As they signed in; who owns or delivers, as their wallet once it is born. */
    Api as(String user) {
        return users.computeIfAbsent(user, this::signIn);
    }

    private Api signIn(String user) {
        return Api.signIn(stack.identityProvider(), user, Stack.PASSWORD);
    }

    /** An owner's phone, with the key of earlier runs. */
    Device device(String owner) {
        return devices.computeIfAbsent(owner, this::restore);
    }

    private Device restore(String owner) {
        Clock clock = Clock.systemUTC();
        String saved = KeyFiles.readOrMake(
                data.resolve("devices").resolve(owner + ".jwk"),
                () -> Device.create(Stack.ENVIRONMENT, Keys.ORIGIN, clock).save());
        return Device.restore(Stack.ENVIRONMENT, Keys.ORIGIN, saved, clock);
    }

    /** Bears the owner's wallet, with this phone as its first device, unless an earlier run did. */
    void bear(String owner, Device device) {
        Api account = signIn(owner);
        Api.Answer answer = account.post(
                Stack.Member.TOKEN.uri().resolve("/api/v1/wallet"),
                Map.of(
                        "statement", device.birth(),
                        "proof", device.proofOfPossession(owner),
                        "label", owner + "'s phone"));
        if (answer.status() / 100 == 2 || !answer.requireRefusal().equals("ACCOUNT_HAS_A_WALLET")) {
            answer.requireSuccess();
        }
        Seen<WalletBorn> born = await(WalletBorn.class, event -> event.wallet().equals(device.wallet()));
        users.put(owner, account.asWallet());
        console.done(at(born) + "  " + owner + "'s phone  " + console.faint(device.wallet()));
    }

    /** Waits for the first event of this kind that matches, and for its anchor. */
    <E extends DomainEvent> Seen<E> await(Class<E> type, Predicate<E> matching) {
        return tail.await(type, matching);
    }

    static String at(Seen<?> seen) {
        return String.format(
                "#%-4d %-19s", seen.index(), seen.event().getClass().getSimpleName());
    }

    /** Another service may not have heard yet of what is asked for: such answers are to be tried again for a while. */
    static Api.Answer retried(Supplier<Api.Answer> request) {
        Instant end = Instant.now().plusSeconds(10);
        while (true) {
            Api.Answer answer = request.get();
            boolean tooEarly = switch (answer.status()) {
                case 403, 404, 409, 503 -> true;
                default -> false;
            };
            if (!tooEarly || Instant.now().isAfter(end)) {
                return answer;
            }
            try {
                Thread.sleep(Duration.ofMillis(100));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return answer;
            }
        }
    }
}
