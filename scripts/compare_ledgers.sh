#!/bin/bash
# Compares what the outside wrote down with what stands in the database. Links nothing of the platform: bash, jq, awk, psql.
#
#   scripts/compare_ledgers.sh --psql "host=/run/… dbname=…" --ledger client/acknowledged.jsonl org/ledger.jsonl
#
# Every acknowledged order must be present (backstitch.order_key), with the digest of the bytes as they were sent
# (order_doc.body_digest), and in the state that the org was told last (orders.state). Ledgers without updates of orders
# say nothing about states; then states are not compared.
# Exit: 0 all the same · 1 something differs, each order named · 2 wrong usage · 5 no database · 7 a program is missing
set -euo pipefail
export LC_ALL=C.UTF-8

usage() {
  echo "usage: $0 --psql \"host=… dbname=…\" --ledger FILE [FILE …]" >&2
  exit 2
}

connection='' ledgers=()
while [ $# -gt 0 ]; do
  case "$1" in
    --psql) [ $# -ge 2 ] || usage; connection=$2; shift 2 ;;
    --ledger) shift; while [ $# -gt 0 ] && [[ "$1" != --* ]]; do ledgers+=("$1"); shift; done ;;
    *) usage ;;
  esac
done
[ -n "$connection" ] && [ ${#ledgers[@]} -gt 0 ] || usage
for program in jq awk psql; do
  command -v "$program" >/dev/null || { echo "$program is missing" >&2; exit 7; }
done
for ledger in "${ledgers[@]}"; do
  [ -r "$ledger" ] || { echo "$ledger cannot be read" >&2; exit 2; }
done

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# The text form of an order id: 128 bits, two zero bits in front, as 26 digits of Crockford's base 32.
no_database() {
  echo "the database cannot be read" >&2
  exit 5
}
psql -X -q -v ON_ERROR_STOP=1 -d "$connection" >"$scratch/database" <<'SQL' || no_database
copy (
  select k.source, k.source_order_id, k.version, coalesce(d.body_digest, ''), coalesce(o.state, ''),
         k.order_id, 'ord_' || t.digits
  from backstitch.order_key k
  left join backstitch.orders o on o.id = k.order_id
  left join backstitch.order_doc d on d.id = k.order_id,
  lateral (
    select string_agg(substr('0123456789ABCDEFGHJKMNPQRSTVWXYZ', 1 + substring(b.bits from 5 * i + 1 for 5)::bit(5)::int, 1),
                      '' order by i) as digits
    from (select B'00' || ('x' || replace(k.order_id::text, '-', ''))::bit(128) as bits) b, generate_series(0, 25) i
  ) t
) to stdout
SQL

# What kill -9 left of a last line was never answered for; it is no part of the ledger.
whole_lines() {
  if [ -s "$1" ] && [ -n "$(tail -c 1 "$1")" ]; then sed '$d' "$1"; else cat "$1"; fi
}

# Both jq's @tsv and COPY write a tab as \t and a backslash as \\, so the fields can be compared as they stand.
for ledger in "${ledgers[@]}"; do
  whole_lines "$ledger" | jq -r 'select(.sha256 and (.kind // "acknowledged") == "acknowledged")
    | ["acknowledged", .source, .sourceOrderId, (.version // 1), .sha256] | @tsv'
  whole_lines "$ledger" | jq -r 'select(.kind == "update" and .type == "Order" and .arrival == "applied")
    | ["told", .externalId, .status] | @tsv'
done >"$scratch/outside"

awk -F '\t' '
  function differs(what, key) {
    split(key, part, "\t")
    printf "DIFFERS %s %s version %s: %s\n", part[1], part[2], part[3], what
    differing++
  }
  FNR == NR {
    key = $1 FS $2 FS $3
    digest[key] = $4; state[key] = $5; uuid[key] = $6; text[key] = $7
    next
  }
  $1 == "acknowledged" {
    key = $2 FS $3 FS $4
    if (key in sent && sent[key] != $5) differs("acknowledged with two bodies, " sent[key] " and " $5, key)
    if (!(key in sent)) acknowledged++
    sent[key] = $5
  }
  $1 == "told" { told[$2] = $3; updates++ }
  # The org may know an order by the id of the platform, or by its own.
  function told_state(key,   part, name, i, names) {
    split(key, part, "\t")
    names[1] = text[key]; names[2] = uuid[key]; names[3] = part[2]
    names[4] = part[1] "/" part[2] "/" part[3]; names[5] = part[1] ":" part[2] ":" part[3]
    for (i = 1; i <= 5; i++) if (names[i] in told) return told[names[i]]
    return ""
  }
  END {
    for (key in sent) {
      if (!(key in digest)) { differs("acknowledged, and not in the database", key); continue }
      present++
      if (digest[key] == sent[key]) same_digest++
      else differs("sent with digest " sent[key] ", stored with digest " \
                   (digest[key] == "" ? "none" : digest[key]), key)
      if (!updates) continue
      outside = told_state(key)
      if (outside == state[key] && outside != "") same_state++
      else differs("in state " (state[key] == "" ? "none" : state[key]) ", and the org was told " \
                   (outside == "" ? "nothing" : outside), key)
    }
    printf "acknowledged %d\npresent %d\nsame digest %d\n", acknowledged, present, same_digest
    if (updates) printf "same end state %d\n", same_state
    else print "same end state not compared: no update in these ledgers"
    exit differing > 0
  }
' "$scratch/database" "$scratch/outside"
