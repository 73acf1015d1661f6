# What the corruptions share. Each is a file of its own, run with
#   CONNECTION  libpq's words for the live database   BACKSTITCH  the program   DATA  its data folder   SEED  a number
#   ORDERS  how many are to come
# It does its damage the way somebody would who means well, and prints further words for `recover plan`, one a line.
set -euo pipefail
export LC_ALL=C.UTF-8 PGOPTIONS=

# Somebody's own login: the job of another team, a person with a console.
as_role() {
  local role=$1
  psql -X -q -v ON_ERROR_STOP=1 -d "$CONNECTION" >&2 <<SQL
do \$\$ begin
  if not exists (select from pg_roles where rolname = '$role') then create role $role superuser login; end if;
end \$\$;
SQL
  # Words of his own, not the platform's: what he does is seen in PostgreSQL's log.
  psql -X -q -v ON_ERROR_STOP=1 -v seed="$SEED" -U "$role" -d "$(grep -o 'host=[^ ]*' <<<"$CONNECTION") dbname=postgres" >&2
}

# Rows of a query, one a line.
sql() { psql -X -qtA -v ON_ERROR_STOP=1 -v seed="$SEED" -d "$CONNECTION" <<<"$1"; }

# Damage without a row that it hits would be none: waits until the query counts so many, at most 20 s.
await_rows() {
  local wanted=$1 query=$2 tries
  for ((tries = 0; tries < 200; ++tries)); do
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

# Every n-th row, chosen by the seed: the same in every run with it.
# usage in SQL: where hashtext(id::text || :'seed') % 10 = 0

backstitch() { "$BACKSTITCH" --data "$DATA" "$@"; }

# The inputs that the words name, as the file of exclusions that `recover plan` takes.
exclude() {
  local list=$DATA/run/exclusions-$SEED.json
  backstitch --quiet recover exclusions "$@" >"$list"
  echo "--exclude=$list"
}
