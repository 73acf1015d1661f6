#!/usr/bin/env bash
# Recoveries with many seeds. Each guard of a recovery is taken out alone, and its check must be red with it out and green with all
# of them in; or the demo breaks its database, is killed on the way, and must close.
#
#   scripts/seeds.sh                                every guard, seeds 1 to 20
#   scripts/seeds.sh --seeds 5 --guard seal         one guard (again for more of them), seeds 1 to 5
#   scripts/seeds.sh --corruption all               every kind of demo/corruptions; a name: that kind
#   scripts/seeds.sh --corruption all --seeds 1 --stores kafka,redis,s3,salesforce,kube --kills 0
#                                                   the same on other stores (as backstitch-demo --stores), with so many kills
#   options: --first N (default 1)  --seeds N (20)  --build FOLDER (build/release)  --keep FOLDER: outputs of what went otherwise
#
# Exit: 0 every guard was red in 18 of 20 seeds and every check green in all · 1 not · 2 wrong usage · 7 a program is missing
set -euo pipefail
cd "$(dirname "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")")"
export LC_ALL=C.UTF-8

first=1 seeds=20 build=build/release keep='' corruption='' stores='' kills='' guards=()
usage() {
  sed -n 's/^#   \?//p' "$0" | sed -n '1,6p' >&2
  exit 2
}
while (($#)); do
  (($# >= 2)) || usage
  case $1 in
    --first) first=$2 ;;
    --seeds) seeds=$2 ;;
    --build) build=$2 ;;
    --keep) keep=$2 ;;
    --guard) guards+=("${2//-/_}") ;;
    --corruption) corruption=$2 ;;
    --stores) stores=$2 ;;
    --kills) kills=$2 ;;
    *) usage ;;
  esac
  shift 2
done
[[ $first =~ ^[0-9]+$ && $seeds =~ ^[1-9][0-9]*$ && $kills =~ ^[0-9]*$ ]] || usage
[[ -n $corruption || -z $stores$kills ]] || usage
last=$((first + seeds - 1))
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

program() {
  [[ -x $build/bin/$1 ]] || { echo "$build/bin/$1 is missing: ./x build $1" >&2; exit 7; }
  echo "$build/bin/$1"
}
keep_output() {
  [[ -n $keep ]] || return 0
  mkdir -p "$keep"
  cp "$scratch/out" "$keep/$1"
  [[ ! -s $scratch/err ]] || cp "$scratch/err" "$keep/$1.err"
}

# --- guards ---------------------------------------------------------------------------------------------------------------------
declare -A red ran green
run_test() { timeout 900 "$tests" --gtest_filter="$1" >"$scratch/out" 2>&1; }

run_seed() {
  local name
  for name in "${checks[@]}"; do
    if run_test "$name"; then
      green[$name]=$((${green[$name]:-0} + 1))
      echo "seed $seed: green $name"
    else
      echo "seed $seed: NOT GREEN with all guards in: $name"
      keep_output "green-$name-$seed"
    fi
  done
  for name in "${guards[@]}"; do
    ran[$name]=$((${ran[$name]:-0} + 1))
    if run_test "Alone/RecoveryGuardOut.TurnsItsCheckRed/$name"; then
      red[$name]=$((${red[$name]:-0} + 1))
      echo "seed $seed: red without ${name//_/-}"
    else
      echo "seed $seed: NOT RED without ${name//_/-}"
      keep_output "red-$name-$seed"
    fi
  done
}

print_guards() {
  local name
  for name in "${checks[@]}"; do printf 'green %2d/%d  %s\n' "${green[$name]:-0}" "$((seed - first + 1))" "$name"; done
  for name in "${guards[@]}"; do printf 'red   %2d/%d  %s\n' "${red[$name]:-0}" "${ran[$name]}" "${name//_/-}"; done
}

run_guards() {
  local name closes=0
  tests=$(program e2e_recovery_guards_test)
  mapfile -t checks < <("$tests" --gtest_list_tests --gtest_filter='Check.*' | sed -n 's/^  \([A-Za-z]*\)$/Check.\1/p')
  local known
  mapfile -t known < <("$tests" --gtest_list_tests --gtest_filter='Alone/*' | sed -n 's/^  TurnsItsCheckRed\/\([a-z_]*\).*/\1/p')
  for name in "${guards[@]}"; do
    [[ " ${known[*]} " == *" $name "* ]] || { echo "no guard ${name//_/-}; there are ${known[*]//_/-}" >&2; exit 2; }
  done
  ((${#guards[@]})) || guards=("${known[@]}")
  for ((seed = first; seed <= last; ++seed)); do WORLD_SEED=$seed run_seed; done
  seed=$last
  print_guards
  for name in "${checks[@]}"; do ((${green[$name]:-0} == seeds)) || closes=1; done
  for name in "${guards[@]}"; do ((${red[$name]:-0} * 20 >= seeds * 18)) || closes=1; done
  return $closes
}

# --- corruptions ----------------------------------------------------------------------------------------------------------------
# One line for each thing that does not close.
reasons() {
  jq -r 'if .ok then
      (.data.checks[] | select((.differences | length) > 0) | .id + ": " + (.differences[0] | tostring))
    else .error.code + " " + (.error.detail // "") end' "$scratch/out" 2>/dev/null || tail -n 1 "$scratch/out"
}

run_corruptions() {
  local kind demo closes=0 good status count begun
  demo=$(program backstitch-demo)
  local kinds=("$corruption")
  [[ $corruption != all ]] || mapfile -t kinds < <(cd demo/corruptions && ls -- *.sh | sed 's/\.sh$//' | grep -vx lib)
  for kind in "${kinds[@]}"; do
    good=0
    for ((seed = first; seed <= last; ++seed)); do
      status=0 count=${kills:-$((seed * 7 % 5))} begun=$SECONDS
      timeout 900 "$demo" --orders 80 --kills "$count" --seed "$seed" --corruption "$kind" ${stores:+--stores "$stores" --spread 40} --json \
        >"$scratch/out" 2>"$scratch/err" || status=$?
      if ((status == 0)); then
        good=$((good + 1))
        [[ -z $stores ]] || printf '  closed in %3d s: %s on %s, seed %d, %d kills\n' $((SECONDS - begun)) "$kind" "$stores" "$seed" "$count"
        continue
      fi
      printf '  seed %d, %d kills, exit %d: %s\n' "$seed" "$count" "$status" "$(reasons | head -n 3 | tr '\n' ';')"
      keep_output "$kind-$seed"
    done
    printf 'green %2d/%d  %s\n' "$good" "$seeds" "$kind"
    ((good == seeds)) || closes=1
  done
  return $closes
}

if [[ -n $corruption ]]; then run_corruptions; else run_guards; fi
