create table payment_view (
    position       bigint generated always as identity unique,
    payment_id     text primary key,
    order_id       text        not null unique,
    buyer          text        not null,
    currency       text        not null,
    amount         bigint      not null,
    status         text        not null,
    pay_by         timestamptz not null,
    provider       text,
    code_url       text,
    closing_reason text
);
create index on payment_view (status, position);

-- All money that arrived, by the provider's own number.
create table payment_capture (
    transaction_id text primary key,
    payment_id     text        not null references payment_view (payment_id),
    currency       text        not null,
    amount         bigint      not null,
    captured_at    timestamptz not null,
    -- SHA-256 of the provider's signed answer; its bytes are in evidence.
    receipt        text        not null
);
create index on payment_capture (payment_id);
create index on payment_capture (captured_at);

create table refund_view (
    position        bigint generated always as identity unique,
    refund_id       text primary key,
    payment_id      text   not null references payment_view (payment_id),
    transaction_id  text   not null references payment_capture (transaction_id),
    currency        text   not null,
    amount          bigint not null,
    reason          text   not null,
    status          text   not null,
    provider_reason text,
    completed_at    timestamptz
);
create index on refund_view (payment_id);
create index on refund_view (status, position);
create index on refund_view (completed_at);
