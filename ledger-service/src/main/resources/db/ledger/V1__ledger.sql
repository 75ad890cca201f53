-- The log. Rows are only ever added, except that the tiles at its right edge grow.

-- One leaf for each anchored event.
create table entry (
    index     bigint primary key check (index >= 0),
    leaf_hash bytea not null unique,
    source    text  not null,
    event_id  text  not null,
    bytes     bytea not null
);
-- A proof may be asked for by the event's id.
create index on entry (event_id);

-- The next number of each aggregate's events; and those passed over.
create table told (
    source  text   not null,
    subject text   not null,
    next    bigint not null,
    primary key (source, subject)
);
create table untold (
    source  text   not null,
    subject text   not null,
    number  bigint not null,
    primary key (source, subject, number)
);

-- The widest version of each tile; a narrower one is its beginning.
create table tile (
    level  integer not null,
    index  bigint  not null,
    -- Hashes cannot be compressed.
    hashes bytea storage external not null,
    primary key (level, index)
);

-- Every checkpoint ever signed: one for a size, and each the successor of one other, so that the log never forks.
create table checkpoint (
    size      bigint primary key,
    previous  bigint references checkpoint,
    note      text        not null,
    signed_at timestamptz not null,
    unique nulls not distinct (previous),
    check (coalesce(previous, -1) < size)
);

-- The newest tick is read before every batch.
create index on domain_event_entry (payload_type, global_index desc);
