package io.jiucang.starter.inbox;

import io.jiucang.events.DomainEvent;
import io.jiucang.events.EventTypes;
import io.jiucang.events.TokenEvent.KeyEndorsed;
import io.jiucang.events.TokenEvent.KeyRevoked;
import io.jiucang.events.TokenEvent.WalletBorn;
import io.jiucang.events.envelope.VerifiedEvent;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What of a service's events must not be handled side by side: one order, one pickup, one vault. Batches of several
 * partitions, and of several replicas, overlap in everything else.
 *
 * <p>The names of a batch are locked before anything of it is read, all at once and in one order for everyone. An aggregate's
 * id locks the aggregate itself, as requests do, and deadlines by their payload. So a service names each aggregate that its
 * events change, and everybody locks aggregates before sagas.
 */
public final class BusinessLocks {

    private final Set<String> always;
    private final List<Rule<?>> first = new ArrayList<>();
    private final List<Rule<?>> then = new ArrayList<>();

    public BusinessLocks() {
        this(Set.of());
        // Every service keeps these, each by itself.
        by(WalletBorn.class, WalletBorn::wallet);
        by(KeyEndorsed.class, KeyEndorsed::wallet);
        by(KeyRevoked.class, KeyRevoked::wallet);
    }

    private BusinessLocks(Set<String> always) {
        this.always = always;
    }

    private record Rule<E extends DomainEvent>(Class<E> type, Function<VerifiedEvent, Stream<?>> names) {

        Stream<String> of(VerifiedEvent event) {
            return EventTypes.classOf(event.event().getType())
                    .filter(type::isAssignableFrom)
                    .map(known -> names.apply(event).map(Object::toString))
                    .orElseGet(Stream::empty);
        }
    }

    /** Batches of the whole service one after another. */
    static BusinessLocks oneBatchAtATime() {
        return new BusinessLocks(Set.of("inbox"));
    }

    /** Events of this type, or of these types, concern what the name says. */
    public <E extends DomainEvent> BusinessLocks by(Class<E> type, Function<E, Object> name) {
        return byEach(type, event -> Stream.of(name.apply(event)));
    }

    /** The same for what concerns several. */
    public <E extends DomainEvent> BusinessLocks byEach(Class<E> type, Function<E, Stream<?>> names) {
        then.add(new Rule<>(type, signed -> names.apply(type.cast(signed.domainEvent()))));
        return this;
    }

    /** Nothing that other events change or read is changed by these. */
    @SafeVarargs
    public final BusinessLocks byNothing(Class<? extends DomainEvent>... types) {
        for (Class<? extends DomainEvent> type : types) {
            byEach(type, event -> Stream.empty());
        }
        return this;
    }

    /** Names that are locked before those of the other rules are asked for, which may then read what these guard. */
    public <E extends DomainEvent> BusinessLocks first(Class<E> type, Function<VerifiedEvent, Stream<?>> names) {
        first.add(new Rule<>(type, names));
        return this;
    }

    boolean know(Class<? extends DomainEvent> event) {
        return !always.isEmpty() || then.stream().anyMatch(rule -> rule.type.isAssignableFrom(event));
    }

    /** @param lock waits for all names it is given, in one order for everyone */
    void take(List<VerifiedEvent> events, Consumer<Collection<String>> lock) {
        lock.accept(always);
        lock.accept(names(first, events));
        lock.accept(names(then, events));
    }

    private static Set<String> names(List<Rule<?>> rules, List<VerifiedEvent> events) {
        return events.stream()
                .flatMap(event -> rules.stream().flatMap(rule -> rule.of(event)))
                .collect(Collectors.toSet());
    }
}
