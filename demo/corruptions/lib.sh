# What the corruptions share. Each is a file of its own, run with
#   CONNECTION  libpq's words for the live database   BACKSTITCH  the program   DATA  its data folder   SEED  a number
#   ORDERS  how many are to come
# It does its damage the way somebody would who means well, and prints further words for `recover plan`, one a line.
set -euo pipefail
export LC_ALL=C.UTF-8 PGOPTIONS=

# Somebody's own login: the job of another team, a person with a console. When PostgreSQL ends his statements because they and the
# platform's wait for each other, he runs them again.
as_role() {
  local role=$1 script words tries
  script=$(cat)
  psql -X -q -v ON_ERROR_STOP=1 -d "$CONNECTION" >&2 <<SQL
do \$\$ begin
  if not exists (select from pg_roles where rolname = '$role') then create role $role superuser login; end if;
end \$\$;
SQL
  for ((tries = 1;; ++tries)); do
    # Words of his own, not the platform's: what he does is seen in PostgreSQL's log.
    words=$(psql -X -q -v ON_ERROR_STOP=1 -v seed="$SEED" -U "$role" -d "$(grep -o 'host=[^ ]*' <<<"$CONNECTION") dbname=postgres" \
      2>&1 <<<"$script") && break
    [[ $words == *"deadlock detected"* ]] && ((tries < 5)) || { printf '%s\n' "$words" >&2; return 3; }
  done
}

# Rows of a query, one a line.
sql() { psql -X -qtA -v ON_ERROR_STOP=1 -v seed="$SEED" -d "$CONNECTION" <<<"$1"; }

# Damage without a row that it hits would be none: waits until the query counts so many, at most a minute.
await_rows() {
  local wanted=$1 query=$2 tries
  for ((tries = 0; tries < 600; ++tries)); do
    if (($(sql "$query") >= wanted)); then return; fi
    sleep 0.1
  done
  echo "too few rows: $query" >&2
  exit 1
}

# For damage that ends all work: prints this moment, known to be good, and waits until calls were made behind it, of every eighth order.
good_moment() {
  local executed="select count(*) from backstitch.item where state = 'Completed' and call > 0"
  date -u +%Y-%m-%dT%H:%M:%S.%6NZ
  await_rows $(($(sql "$executed") + ORDERS / 8)) "$executed"
}

# Of buggy-rule: orders of the catalog that tells regions apart, with the item that announces them (null: none) and whether
# services became a project. To stand before a query.
region_orders() {
  cat <<SQL
with region_orders as (
  select o.id, o.state, k.source_order_id as name, d.doc::jsonb->'fields'->>'Region' as region,
    (select (left(o.id::text, 24) || (p->>'id'))::uuid from jsonb_array_elements(d.graph::jsonb->'plan'->'items') p
      where p->>'plan' = 'announcing') as announcement,
    exists (select from jsonb_array_elements(d.graph::jsonb->'items') i where i->'rules' ? 'services-to-project-service') as project
  from backstitch.orders o join backstitch.order_doc d using (id) join backstitch.order_key k on k.order_id = o.id
  where o.catalog_digest = '$(<"$DATA/run/regions-$SEED")')
SQL
}

# The outside's own book: calls that INTERFACE executed and nobody took back, "KEY SUBJECT" a line.
executed_by() {
  jq -rn --arg interface "$1" 'reduce (inputs | select(.interface == $interface)) as $line ({};
      if $line.kind == "call" and $line.outcome == "executed" then .[$line.key] = $line.subject
      elif $line.verb == "cancel" then del(.[$line.key]) else . end)
    | to_entries[] | "\(.key) \(.value)"' <(sed '$!b; /}$/!d' "$DATA/../system/ledger.jsonl")
}

# Keys of calls for orders of APAC that lookup executed: they belong to blind.
astray_calls() {
  local apac
  apac=$(sql "select k.source_order_id from backstitch.order_key k join backstitch.order_doc d on d.id = k.order_id
    where d.doc::jsonb->'fields'->>'Region' = 'APAC'")
  executed_by lookup | grep -F -f <(sed 's,.*,/&:,' <<<"$apac") | cut -d ' ' -f 1 || true
}

# Every n-th row, chosen by the seed: the same in every run with it.
# usage in SQL: where hashtext(id::text || :'seed') % 10 = 0

backstitch() { "$BACKSTITCH" --data "$DATA" "$@"; }

# The inputs that the words name, as the file of exclusions that `recover plan` takes.
exclude() {
  local list=$DATA/run/exclusions-$SEED.json
  backstitch --quiet recover exclusions "$@" >"$list"
  echo "--exclude=$list"
}
