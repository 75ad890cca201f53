package io.jiucang.starter.law;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.axonframework.messaging.annotation.MetaDataValue;

/**
 * Marks a handler's parameter of type {@link Anchored}: where the handled event of another service stands in the ledger. Such
 * a handler is not called for the service's own events; these come again as {@link OwnAnchored}.
 */
@Documented
@Target(ElementType.PARAMETER)
@Retention(RetentionPolicy.RUNTIME)
@MetaDataValue(value = AnchoredAt.METADATA, required = true)
public @interface AnchoredAt {

    String METADATA = "anchored";
}
