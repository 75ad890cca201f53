create table custody_vault (
    vault_id text primary key,
    site     text not null
);

-- What token-service and warehouse-service tell of each case, in whatever order.
create table custody_case (
    token_id   text primary key,
    vault_id   text    not null,
    owner      text,
    granted_at timestamptz,
    box_code   text,
    -- Null where it is its vault's.
    site       text,
    -- Null where it stands in none.
    bin        text,
    -- The event that told so, of which later ones have a greater id.
    moved_by   text collate "C",
    locked_for text,
    burned     boolean not null default false
);
create index on custody_case (owner);

create table damaged_box (
    box_code text primary key
);

create table pickup_view (
    position          bigint generated always as identity unique,
    pickup_id         text primary key,
    owner             text        not null,
    carrier           text        not null,
    status            text        not null,
    requested         boolean     not null default false,
    currency          text        not null,
    delivery_fee      bigint      not null,
    custody_fee       bigint      not null,
    cancellation      text,
    ordered_at        timestamptz not null,
    accept_by         timestamptz,
    hold_id           text,
    carrier_key_id    text,
    envelope_sha256   text,
    address_destroyed boolean     not null default false,
    courier           text,
    attempts          bigint      not null default 0,
    version           bigint      not null default 1
);
create index on pickup_view (owner, position desc);
create index on pickup_view (carrier, position) where requested;

create table pickup_case (
    pickup_id text    not null,
    number    integer not null,
    token_id  text    not null,
    box_code  text    not null,
    site      text    not null,
    bin       text    not null,
    state     text    not null,
    primary key (pickup_id, token_id)
);

-- Argon2id; with a pepper that is not in the database.
create table pickup_password (
    owner        text primary key,
    salt         bytea       not null,
    hash         bytea       not null,
    memory       integer     not null,
    iterations   integer     not null,
    parallelism  integer     not null,
    wrong_tries  integer     not null,
    locked_until timestamptz,
    changed_at   timestamptz not null
);

-- Hashes of all envelopes there ever were: none is taken twice.
create table used_envelope (
    sha256 text primary key
);

create table envelope (
    pickup_id  text primary key,
    iv         bytea not null,
    ciphertext bytea not null
);

-- Apart from what it opens: leave this table out of logical backups.
create table envelope_key (
    pickup_id text primary key,
    key_bytes bytea not null
);
