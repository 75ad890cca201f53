package io.jiucang.starter.inbox;

import java.util.List;
import java.util.concurrent.CopyOnWriteArraySet;
import java.util.function.Consumer;
import org.axonframework.common.Registration;
import org.axonframework.eventhandling.EventMessage;
import org.axonframework.messaging.SubscribableMessageSource;

/** The events of other services as a message source of Axon's, handed on one by one in the inbox's transaction. */
final class InboxEvents implements SubscribableMessageSource<EventMessage<?>> {

    private final CopyOnWriteArraySet<Consumer<List<? extends EventMessage<?>>>> consumers =
            new CopyOnWriteArraySet<>();

    @Override
    public Registration subscribe(Consumer<List<? extends EventMessage<?>>> consumer) {
        consumers.add(consumer);
        return () -> consumers.remove(consumer);
    }

    void publish(EventMessage<?> event) {
        consumers.forEach(consumer -> consumer.accept(List.of(event)));
    }

    /** This source and {@code own} as one. */
    SubscribableMessageSource<EventMessage<?>> and(SubscribableMessageSource<EventMessage<?>> own) {
        return consumer -> {
            Registration first = subscribe(consumer);
            Registration second = own.subscribe(consumer);
            return () -> {
                boolean cancelled = first.cancel();
                return second.cancel() && cancelled;
            };
        };
    }
}
