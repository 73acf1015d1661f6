# A catalog version that somebody published by mistake: every rule of decomposition is gone, so orders fulfil nothing.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
before=$(good_moment)
backstitch --json catalog show active | jq '.data | .index = 2 | .decomposition = []' >"$scratch/catalog.json"
digest=$(backstitch --json catalog import "$scratch/catalog.json" --wait 60s | jq -r .data.digest)
echo "$digest" >"$DATA/run/bad-catalog-$SEED"
exclude --kind catalog-activate --catalog "$digest" --why "a catalog published by mistake"
echo "--taint=$digest"
echo "--to=$before"
