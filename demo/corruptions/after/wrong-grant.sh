# The grant that was left out holds no longer, and the rights that were given rightly do.
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
backstitch --json grants list --profile reader --limit 1000 >"$DATA/run/grants-$SEED.json"
jq -r '.data.items[] | select(.resource == "*" and .action == "*") | "reader still holds \(.resource) \(.action)"' "$DATA/run/grants-$SEED.json"
jq -e '.data.items | length > 0' "$DATA/run/grants-$SEED.json" >/dev/null || echo "reader holds nothing at all"
