# No order goes by the version that was left out, and no partition holds it active.
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
bad=$(<"$DATA/run/bad-catalog-$SEED")
sql "select 'an order goes by the bad catalog: ' || id from backstitch.orders where catalog_digest = '$bad'
  union all select 'the bad catalog is active in partition ' || partition from backstitch.position where catalog_digest = '$bad'"
