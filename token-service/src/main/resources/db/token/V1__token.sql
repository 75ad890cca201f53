-- The catalogue.
create table sales_plan (
    plan_id         text primary key,
    position        bigint generated always as identity unique,
    vault_id        text        not null unique,
    name            text        not null,
    statement       text        not null,
    cases           bigint      not null default 0,
    unsold          bigint      not null default 0 check (unsold >= 0),
    site            text        not null default '',
    code            text        not null default ''
);

-- Whose serials are whose. Serials are JSON ranges; cases is how many of them are held; under_way those of which an event of
-- title is told, and not ruled.
create table reservation (
    order_id  text primary key,
    vault_id  text    not null,
    buyer     text    not null,
    held      text    not null,
    under_way text    not null,
    cases     bigint  not null,
    sold      boolean not null
);
create index on reservation (vault_id, buyer);

-- Tokens that have an owner, by the law; a case stands for one token only.
create table token (
    token_id     text primary key,
    position     bigint      not null unique,
    vault_id     text        not null,
    order_id     text        not null,
    box_code     text        not null unique,
    owner        text        not null,
    granted_at   timestamptz not null,
    sale_index   bigint      not null,
    sale_leaf    text        not null,
    release_index bigint     not null,
    release_leaf text        not null
);
create index on token (owner, position);

-- What happened to each token; serial 0 stands for all of its vault.
create table token_history (
    vault_id    text        not null,
    serial      bigint      not null,
    event_id    text        not null,
    position    bigint generated always as identity,
    order_id    text,
    type        text        not null,
    happened_at timestamptz not null,
    primary key (vault_id, serial, event_id)
);

-- Events of other services that titles rest on, as CloudEvents in JSON with their signatures.
create table received_event (
    event_id    text not null,
    leaf_hash   text primary key,
    cloud_event text not null
);
create index on received_event (event_id);

-- What the ledger claims of our events and of those that titles rest on, under roots it signed.
create table anchor (
    leaf_hash  text   not null,
    tree_size  bigint not null,
    leaf_index bigint not null,
    root       bytea  not null,
    proof      text   not null,
    primary key (leaf_hash, tree_size)
);

create table device_key (
    kid        text primary key,
    position   bigint generated always as identity unique,
    wallet     text        not null,
    joined_at  timestamptz not null,
    revoked_at timestamptz,
    event_id   text        not null
);
create index on device_key (wallet, position);

-- No views of events, which know nothing of them: what an owner calls a device, and whose wallet is whose.
create table device_label (
    kid   text primary key,
    label text not null
);
create table account_wallet (
    account text primary key,
    wallet  text not null unique
);
