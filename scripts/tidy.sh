#!/usr/bin/env bash
# What a reader must not find: long lines, files and functions, errors nobody raises, notes to self, names that do not belong
# here, pages that are not true. Prints every fault; exit status 1 when there is one. scripts/tidy.sh [PROGRAM]: with the
# program, also the pages made from its tables. scripts/tidy.sh --ratchet: what is too large today is allowed from now on.
set -euo pipefail
cd "$(dirname "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")")"
export LC_ALL=C.UTF-8
readonly line_max=130 file_max=300 function_max=70
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
readonly measures=$scratch/measures faults=$scratch/faults
: >"$measures"

mapfile -t sources < <(find src standins demo tests bench scripts -name '*.h' -o -name '*.cpp' | sort)
mapfile -t headers < <(printf '%s\n' "${sources[@]}" | grep '\.h$')
mapfile -t product < <(printf '%s\n' "${sources[@]}" | grep -E '^(src|standins)/' | grep -v '_test\.cpp$')
mapfile -t tests < <(printf '%s\n' "${sources[@]}" | grep -E '_test\.cpp$|^tests/|testing\.h$')
mapfile -t texts < <(find . -path ./build -prune -o -path ./.git -prune -o -type f \
  \( -name '*.md' -o -name '*.sh' -o -name '*.yaml' -o -name '*.txt' -o -name '*.cmake' -o -name '*.h' -o -name '*.cpp' \
  -o -name '*.awk' -o -name '*.sql' -o -name '*.json' -o -path ./x \) -print)

fault() { printf '%s\n' "$*" >>"$faults"; }
# Whole words; the brackets keep this file from naming what it looks for.
find_words() { grep -nE "$1" "${@:3}" | sed "s|\$|   <- $2|" >>"$faults" || true; }

# Kinds, names and numbers of what exceeds a rule. Characters are counted, not bytes.
measure() {
  grep -cE "^.{$((line_max + 1)),}\$" "${sources[@]}" | awk -F: '$2 > 0 { print "line", $1, $2 }'
  awk -v max="$file_max" '{ n[FILENAME] = FNR } END { for (f in n) if (n[f] > max) print "file", f, n[f] }' "${sources[@]}"
  awk -v max="$function_max" -f scripts/tidy_functions.awk "${sources[@]}" |
    awk '$3 > n[$1] { n[$1] = $3 } END { for (f in n) print "function", f, n[f] }'
  grep -cE '\b(sleep_for|sleep_until|u?sleep) ?\(' "${tests[@]}" | awk -F: '$2 > 0 && $1 != "src/base/testing.h" { print "sleep", $1, $2 }'
  cat "${product[@]}" | grep -oE 'Code::[a-z_0-9]+' | sort -u | sed 's/Code:://' >"$scratch/raised"
  sed -n 's/.*symbol: \([a-z_0-9]*\),.*/\1/p' spec/errors.yaml | { grep -vxFf "$scratch/raised" || true; } | sed 's/.*/error & 1/'
}
# A fault is what exceeds its own line of the ratchet too; --ratchet takes what there is for allowed.
check_sizes() {
  measure | sort >"$measures"
  awk -v notes="/dev/stderr" '
    /^#/ || NF == 0 { next }
    FILENAME == ARGV[1] { allowed[$1 " " $2] = $3; next }
    { key = $1 " " $2; seen[key] = $3 }
    !(key in allowed) || $3 > allowed[key] { printf "%s: %s %d\n", $2, meaning[$1], $3 }
    BEGIN {
      meaning["file"] = "too many lines:"; meaning["line"] = "long lines:"; meaning["function"] = "too many lines in one function:"
      meaning["sleep"] = "a test waits for what it needs, it does not sleep:"; meaning["error"] = "in spec/errors.yaml, raised nowhere:"
    }
    END { for (key in allowed) if (seen[key] < allowed[key]) printf "note: %s may go down to %d\n", key, seen[key] >notes }
  ' scripts/tidy_ratchet.txt "$measures" >>"$faults"
}
take_ratchet() {
  measure | sort >"$measures"
  { grep '^#' scripts/tidy_ratchet.txt; cat "$measures"; } >"$scratch/ratchet"
  cp "$scratch/ratchet" scripts/tidy_ratchet.txt
}

check_words() {
  find_words '\b(TO[D]O|FIX[M]E|X[X]X|HA[C]K)\b' "a note to self" "${texts[@]}"
  find_words '\b(GTEST_SKI[P]|DISABLE[D]_)' "a test that does not run" "${tests[@]}"
  find_words '(^|[^A-Za-z0-9_.])/(wor[k]|roo[t])/|/tmp/bas[h]_|\.\./share[d]\b' "a path of one machine" "${texts[@]}"
}

