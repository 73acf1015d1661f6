# A release with a fault: its rules take the first letter of a text for the whole. For a while AMER passes for APAC.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
faulty=$(dirname "$BACKSTITCH")/backstitch-testing # the same program, in which faults can be planted
[[ -x $faulty ]] || { echo "$faulty is missing: it is built with the tests" >&2; exit 1; }
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# A catalog that tells regions apart, decided rightly so far: what is new is announced to APAC, projects are made for all others.
backstitch --json catalog show active | jq '.data | .index = 2
  | .plans += [{key: "announcing", name: "Announcing", items: [{key: "announce", name: "Announce it in the region", type: "callout",
      scope: "Global", interface: "tenant-keyed.stage", retryIntervalMs: 200, timeoutMs: 30000,
      request: {account: "$order.accountId", order: "$order.sourceOrderId", region: "$order.field.Region"}}]}]
  | .scenarios += [{key: "announce-apac", for: {product: "QB-DRO-BILL"}, actions: ["Add", "Change", "Renew", "NoChange", "Disconnect"],
      when: {left: "order.Region", op: "=", right: "APAC"}, plan: "announcing"}]
  | (.decomposition[] | select(.key == "services-to-project-service")).when = {left: "order.Region", op: "!=", right: "APAC"}' \
  >"$scratch/catalog.json"
backstitch --json catalog import "$scratch/catalog.json" --wait 60s | jq -r .data.digest >"$DATA/run/regions-$SEED"
await_rows 1 "$(region_orders) select count(*) from region_orders"
before=$(date -u +%Y-%m-%dT%H:%M:%S.%6NZ)

# The platform goes on with another program, where it was: WORDS of that go before its own.
go_on_with() {
  local port
  port=$(jq -r .api "$DATA/run/endpoints.json" | grep -o '[0-9]*$') # a platform that is down has no address
  backstitch --quiet down >&2
  "$@" --data "$DATA" --quiet up --port-base "$port" >&2
  CONNECTION=$(jq -r .postgres "$DATA/run/endpoints.json")
}
go_on_with "$faulty" --testing-disable=rule
await_rows 2 "$(region_orders) select count(*) from region_orders o join backstitch.item i on i.id = o.announcement
  where o.region <> 'APAC' and i.state = 'Completed'"
astray() { astray_calls | wc -l; }
for ((tries = 0; tries < 200 && $(astray) < 1; ++tries)); do sleep 0.1; done
(($(astray) >= 1)) || { echo "too few calls went astray" >&2; exit 1; }
go_on_with "$BACKSTITCH"
echo "--to=$before"
