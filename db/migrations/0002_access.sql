-- Who may do what. Rows by their own key, each the outcome of a grant change in partition 0 of the log, so that they go back with
-- everything else, and a replay brings them forth again. The shipped profiles stand here as the log begins with them.

create table app_user (
  name text primary key,
  password text not null,           -- scrypt hash; the password itself is nowhere
  changed_by text not null,
  changed_at timestamptz not null
);

create table membership (
  user_name text,
  profile text,
  changed_by text not null,
  changed_at timestamptz not null,
  primary key (user_name, profile)
);

create table profile_grant (
  profile text,
  resource text,
  action text,
  field text,                       -- '': the whole thing; else a guarded field, or '*'
  changed_by text not null,
  changed_at timestamptz not null,
  primary key (profile, resource, action, field)
);

insert into profile_grant (profile, resource, action, field, changed_by, changed_at)
select profile, resource, action, field, 'shipped', '2026-01-01T00:00:00Z' from (values
  ('administrator', '*', '*', '*'),
  ('operator', '*', 'read', '*'),
  ('operator', 'orders', '*', ''),
  ('operator', 'items', '*', ''),
  ('operator', 'tasks', '*', ''),
  ('operator', 'systems', '*', ''),
  ('operator', 'inventory', 'repair', ''),
  ('operator', 'assets', 'repair', ''),
  ('operator', 'stores', 'verify', ''),
  ('operator', 'crm', 'refresh', ''),
  ('reader', '*', 'read', ''),
  ('submitter', 'orders', 'submit', ''),
  ('submitter', 'orders', 'read', '*'),
  ('submitter', 'plans', 'read', '')
) as shipped (profile, resource, action, field);
