#!/usr/bin/env bash
# Makes the pages of docs/reference that come out of the program's own tables: scripts/docs.sh PROGRAM [--check]
set -euo pipefail
program=$1
root=$(dirname "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")")
pages=$root/docs/reference
if [[ ${2-} == --check ]]; then
  pages=$(mktemp -d)
  trap 'rm -rf "$pages"' EXIT
fi
mkdir -p "$pages"
"$program" --quiet stores list --markdown >"$pages/stores.md"
"$program" errors list --markdown >"$pages/errors.md"
if [[ ${2-} == --check ]]; then
  for page in stores.md errors.md; do
    diff -u "$root/docs/reference/$page" "$pages/$page" || { echo "docs/reference/$page is old: ./x docs" >&2; exit 1; }
  done
fi
