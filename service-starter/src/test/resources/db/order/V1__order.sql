-- Whatever was handled, once per handling: a second effect of one event shows as a second row.
create table effect (
    id     bigint generated always as identity primary key,
    kind   text not null,
    detail text not null
);
create table known_plan (plan_id text primary key);
