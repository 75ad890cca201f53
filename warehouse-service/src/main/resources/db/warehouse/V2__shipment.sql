alter table stock_case add pickup_id text;

create table shipment (
    pickup_id    text primary key,
    position     bigint generated always as identity unique,
    carrier      text        not null,
    requested_at timestamptz not null,
    accept_by    timestamptz not null
);

create table shipment_case (
    pickup_id text    not null,
    place     integer not null,
    token_id  text    not null,
    box_code  text    not null,
    site      text    not null,
    bin       text    not null,
    state     text    not null,
    courier   text,
    primary key (pickup_id, place)
);
create index on shipment_case (site, state);
create index on shipment_case (pickup_id) where state = 'WAITING';
