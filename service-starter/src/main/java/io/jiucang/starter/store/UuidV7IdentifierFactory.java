package io.jiucang.starter.store;

import io.jiucang.events.value.Ids;
import org.axonframework.common.IdentifierFactory;

/** Gives events and commands UUIDv7 identifiers; found by Axon through {@link java.util.ServiceLoader}. */
public final class UuidV7IdentifierFactory extends IdentifierFactory {

    @Override
    public String generateIdentifier() {
        return Ids.next();
    }
}
