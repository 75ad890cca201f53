package io.jiucang.starter.inbox;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.axonframework.messaging.annotation.MetaDataValue;

/**
 * Marks a handler's parameter of type {@code VerifiedEvent}: the handled event as another service signed it. Such a
 * handler is not called for the service's own events.
 */
@Documented
@Target(ElementType.PARAMETER)
@Retention(RetentionPolicy.RUNTIME)
@MetaDataValue(value = SignedEvent.METADATA, required = true)
public @interface SignedEvent {

    String METADATA = "signedEvent";
}
