# Every order goes by its region, the engine that had decided otherwise is named, and what the fault did outside is settled by people.
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
report=$DATA/run/report-$SEED.json work=$DATA/run/work-$SEED.json
backstitch --json recover report >"$report" || true
jq -r '.data.accounts | (if .unexplained != 0 then "\(.unexplained) accounts differ for no reason" else empty end),
  (if .freeByEngine == 0 then "no account differs because another engine had decided" else empty end),
  (if [.otherEngines[].engine | contains("+fault")] == [true] then empty
   else "not the faulty engine alone is named: \(.otherEngines)" end)' "$report"

sql "$(region_orders) select case
    when (announcement is not null) <> (region = 'APAC') then 'is announced against its region: '
    when project and region = 'APAC' then 'has a project against its region: ' end || name || ' of ' || region
  from region_orders where (announcement is not null) <> (region = 'APAC') or (project and region = 'APAC')"

# What went astray is on the list: nobody else would ever know.
backstitch --json recover work | jq -c '.data.items.items[]' >"$work"
astray_calls | while read -r key; do
  jq -e -n --arg key "$key" 'any(inputs; .kind[0:1] == "E" and .subject == $key)' "$work" >/dev/null ||
    echo "$key was done by lookup for an order of APAC, and nobody is told"
done

# Orders and assets are on the list because the fault had decided their accounts, or because they were left out.
jq -r '.data.accounts.freeAccounts[]' "$report" >"$DATA/run/free-$SEED"
sql "select name from (
    select k.source || ' ' || k.source_order_id || ' ' || k.version as name, o.account_id
      from backstitch.orders o join backstitch.order_key k on k.order_id = o.id
    union all select asset_ref, account_id from backstitch.asset) n
  where account_id in ('$(paste -s -d '|' "$DATA/run/free-$SEED" | sed "s/|/','/g")')" >"$DATA/run/explained-$SEED"
jq -r 'select(.kind[0:1] != "E") | "\(.kind) \(.subject): \(.evidence)"' "$work" |
  grep -v -F -f "$DATA/run/explained-$SEED" | grep -v ": left out: " | sed 's/$/, which the fault does not explain/' || true

# People decide: what nobody wants is taken back, what was done elsewhere stays where it is.
while IFS=$'\t' read -r row choice; do
  backstitch --quiet recover work --decide "$row" --choice "$choice" --by ann --note "the fault of a release" >&2
done < <(jq -r 'select((.kind == "E9" or .kind == "E4") and .decision == "")
  | [.id, ((["cancel", "keep", "adopt"] - (["cancel", "keep", "adopt"] - .choices))[0])] | @tsv' "$work")
backstitch --json recover work --carry-out | jq -r '.data.failures[]? | "cannot be carried out: \(.)"'

sql "$(region_orders) select '/' || name || ':' from region_orders where region <> 'APAC'" >"$DATA/run/others-$SEED"
executed_by keyed | grep '/announcing/announce$' | grep -F -f "$DATA/run/others-$SEED" | sed 's/$/ is still announced/' || true
