alter table token
    add pickup_id          text,
    add burned_at          timestamptz,
    add delivery_event_id  text,
    add delivery_index     bigint,
    add delivery_tree_size bigint;

-- Besides events of other services, that title, pickup and burning rest on: our own event that registered the device whose
-- signature is within.
alter table received_event add device_event_id text;

alter table device_key add event_id text;
update device_key key set event_id = (
    select stored.event_identifier from domain_event_entry stored
    where stored.payload_type = 'io.jiucang.token.WalletKeyRegistered.v1'
    and convert_from(stored.payload, 'UTF8')::jsonb ->> 'kid' = key.kid
    order by stored.global_index desc limit 1);
alter table device_key alter event_id set not null;
