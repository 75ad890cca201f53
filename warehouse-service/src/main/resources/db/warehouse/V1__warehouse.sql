create table vault (
    vault_id text primary key,
    site     text,
    gtin     text
);
create index on vault (site, gtin);

create table stock_case (
    box_code   text primary key,
    position   bigint generated always as identity unique,
    gtin       text        not null,
    site       text        not null,
    bin        text        not null,
    state      text        not null,
    shelved_at timestamptz not null,
    damage     text,
    release_id text,
    -- A case that left its bin serves one token, and no other case serves the same one.
    token_id   text unique,
    scanner    text,
    scanned_at timestamptz
);
create index on stock_case (site, gtin, position) where state = 'SHELVED';
create index on stock_case (site, bin, position);

create table release_order (
    release_id   text primary key,
    position     bigint generated always as identity unique,
    order_id     text        not null,
    vault_id     text        not null,
    site         text        not null,
    gtin         text        not null,
    sale         text        not null,
    sale_index   bigint      not null,
    state        text        not null,
    waiting      integer     not null check (waiting >= 0),
    requested_at timestamptz not null
);
create index on release_order (site, state, position);
create index on release_order (site, gtin, position) where state = 'OPEN';
create index on release_order (requested_at) where waiting > 0;

create table release_token (
    release_id text    not null,
    place      integer not null,
    token_id   text    not null,
    box_code   text unique,
    bin        text,
    stated     boolean not null default false,
    primary key (release_id, place),
    unique (release_id, token_id)
);

-- Orders whose buyers cancelled before their sale was known here.
create table early_cancellation (
    order_id text primary key
);
