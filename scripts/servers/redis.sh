#!/usr/bin/env bash
# A Redis on loopback. What it acknowledged stands in its append-only file (FOLDER/data) and outlives kill -9; it never evicts.
#
#   redis.sh install
#   redis.sh run FOLDER PORT [address=A] [password=WORD] [tls]    tls: no plain port; a client must trust FOLDER/tls/ca.crt
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$(readlink -f "$0")")/lib.sh"

run() {
  folder=$(realpath -m "$1")
  local port=$2 word options=() client=() secured=
  shift 2
  for word; do
    case $word in
      address=?*) address=${word#*=} options+=(--protected-mode no) client+=(-h "$address") ;;
      password=?*) options+=(--requirepass "${word#*=}") client+=(--no-auth-warning -a "${word#*=}") ;;
      tls)
        secured=1
        options+=(--port 0 --tls-port "$port" --tls-auth-clients no --tls-cert-file "$folder/tls/server.crt"
          --tls-key-file "$folder/tls/server.key" --tls-ca-cert-file "$folder/tls/ca.crt")
        client+=(--tls --cacert "$folder/tls/ca.crt")
        ;;
      *) usage ;;
    esac
  done
  need_free_ports "$port"
  mkdir -p "$folder/data" "$folder/log"
  [[ -z $secured ]] || make_certificates
  child redis redis-server --port "$port" --bind "$address" --daemonize no --dir "$folder/data" --save '' --appendonly yes \
    --maxmemory-policy noeviction "${options[@]}"
  answers() { [[ $(redis-cli -p "$port" "${client[@]}" ping) == PONG ]]; } # LOADING while the file is read back
  wait_ready redis 60 answers
  serve "$address:$port" redis
}

case ${1-} in
  install) need_packages redis-server redis-tools openssl ;;
  run) (($# >= 3)) || usage && run "${@:2}" ;;
  *) usage ;;
esac
