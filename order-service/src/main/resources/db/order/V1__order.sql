-- The wineries' offers, as they signed them.
create table sales_plan (
    plan_id text primary key,
    offer   text not null
);

create table order_view (
    position               bigint generated always as identity unique,
    order_id               text primary key,
    payment_id             text        not null,
    buyer                  text        not null,
    plan_id                text        not null,
    vault_id               text        not null,
    quantity               bigint      not null,
    currency               text        not null,
    total                  bigint      not null,
    pay_by                 timestamptz not null,
    status                 text        not null,
    end_reason             text,
    cancellation_requested text,
    cancellation_refused   boolean     not null default false,
    serials                jsonb       not null default '[]',
    withdrawn              bigint      not null default 0,
    placed_at              timestamptz not null,
    version                bigint      not null default 1
);
create index on order_view (buyer, position desc);
create index on order_view (buyer, plan_id);

create table order_refund (
    refund_id text primary key,
    order_id  text   not null,
    currency  text   not null,
    amount    bigint not null,
    reason    text,
    status    text   not null
);
create index on order_refund (order_id);
