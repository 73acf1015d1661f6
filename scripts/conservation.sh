#!/bin/bash
# Adds up, from the ledgers of the outside and the database, what must be conserved. Links nothing of the platform: bash, jq, awk,
# psql.
#
#   scripts/conservation.sh --psql "host=… dbname=…" --system system/ledger.jsonl --ledger client/acknowledged.jsonl org/ledger.jsonl
#                           [--listed work.csv]
#
#   orders   acknowledged outside          = in the database + rejected in writing
#            and none is in the database, of a source whose ledger is given, that nobody outside holds an acknowledgement of
#   effects  executed outside (net), a key = its item Completed + listed (it waits for a person, or stands in the work list); the item is
#            another one when that has adopted the answer, in writing
#            and no business subject more than once, net, on any interface
#            and no call is Completed that was not executed, unless a person has said so
#   assets   told to the org, last state   = in the database, in that state + listed (an order that brought it is left out)
#            and none is in the database that it was not told of
#
# Exit: 0 every sum closes · 1 something is missing or too much, each named · 2 wrong usage · 5 no database · 7 a program is missing
set -euo pipefail
export LC_ALL=C.UTF-8

usage() {
  echo "usage: $0 --psql \"host=… dbname=…\" --system FILE --ledger FILE [FILE …] [--listed FILE]" >&2
  exit 2
}

connection='' system='' listed='' ledgers=()
while [ $# -gt 0 ]; do
  case "$1" in
    --psql) [ $# -ge 2 ] || usage; connection=$2; shift 2 ;;
    --system) [ $# -ge 2 ] || usage; system=$2; shift 2 ;;
    --listed) [ $# -ge 2 ] || usage; listed=$2; shift 2 ;;
    --ledger) shift; while [ $# -gt 0 ] && [[ "$1" != --* ]]; do ledgers+=("$1"); shift; done ;;
    *) usage ;;
  esac
