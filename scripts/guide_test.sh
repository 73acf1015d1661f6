#!/usr/bin/env bash
# Runs the blocks of shell commands in docs/guide/*.md, each page on a data folder of its own: scripts/guide_test.sh PROGRAM
set -euo pipefail
program=$(readlink -f "$1")
cd "$(dirname "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")")"
scratch=$(mktemp -d)
export PATH=${program%/*}:$PATH BACKSTITCH_DATA=$scratch/data
end() {
  [[ ! -e $BACKSTITCH_DATA ]] || backstitch down --purge --yes --quiet >/dev/null 2>&1 || true
  rm -rf "$scratch"
}
trap end EXIT

run_page() {
  sed -n '/^```sh$/,/^```$/p' "$1" | { grep -v '^```' || true; } >"$scratch/commands.sh"
  [[ -s $scratch/commands.sh ]] || return 0
  echo "== $1"
  bash -euxo pipefail "$scratch/commands.sh"
}
ran=0
for page in docs/guide/*.md; do
  run_page "$page"
  ran=$((ran + 1))
done
((ran)) || { echo "no page in docs/guide" >&2; exit 1; }
