#!/usr/bin/env bash
# Installs the Debian packages that are given, or those that scripts/packages.txt names, where they are missing. Needs root only
# when something is missing.
set -euo pipefail
here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")

say() { printf '%s\n' "$*" >&2; }

missing_packages() {
  local package
  while read -r package _; do
    [[ -z $package || $package == \#* ]] && continue
    [[ $(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null) == installed ]] || printf '%s\n' "$package"
  done
}

if (($#)); then
  mapfile -t missing < <(printf '%s\n' "$@" | missing_packages)
else
  mapfile -t missing < <(missing_packages <"$here/packages.txt")
fi
((${#missing[@]})) || exit 0
if ((EUID != 0)); then
  say "missing packages: ${missing[*]}"
  say "run as root: ./x setup      (or: apt-get install ${missing[*]})"
  exit 7
fi

# One at a time: tests that run side by side may each want a server.
exec 8>/run/lock/backstitch-setup
flock 8
mapfile -t missing < <(printf '%s\n' "${missing[@]}" | missing_packages)
((${#missing[@]})) || exit 0

# Nothing that is installed may start a service here: Backstitch runs a PostgreSQL cluster of its own.
policy=/usr/sbin/policy-rc.d clusters=/etc/postgresql-common/createcluster.conf made=()
undo() {
  if ((${#made[@]})); then rm -f "${made[@]}"; fi
  # what the package would have written, so that the machine's own later clusters are as Debian makes them
  if [[ " ${made[*]-} " == *" $clusters "* && -f /usr/share/postgresql-common/createcluster.conf ]]; then
    cp /usr/share/postgresql-common/createcluster.conf "$clusters"
  fi
}
trap undo EXIT
if [[ ! -e $policy ]]; then
  made+=("$policy")
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod 755 "$policy"
fi
if [[ ! -e $clusters ]]; then
  made+=("$clusters")
  mkdir -p "${clusters%/*}"
  echo 'create_main_cluster = false' >"$clusters"
fi

say "installing ${#missing[@]} packages: ${missing[*]}"
log=$(mktemp)
step() { # $1 words, rest: command; its output only when it fails
  local words=$1
  shift
  say "  $words"
  DEBIAN_FRONTEND=noninteractive UCF_FORCE_CONFFOLD=1 LC_ALL=C.UTF-8 "$@" >"$log" 2>&1 && return
  cat "$log" >&2
  say "$words failed; the lines above say why"
  rm -f "$log"
  exit 7
}
step "package lists" apt-get -q update
step "download and install" apt-get -q -y --no-install-recommends -o Dpkg::Options::=--force-confold install "${missing[@]}"
rm -f "$log"
