package io.jiucang.starter.inbox;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CopyOnWriteArraySet;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.axonframework.common.Registration;
import org.axonframework.eventhandling.EventMessage;
import org.axonframework.messaging.SubscribableMessageSource;

/** The events of other services as a message source of Axon's, handed on one by one in the inbox's transaction. */
final class InboxEvents implements SubscribableMessageSource<EventMessage<?>> {

    private final CopyOnWriteArraySet<Consumer<List<? extends EventMessage<?>>>> consumers =
            new CopyOnWriteArraySet<>();
    private final List<Predicate<Class<?>>> interests = new CopyOnWriteArrayList<>();
    private final Map<Class<?>, Boolean> handled = new ConcurrentHashMap<>();

    @Override
    public Registration subscribe(Consumer<List<? extends EventMessage<?>>> consumer) {
        consumers.add(consumer);
        return () -> consumers.remove(consumer);
    }

    void publish(EventMessage<?> event) {
        consumers.forEach(consumer -> consumer.accept(List.of(event)));
    }

    /** Somebody listens to the payload types that {@code interest} is true for. */
    void listen(Predicate<Class<?>> interest) {
        interests.add(interest);
    }

    boolean isHandled(Class<?> event) {
        return handled.computeIfAbsent(event, type -> interests.stream().anyMatch(interest -> interest.test(type)));
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
