package io.jiucang.starter.store;

import io.jiucang.events.DomainEvent;
import io.jiucang.events.EventJson;
import io.jiucang.events.EventTypes;
import org.axonframework.serialization.SerializedObject;
import org.axonframework.serialization.SerializedType;
import org.axonframework.serialization.SimpleSerializedObject;
import org.axonframework.serialization.SimpleSerializedType;
import org.axonframework.serialization.jackson3.Jackson3Serializer;
import tools.jackson.databind.ObjectReader;
import tools.jackson.databind.jsontype.BasicPolymorphicTypeValidator;
import tools.jackson.databind.jsontype.PolymorphicTypeValidator;

/**
 * Stores events as the same JSON that travels, under their wire type instead of a class name, so that a class may be
 * renamed without touching what is stored. Sagas, snapshots and tracking tokens are stored by class name.
 */
final class EventSerializer extends Jackson3Serializer {

    /** The token of a processor that was reset holds other tokens, each with its class name. */
    private static final PolymorphicTypeValidator AXONS_OWN = BasicPolymorphicTypeValidator.builder()
            .allowIfSubType("org.axonframework.")
            .build();

    EventSerializer() {
        super(builder().jsonMapperBuilderCustomizer(mapper -> mapper.polymorphicTypeValidator(AXONS_OWN)));
    }

    @Override
    public <T> SerializedObject<T> serialize(Object object, Class<T> representation) {
        if (object instanceof DomainEvent event) {
            T content = getConverter().convert(EventJson.write(event), representation);
            return new SimpleSerializedObject<>(content, representation, typeForClass(event.getClass()));
        }
        return super.serialize(object, representation);
    }

    @Override
    protected ObjectReader getReader(Class<?> type) {
        return DomainEvent.class.isAssignableFrom(type) ? EventJson.mapper().readerFor(type) : super.getReader(type);
    }

    @Override
    @SuppressWarnings("rawtypes") // Axon's signature
    public SerializedType typeForClass(Class type) {
        return type != null && DomainEvent.class.isAssignableFrom(type)
                ? new SimpleSerializedType(EventTypes.typeOf(((Class<?>) type).asSubclass(DomainEvent.class)), null)
                : super.typeForClass(type);
    }

    @Override
    protected String resolveClassName(SerializedType type) {
        return EventTypes.classOf(type.getName()).map(Class::getName).orElseGet(type::getName);
    }
}
