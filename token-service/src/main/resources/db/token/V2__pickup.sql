alter table token
    add pickup_id          text,
    add burned_at          timestamptz,
    add delivery_event_id  text,
    add delivery_index     bigint,
    add delivery_tree_size bigint;

-- Besides events of other services, that title, pickup and burning rest on: our own events by which the device joined its
-- wallet whose signature is within.
alter table received_event add device_event_ids text[] not null default '{}';