done
[ -n "$connection" ] && [ -n "$system" ] && [ ${#ledgers[@]} -gt 0 ] || usage
for program in jq awk psql; do
  command -v "$program" >/dev/null || { echo "$program is missing" >&2; exit 7; }
done
for ledger in "$system" "${ledgers[@]}"; do
  [ -r "$ledger" ] || { echo "$ledger cannot be read" >&2; exit 2; }
done
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# What kill -9 left of a last line was never answered for; it is no part of the ledger.
whole_lines() {
  if [ -s "$1" ] && [ -n "$(tail -c 1 "$1")" ]; then sed '$d' "$1"; else cat "$1"; fi
}
read_database() {
  psql -X -q -v ON_ERROR_STOP=1 -d "$connection" || { echo "the database cannot be read" >&2; exit 5; }
}

read_database >"$scratch/orders" <<'SQL'
copy (select k.source, k.source_order_id, k.version from backstitch.order_key k) to stdout
SQL
# Orders that came to a decision other than a row: refused, or left out by a recovery.
read_database >"$scratch/rejected" <<'SQL'
copy (select subject, state, code from backstitch.command where kind in ('submit', 'incoming.submit/1') and state <> 'duplicate') to stdout
SQL
# Effects that the database knows, by key: the item's state, whether it waits for somebody, what it is: a callout of the catalog that was
# called has a digest of its request, and a person may have said that it is done. Commands name an item by its id in base 32.
read_database >"$scratch/items" <<'SQL'
copy (
  select 'eff_' || (planned ->> 'effect'), item.state, coalesce(attention.kind, ''),
    case when item.digest is null or callout.plan is null then 'own' when said.subject is null then 'call' else 'said' end
  from backstitch.order_doc doc
  join backstitch.orders on orders.id = doc.id
  cross join lateral jsonb_array_elements(doc.graph::jsonb -> 'plan' -> 'items') planned
  join backstitch.item on item.id = (left(doc.id::text, 24) || (planned ->> 'id'))::uuid
  left join backstitch.attention on attention.item_id = item.id
  left join (
    select version.digest, plan ->> 'key' as plan, step ->> 'key' as step from backstitch.catalog_version version
    cross join lateral jsonb_array_elements(version.content::jsonb -> 'plans') plan
    cross join lateral jsonb_array_elements(plan -> 'items') step
    where step ->> 'type' = 'callout'
  ) callout on callout.digest = orders.catalog_digest and callout.plan = planned ->> 'plan' and callout.step = planned ->> 'item'
  left join (select distinct subject from backstitch.command where kind = 'item-command' and state = 'applied') said
    on said.subject = 'itm_' || (
      select string_agg(substr('0123456789ABCDEFGHJKMNPQRSTVWXYZ', 1 + substring(bits from place for 5)::bit(5)::int, 1), '' order by place)
      from (select b'00' || ('x' || replace(item.id::text, '-', ''))::bit(128) as bits) of_item, generate_series(1, 126, 5) place)
) to stdout
SQL
# Which effect's item took the answer to another call for its own: the business was done under that key.
read_database >"$scratch/adopted" <<'SQL'
copy (
  select 'eff_' || (doc.graph::jsonb -> 'plan' -> 'items' -> (line ->> 'i')::int ->> 'effect'), line ->> 'key'
  from backstitch.event
  join backstitch.order_doc doc on doc.id = event.order_id
  cross join lateral (
    select text::jsonb as line from regexp_split_to_table(event.data, '\n') text where text like '%"AnswerAdopted"%'
  ) lines
) to stdout
SQL
read_database >"$scratch/assets" <<'SQL'
copy (select asset_ref, state from backstitch.asset) to stdout
SQL

for ledger in "${ledgers[@]}"; do
  whole_lines "$ledger" | jq -r 'select(.sha256 and (.kind // "acknowledged") == "acknowledged")
    | ["acknowledged", .source, .sourceOrderId, (.version // 1)] | @tsv'
  whole_lines "$ledger" | jq -r 'select(.kind == "update" and .type == "Asset" and .arrival == "applied")
    | ["told", .externalId, .status] | @tsv'
done >"$scratch/outside"
whole_lines "$system" | jq -r '
  if .kind == "call" and .outcome == "executed" then ["executed", .interface, .key, .subject] | @tsv
  elif .kind == "settle" and .verb == "cancel" then ["cancelled", .interface, .key, ""] | @tsv
  else empty end' >"$scratch/effects"
if [ -n "$listed" ]; then cp "$listed" "$scratch/listed"; else : >"$scratch/listed"; fi

orders() {
  awk -F '\t' '
    FILENAME ~ /orders$/ { present[$1 FS $2 FS $3] = 1; next }
    FILENAME ~ /rejected$/ { rejected[$1] = $2; next }
    $1 == "acknowledged" {
      key = $2 FS $3 FS $4
      if (key in seen) next
      seen[key] = 1; sources[$2] = 1; known++
      if (key in present) kept++
      else if (($2 "/" $3) in rejected) said++
      else { printf "MISSING order %s %s version %s\n", $2, $3, $4; lost++ }
    }
    END {
      for (key in present) {
        split(key, part, FS)
        if (part[1] in sources && !(key in seen)) { printf "UNKNOWN order %s %s version %s: it is there, and nobody holds an acknowledgement\n", \
                                                     part[1], part[2], part[3]; lost++ }
      }
      printf "orders known %d = kept %d + rejected in writing %d, difference %d\n", known, kept, said, known - kept - said
      exit lost > 0
    }' "$scratch/orders" "$scratch/rejected" "$scratch/outside"
}

effects() {
  awk -F '\t' '
    function base(key) { sub(/\.[0-9]+$/, "", key); return key }
    function whose(key) { key = base(key); return key in adopter ? adopter[key] : key }
    FILENAME ~ /adopted$/ { adopter[base($2)] = $1; next }
    FILENAME ~ /items$/ { state[$1] = $2; waits[$1] = $3; what[$1] = $4; next }
    FILENAME ~ /listed$/ { list = list "\n" $0; next }
    $1 == "executed" { net[whose($3)]++; subject[$2 FS $4]++; name[whose($3)] = $4; per_key[$3 FS $2] = $2 FS $4; next }
    $1 == "cancelled" { net[whose($3)]--; subject[per_key[$3 FS $2]]-- }
    END {
      for (key in net) {
        if (net[key] <= 0) { undone++; continue }
        known++
        if (net[key] > 1) { printf "TWICE effect %s %s: %d times\n", key, name[key], net[key]; wrong++ }
        if (state[key] == "Completed") kept++
        else if (waits[key] != "" && waits[key] != "manual") named++
        else if (index(list, key)) named++
        else { printf "UNEXPLAINED effect %s %s: executed, the item is %s\n", key, name[key], \
               (key in state ? state[key] : "not there"); wrong++ }
      }
      for (key in state)
        if (state[key] == "Completed" && what[key] == "call" && net[key] <= 0 && !index(list, key)) {
          printf "UNEXECUTED effect %s: the item is Completed, and nobody outside has executed it\n", key; wrong++
        }
      for (one in subject) if (subject[one] > 1) { printf "TWICE subject %s: %d\n", one, subject[one]; wrong++ }
      printf "effects known %d = kept %d + listed %d, difference %d; undone %d\n", known, kept, named, known - kept - named, undone
      exit wrong > 0
    }' "$scratch/adopted" "$scratch/items" "$scratch/listed" "$scratch/effects"
}

assets() {
  awk -F '\t' '
    FILENAME ~ /assets$/ { state[$1] = $2; next }
    # What was never delivered is listed as well (K7): no reason for the org to know of it.
    FILENAME ~ /listed$/ { if ($0 !~ /[",]K7[",]/) list = list "\n" $0; next }
    $1 == "told" { told[$2] = $3 }
    END {
      for (reference in told) {
        known++
        if (state[reference] == told[reference]) kept++
        else if (index(list, reference)) named++
        else { printf "DIFFERS asset %s: the org was told %s, the database has %s\n", reference, told[reference], \
               (reference in state ? state[reference] : "nothing"); wrong++ }
      }
      for (reference in state) if (!(reference in told)) { printf "UNTOLD asset %s: %s\n", reference, state[reference]; wrong++ }
      printf "assets known %d = kept %d + listed %d, difference %d\n", known, kept, named, known - kept - named
      exit wrong > 0
    }' "$scratch/assets" "$scratch/listed" "$scratch/outside"
}

closes=0
orders || closes=1
effects || closes=1
assets || closes=1
exit $closes
