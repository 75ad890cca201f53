package io.jiucang.starter.law;

import io.jiucang.events.DomainEvent;
import io.jiucang.title.Ruling;
import io.jiucang.title.event.Cite;

/**
 * The ledger has an event of this service's own, and the law has ruled. Told to whom it concerns, once, in place of the event,
 * which they know; a service that handles this names its own topic among {@code jiucang.topics}.
 *
 * @param leafHash lower-case hex, for sagas to associate with
 * @param ruling void as well: then what was promised by it is to be undone (O5)
 */
public record OwnAnchored(String leafHash, DomainEvent event, Cite at, Ruling ruling) {}
