# A client of a partner sends orders that nobody placed: what customers have is disconnected.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
await_rows 2 "select count(*) from backstitch.asset where state = 'Active' and hashtext(id::text || :'seed') % 2 = 0"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
psql -X -qtA -d "$CONNECTION" -F ' ' -c "select account_id, asset_ref, product from backstitch.asset
  where state = 'Active' and hashtext(id::text || '$SEED') % 2 = 0 limit 12" |
  while read -r account reference product; do
    jq -nc --arg id "POISON-$SEED-$reference" --arg account "$account" --arg reference "$reference" --arg product "$product" \
      '{source: "partner", sourceOrderId: $id, version: 1, accountId: $account,
        items: [{lineId: "1", product: $product, action: "Disconnect", quantity: 1, assetRef: $reference, attributes: {}}]}'
  done >"$scratch/orders.jsonl"
while IFS= read -r order; do backstitch --quiet order submit - <<<"$order" >&2 || true; done <"$scratch/orders.jsonl"
exclude --order "POISON-*" --why "nobody placed this order"
