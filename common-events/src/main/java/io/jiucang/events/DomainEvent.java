package io.jiucang.events;

/** Something that happened, told to everyone: the only thing that crosses between services. */
public sealed interface DomainEvent
        permits TokenEvent, OrderEvent, PaymentEvent, WarehouseEvent, DeliveryEvent, LedgerEvent {}
