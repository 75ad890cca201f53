package io.jiucang.quickstart;

import io.jiucang.events.envelope.EventVerifier;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;

/** The whole life of some cases, told while it happens: bought, stored, delivered; then what a sceptic checks. */
final class Demo {

    private Demo() {}

    static void play(Stack stack, Path data, Console console) throws IOException {
        EventVerifier verifier = new EventVerifier(stack.keys().directory().eventKeys());
        Instant begun = Instant.now();
        try (EventTail tail = EventTail.start(verifier, stack.bootstrapServers())) {
            Story story = new Story(stack, data, console, tail);
            Purchases purchases = new Purchases(story);
            Purchases.Sales sales = purchases.sell();
            Pickups pickups = new Pickups(story);
            Pickups.Pickup delivered = pickups.deliver(sales.sold().get(0));
            Pickups.Pickup returned = pickups.bringBack(sales.sold().get(1));
            purchases.putRight(sales);
            new Proofs(story).prove(delivered, returned);
        }
        console.line("");
        console.line("Done after " + Console.seconds(Duration.between(begun, Instant.now())) + ".");
    }
}
