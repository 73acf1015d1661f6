-- The rows that the log folds into. Every row of an order has its id in [order id, order id | 0xffffffffffff], so no table
-- of an order has a parent column or a parent index; docs/reference/data-model.md says why.
--
-- Rule: no index mentions a column that a normal transition changes, or PostgreSQL gives up HOT updates.
-- No sequences, no triggers with effects, no clock: every value comes from the turn.

-- ---- where the folds stand ----------------------------------------------------------------------------------------------

create table epoch (
  one boolean primary key check (one),
  n bigint not null,
  open boolean not null
) with (fillfactor = 50);
insert into epoch values (true, 1, true);

create table position (
  partition integer primary key,
  epoch bigint not null,
  term bigint not null,
  turn bigint not null,             -- last committed turn of the partition
  incoming bigint not null,         -- next offset to read
  completer bigint not null,
  published bigint not null,        -- last turn whose CRM updates are known to be in order_orderitems
  catalog_digest text not null,
  decision_digest bigint not null,
  changed_at timestamptz not null
) with (fillfactor = 10);

create table turn (
  partition integer,
  turn bigint,
  at timestamptz not null,          -- append time of its last input
  epoch bigint not null,
  term bigint not null,
  incoming_from bigint not null, incoming_to bigint not null,    -- consumed: [from, to)
  completer_from bigint not null, completer_to bigint not null,
  catalog_digest text not null,
  engine_version text not null,
  decision_digest bigint not null,
  inputs integer not null,
  crm text,                         -- all CRM updates of the turn, a JSON object a line
  primary key (partition, turn)
);

-- ---- orders --------------------------------------------------------------------------------------------------------------

create table order_key (            -- "seen before?"; never purged
  source text,
  source_order_id text,
  version integer,
  order_id uuid not null,
  salt integer not null,
  primary key (source, source_order_id, version)
);

create table orders (
  id uuid primary key,
  account_id text not null,
  partition integer not null,
  state text not null,
  catalog_digest text not null,
  created_at timestamptz not null,
  changed_at timestamptz not null
) with (fillfactor = 60);
-- What a shard loads at start. The one index that a transition (the last one of an order) changes.
create index orders_open on orders (partition)
  where state not in ('Activated', 'Superseded', 'Rejected', 'Failed', 'Cancelled');

create table order_doc (
  id uuid primary key,
  body_digest text not null,        -- SHA-256 of the bytes that were submitted
  doc text not null,                -- the order as submitted
  graph text not null               -- decomposition with sources and rules, composed plan
);
alter table order_doc alter doc set storage main, alter graph set storage main;

create table order_item (
  id uuid primary key,
  action text not null,
  state text not null,
  changed_at timestamptz not null
) with (fillfactor = 60);

create table downstream_order (
  id uuid primary key,
  domain text not null,
  state text not null,
  changed_at timestamptz not null
) with (fillfactor = 60);

create table downstream_item (
  id uuid primary key,
  action text not null,
  state text not null,
  changed_at timestamptz not null
) with (fillfactor = 60);

create table line_values (          -- what fulfilment set on a downstream item
  id uuid primary key,
  data text not null
);

create table plan (
  id uuid primary key,
  state text not null,
  item_count integer not null,
  created_at timestamptz not null,
  changed_at timestamptz not null
) with (fillfactor = 60);

create table item (                 -- the row is the intent: Running, call and digest are committed before the call
  id uuid primary key,
  attempt integer not null,
  call integer not null,
  digest bigint,
  started_at timestamptz,
  ended_at timestamptz,
  due_at timestamptz,
  state text not null,
  system text,
  error text,
  owner text
) with (fillfactor = 60);

create table event (
  order_id uuid,
  turn bigint,
  at timestamptz not null,
  count integer not null,
  data text not null,               -- a JSON object a line
  primary key (order_id, turn)
);

create table attention (            -- a row only while an item wants somebody: any index is cheap here
  item_id uuid primary key,
  order_id uuid not null,
  kind text not null,
  state text not null,
  system text not null,
  error text not null,
  item_key text not null,
  account_id text not null,
  owner text not null,
  since timestamptz not null
);
create index attention_kind on attention (kind, item_id);
create index attention_system on attention (system, item_id);
create index attention_owner on attention (owner, item_id);
create index attention_account on attention (account_id, item_id);

-- ---- what an account has -------------------------------------------------------------------------------------------------

create table asset (
  id uuid primary key,
  account_id text not null,
  partition integer not null,
  asset_ref text not null,
  product text not null,
  state text not null,
  quantity bigint not null,
  data text not null,               -- attributes, a JSON object
  changed_by uuid not null,
  line_id text not null,
  created_at timestamptz not null,
  changed_at timestamptz not null
) with (fillfactor = 80);
create index asset_account on asset (account_id);

create table inventory (
  id uuid primary key,
  account_id text not null,
  partition integer not null,
  product text not null,
  scope_key text not null,
  state text not null,
  asset_id uuid constraint inventory_asset references asset,
  no_asset_reason text not null,
  asset_ref text not null,
  system text not null,
  system_ref text not null,
  data text not null,               -- attributes, a JSON object
  service_record text not null,     -- what a person needs to restore the service by hand, a JSON object
  changed_by uuid not null,
  created_at timestamptz not null,
  changed_at timestamptz not null,
  constraint inventory_asset_or_reason check (asset_id is not null or no_asset_reason <> '')
) with (fillfactor = 80);
create index inventory_account on inventory (account_id);

-- ---- what operators and the rest of the house need -------------------------------------------------------------------------

create table command (              -- outcome of a command, and of every incoming record that was not simply decided
  id uuid,
  partition integer,
  queue_offset bigint,
  kind text not null,
  state text not null,
  code text not null,
  detail text not null,
  actor text not null,
  subject text not null,
  at timestamptz not null,
  primary key (id, partition, queue_offset)
);

create table system_state (         -- per partition: switching a system is an input of each
  partition integer,
  system text,
  up boolean not null,
  changed_at timestamptz not null,
  primary key (partition, system)
);

create table catalog_version (
  digest text primary key,
  catalog_index bigint not null,
  source text not null,
  at timestamptz not null,
  content text not null
);

create table desired_worker (
  lane text primary key,
  count integer not null,
  concurrency integer not null
);

create table crm_position (
  partition integer primary key,
  next_offset bigint not null
) with (fillfactor = 50);

-- ---- for people and invariants: the order a row belongs to, and the end of its range ---------------------------------------

create function order_id(id uuid) returns uuid language sql immutable parallel safe
  return (left(id::text, 24) || '000000000000')::uuid;
create function last_id(id uuid) returns uuid language sql immutable parallel safe
  return (left(id::text, 24) || 'ffffffffffff')::uuid;
