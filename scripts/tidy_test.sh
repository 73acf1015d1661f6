#!/usr/bin/env bash
# Does tidy see what it is there for? A copy of the tree gets one fault of each kind; each must be named.
set -euo pipefail
cd "$(dirname "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")")"
export LC_ALL=C.UTF-8
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
tar --exclude=./build --exclude=./.git --exclude=./backstitch-data -cf - . | tar -xf - -C "$copy"
cd "$copy"
missed=0
expect() {
  grep -qF -- "$1" said || { echo "tidy does not say: $1"; missed=1; }
}

scripts/tidy.sh --ratchet
scripts/tidy.sh >said || { cat said; echo "not tidy before there is a fault"; exit 1; }

{
  printf '// %0131d\n' 0 # too long; the next is 130 characters, but more bytes
  printf '// %0126d…\n' 0
  printf '#include <%s/db.h>\n' rocksdb
  printf '// TO%s: later\n// /wor%s/main\n' DO k
  printf 'void long_one() {\n'
  printf '  call();\n%.0s' {1..69}
  printf '}\nvoid short_one() {\n'
  printf '  call();\n%.0s' {1..68}
  printf '}\n'
  printf '//\n%.0s' {1..160}
} >src/base/bad.cpp
printf '#pragma once\n#include <yaml-cpp/yaml.h>\n' >src/base/dead.h
printf 'TEST(A, DISABLE%s_B) { std::this_thread::sleep_for(1s); }\n' D >src/base/bad_test.cpp
printf -- '- {code: 9001, symbol: never_raised, title: t, hint: "", http: 500, exit: 1}\n' >>spec/errors.yaml
printf -- '- {code: 7001, symbol: defect, title: t, hint: "", http: 500, exit: 1}\n' >>spec/errors.yaml
sed -i '0,/^| `data`/s/^| `data`/| `date`/' docs/reference/configuration.md
printf 'see `src/engine/no_such_file.cpp`\n' >>docs/where.md
scripts/tidy.sh >said && { echo "tidy sees nothing"; exit 1; }

expect "src/base/bad.cpp: long lines: 1"
expect "src/base/bad.cpp: too many lines: 306"
expect "src/base/bad.cpp: too many lines in one function: 71"
expect "src/base/bad.cpp: may not include rocksdb/"
expect "src/base/bad.cpp:4:"
expect "src/base/bad.cpp:5:"
expect "src/base/dead.h: may not include yaml-cpp/"
expect "src/base/dead.h: nobody includes it"
expect "a test that does not run"
expect "src/base/bad_test.cpp: a test waits for what it needs"
expect "never_raised: in spec/errors.yaml, raised nowhere"
expect "spec/errors.yaml: 9001 does not come after 9001"
expect "spec/errors.yaml: 7001 lies in no range"
expect "docs/reference/errors.md is old"
expect "the key data is missing"
expect "nobody reads the key date"
expect "docs/where.md: there is no src/engine/no_such_file.cpp"
((missed == 0)) || { cat said; exit 1; }
