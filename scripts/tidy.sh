#!/usr/bin/env bash
# What a reader must not find: long lines, long files, errors nobody raises, notes to self, names that do not belong here.
# Prints every fault; exit status 1 when there is one.
set -euo pipefail
cd "$(dirname "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")")"
export LC_ALL=C.UTF-8
readonly line_max=130 file_max=300
faults=$(mktemp)
trap 'rm -f "$faults"' EXIT

mapfile -d '' -t sources < <(find src standins demo tests bench scripts \( -name '*.h' -o -name '*.cpp' \) -print0)

awk -v max="$line_max" 'length($0) > max { printf "%s:%d: %d characters, %d at most\n", FILENAME, FNR, length($0), max }' \
  "${sources[@]}" >>"$faults"
awk -v max="$file_max" '
  { lines[FILENAME] = FNR }
  END { for (f in lines) if (lines[f] > max) printf "%s: %d lines, %d at most\n", f, lines[f], max }' "${sources[@]}" >>"$faults"
grep -nE '\b(TO[D]O|FIX[M]E|X[X]X|HA[C]K|GTEST_SKI[P])\b' "${sources[@]}" >>"$faults" || true

# An error that is declared must be raised somewhere; its number stands in the table only once.
while read -r symbol; do
  grep -qw "$symbol" "${sources[@]}" || echo "spec/errors.yaml: $symbol is raised nowhere" >>"$faults"
done < <(sed -n 's/.*symbol: \([a-z_0-9]*\),.*/\1/p' spec/errors.yaml)
sed -n 's/.*{code: \([0-9]*\),.*/\1/p' spec/errors.yaml | sort | uniq -d |
  sed 's/^/spec\/errors.yaml: this number stands twice: /' >>"$faults"

# A header that nobody includes is dead.
for header in "${sources[@]}"; do
  [[ $header == src/*.h ]] || continue
  grep -q "#include \"${header#src/}\"" "${sources[@]}" || echo "$header: nobody includes it" >>"$faults"
done

# Pages that are made from the program's tables.
for program in build/*/bin/backstitch; do
  [[ -x $program ]] || continue
  scripts/docs.sh "$program" --check >/dev/null 2>>"$faults" || true
  break
done

sort "$faults"
[[ ! -s $faults ]]
