# An operator means to give a colleague one right and gives every profile that may only read everything there is.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
backstitch --quiet grants grant reader '*' '*' --as "hasty" --yes --wait 30s >&2
exclude --kind grant-change --by "hasty" --why "far too much, and nobody had asked for it"
