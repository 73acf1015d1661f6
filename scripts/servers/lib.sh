# shellcheck shell=bash
# Sourced by the scripts of this folder. Each of them installs one real server and runs it in a folder of its own:
#
#   NAME.sh install                 what is missing, once a machine; silent when all is there
#   NAME.sh run FOLDER PORT [...]   in the foreground: "ready ADDRESS" on standard output as soon as it serves; TERM stops it in
#                                   order, and with the script (kill -9) its servers die at once. Data stay in FOLDER.
#                                   address=A among the words listens there instead of on loopback: for a network namespace.
#
# Exit: 2 wrong usage · 7 something is missing or does not start, in words on standard error.
set -euo pipefail
export LC_ALL=C.UTF-8
here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
# What is fetched or built for servers is kept outside the checkout, for the next one.
kept=${BACKSTITCH_SERVERS:-${XDG_CACHE_HOME:-$HOME/.cache}/backstitch/servers}

say() { printf '%s\n' "$*" >&2; }
die() {
  say "${0##*/}: $*"
  exit 7
}
usage() { # the script's own header comment
  sed -n '2,/^[^#]/s/^# \{0,1\}//p' "$0" >&2
  exit 2
}

need_packages() { "$here/../setup.sh" "$@" || exit 7; }

# Commands as an unprivileged user when we are root; as ourselves otherwise.
as_user() {
  local user=$1
  shift
  if ((EUID == 0)); then setpriv --reuid="$user" --regid="$user" --init-groups --reset-env -- "$@"; else "$@"; fi
}

address=127.0.0.1 # where a server listens

free_port() { ! (: <"/dev/tcp/$address/$1") 2>/dev/null; }
# A server that was just killed may hold its ports for a moment.
need_free_ports() {
  local port left
  for port; do
    [[ $port =~ ^[0-9]+$ ]] && ((port >= 1024 && port <= 65535)) || die "not a port: $port"
    for ((left = 100; left > 0; left--)); do
      free_port "$port" && continue 2
      sleep 0.05
    done
    die "port $port is taken"
  done
}

# An authority of this folder's own, and its certificate for who listens at $address: FOLDER/tls/ca.crt, server.key, server.crt, and
# server.pem with all of it (set `folder` first; package openssl).
make_certificates() {
  [[ -e $folder/tls/server.pem ]] && return
  mkdir -p "$folder/tls" "$folder/log"
  (
    cd "$folder/tls"
    openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj "/CN=test authority" -keyout ca.key -out ca.crt
    openssl req -newkey rsa:2048 -nodes -subj "/CN=$address" -keyout server.key -out server.csr
    openssl x509 -req -in server.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 30 -out server.crt \
      -extfile <(echo "subjectAltName=IP:$address")
    cat server.key server.crt ca.crt >server.new
    mv server.new server.pem
  ) 2>>"$folder/log/openssl"
}

declare -A pids=() stop_by=()
# child NAME COMMAND...: a server of this script; what it says goes to FOLDER/log/NAME (set `folder` first).
child() {
  local name=$1
  shift
  mkdir -p "$folder/log"
  setsid setpriv --pdeathsig KILL -- "$@" >>"$folder/log/$name" 2>&1 </dev/null &
  pids[$name]=$!
}
last_words() { tail -n 4 "$folder/log/$1" 2>/dev/null | cut -c1-300; }

# wait_ready NAME SECONDS COMMAND...: until COMMAND succeeds.
wait_ready() {
  local name=$1 end=$((SECONDS + $2))
  shift 2
  until "$@" >/dev/null 2>&1; do
    kill -0 "${pids[$name]}" 2>/dev/null || die "$name stopped by itself: $(last_words "$name")"
    ((SECONDS < end)) || die "$name does not answer: $(last_words "$name")"
    sleep 0.05
  done
}

# stop NAME [SECONDS]: TERM (or stop_by[NAME]), and KILL after that time (10).
stop() {
  local pid=${pids[$1]-} left=$((${2:-10} * 20))
  [[ -n $pid ]] || return 0
  kill -"${stop_by[$1]:-TERM}" "$pid" 2>/dev/null || true
  while kill -0 "$pid" 2>/dev/null && ((left-- > 0)); do sleep 0.05; done
  kill -KILL "$pid" 2>/dev/null || true
  wait "$pid" 2>/dev/null || true
  unset "pids[$1]"
}

# serve ADDRESS NAME...: says that it is ready, and stays until TERM (the named servers are stopped, in that order) or until one of
# them ends by itself.
serve() {
  local address=$1 name
  shift
  local order=("$@")
  trap 'for name in "${order[@]}"; do stop "$name"; done; exit 0' TERM INT
  echo "ready $address"
  wait -n "${pids[@]}" || true
  for name in "${order[@]}"; do
    kill -0 "${pids[$name]}" 2>/dev/null || say "$name stopped by itself: $(last_words "$name")"
  done
  exit 7
}