# Heavy headers stand in the named .cpp files alone: what a room includes must stay cheap to include. A header that nobody
# includes is dead.
check_includes() {
  local header place
  while read -r header place; do
    grep -lE "#include [<\"]$header" "${sources[@]}" | grep -vE "^($place)\$" | sed "s#\$#: may not include $header#" >>"$faults" || true
  done <<'TEXT'
boost/(beast|asio) src/base/net/http_server\.cpp
curl/ src/base/net/http_client\.cpp
CLI/ (src/cli/command_line|standins/[a-z]+/(main|program)|demo/main)\.cpp
hiredis/ src/stores/cache/redis/connection\.cpp
libpq-fe src/stores/database/(postgres/connection|private/await|external/address)\.cpp
librdkafka/ src/stores/queue/kafka/(client|producer|consumer|asker|positions)\.cpp
rocksdb/ src/stores/queue/embedded/[a-z_]+\.cpp
zstd src/stores/database/off_site/packed_folder\.cpp
yaml-cpp/ (src/api/config(|_readers|_stores|_members)|src/api/field_table|scripts/generate_errors)\.cpp|src/api/config_readers\.h
TEXT
  cat "${sources[@]}" | sed -n 's/^ *#include "\(.*\)".*/\1/p' | sort -u >"$scratch/included"
  awk 'FILENAME == ARGV[1] { included[$0]; next }
       { name = $0
         while (!(name in included) && sub(/^[^\/]*\//, "", name)) continue
         if (!(name in included)) print $0 ": nobody includes it" }' "$scratch/included" <(printf '%s\n' "${headers[@]}") >>"$faults"
}

# Every error has a number of its own that lies in a range of the table's heading, and was never
# retired; docs/reference/errors.md says the same.
check_errors() {
  local table=spec/errors.yaml
  sed -n 's/^- {code: \([0-9]*\), symbol: \([a-z_0-9]*\), title: \(.*\), hint: "\(.*\)", http: \([0-9]*\), exit: \([0-9]*\).*/\1\t\2\t\3\t\4\t\5\t\6/p' \
    "$table" >"$scratch/errors"
  [[ $(wc -l <"$scratch/errors") == "$(grep -c '^- ' "$table")" ]] || fault "$table: a line that cannot be read"
  awk -F '\t' -v retired=" $(sed -n 's/^# Retired: //p' "$table") " '
    $1 <= last { print "spec/errors.yaml: " $1 " does not come after " last }
    $1 !~ /^(1[01]|2[01]|3[1-4]|4[0-6]|50|6[0134]|90)[0-9][0-9]$/ { print "spec/errors.yaml: " $1 " lies in no range" }
    index(retired, " " $1 " ") { print "spec/errors.yaml: " $1 " was retired" }
    { last = $1 }' "$scratch/errors" >>"$faults"
  diff <(awk -F '\t' '{ printf "| BS-%s | %s | %s | %s | %s |\n", $1, $3, $4, $5, $6 }' "$scratch/errors") \
    <(grep '^| BS-' docs/reference/errors.md) | sed -n 's/^\([<>] .*\)/docs\/reference\/errors.md is old (.\/x docs): \1/p' >>"$faults" || true
}

# Files that a page names must be there: as written, under src/, or by the end of their path.
check_paths() {
  local page name
  find . -path ./build -prune -o -path ./.git -prune -o -print | sed 's|^\.||' >"$scratch/all"
  for page in ARCHITECTURE.md docs/where.md README.md; do
    while read -r name; do
      name=${name#./} name=${name%/}
      [[ -e $name || -e src/$name ]] || grep -qE "/${name//./\\.}\$" "$scratch/all" || fault "$page: there is no $name"
    done < <(grep -oE '`[A-Za-z0-9_./-]+(\.(cpp|h|yaml|md|sh|cmake|txt)|/)`' "$page" | tr -d '`' | sort -u)
  done
}

# Each key that src/api/config*.cpp read has a row, and each row is a key.
check_configuration() {
  local page=docs/reference/configuration.md
  diff <(grep -ohE '(\b(text|flag|one_of|whole|only|duration)\(|^ +\{)"[a-z0-9_.]+",' src/api/config{,_stores,_members,_workers}.cpp | grep -ohE '[a-z0-9_]+(\.[a-z0-9_]+)*",' | tr -d '",' | sort) \
    <(sed -n 's/^| `\([a-z0-9_.]*\)` |.*/\1/p' $page | sort) |
    sed -n "s|^< \(.*\)|$page: the key \1 is missing|p; s|^> \(.*\)|$page: nobody reads the key \1|p" >>"$faults" || true
}

# Pages that are made from the program's tables.
check_pages() {
  [[ -z ${1-} ]] || scripts/docs.sh "$1" --check >/dev/null 2>>"$faults" || true
}

: >"$faults"
if [[ ${1-} == --ratchet ]]; then
  take_ratchet
  exit
fi
check_sizes
check_words
check_includes
check_errors
check_paths
check_configuration
check_pages "$@"
sort -u "$faults"
[[ ! -s $faults ]]
