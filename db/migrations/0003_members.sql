-- Whose database this is, and which processes of the instance live and own what. Nothing here is folded from the log, no decision
-- reads it, and it may be lost: whoever comes next takes over again. Moments are those of the database's clock, so that all
-- members agree on them.

create table instance (
  one boolean primary key check (one),
  name text not null,
  id text not null                  -- drawn once, the same in the safe of the instance
);

create table member (
  name text primary key,            -- host-pid-started: never used again
  host text not null,
  roles text not null,              -- with commas between them
  api text not null, workers text not null,   -- addresses; '' when it serves none
  leaving boolean not null,
  started_at timestamptz not null,
  seen_at timestamptz not null
) with (fillfactor = 50);

-- The term of a partition stands in `position`, because every writing transaction is checked against it.
create table partition_owner (
  partition integer primary key,
  member text                       -- null: free
) with (fillfactor = 50);

create table lease (                -- scheduler, crm-sync, …: done by one member at a time
  name text primary key,
  member text,                      -- null: free
  term bigint not null
) with (fillfactor = 50);
