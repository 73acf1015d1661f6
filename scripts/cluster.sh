#!/usr/bin/env bash
# Three hosts in network namespaces with one platform on each, and beside them a real Kafka, PostgreSQL, Redis and Ceph gateway.
#
#   ./x cluster up [--partitions N] [--database h1 | --apart] [--faults] [--outside none]
#                                        install what is missing, start everything, wait until it is ready; --database h1: the
#                                        PostgreSQL is the platform's own on that host, so that a recovery can put it back;
#                                        --faults: systems lose replies, and the org has locked rows and spent limits;
#                                        --outside none: no system and no org are started, whoever asks has his own at their
#                                        addresses; --apart: on each host one process for every role, with a data folder of
#                                        its own (HOST/ROLE), of which "kill ROLE" kills that one alone
#   ./x cluster status                   hosts, members and what they own, health of the stores; exit status 1 when one is not well
#   ./x cluster kill NAME [--host H]     kill -9: a store, "serve" or a role of the platform, or "worker", on one host
#   ./x cluster restart NAME [--host H]  end it in order where it runs, and start it with the data of before
#   ./x cluster partition HOST           pull the host's cable: it is cut off from all others, and nobody is told
#   ./x cluster join HOST                put it back
#   ./x cluster exec HOST COMMAND...     run a command there; "stores" is a host, too
#   ./x cluster down [--keep]            end all of it; --keep leaves data and logs
#
# Hosts are h1, h2, h3; stores are kafka, postgres (also a platform's own), redis, s3, and the outside world: system, org. Every verb takes --folder DIR (one
# cluster each; /var/lib/backstitch/cluster), --json and --dry-run. Root is needed: namespaces belong to the machine.
#
# Exit: 0 done, 1 not all is well, 2 wrong usage, 3 refused, 4 there is no such thing, 7 environment.
# Examples:
#   ./x cluster up && ./x cluster status
#   ./x cluster exec h2 backstitch --data /var/lib/backstitch/cluster/h2 members list
#   ./x cluster partition h3; ./x cluster status --json | jq .data.members; ./x cluster join h3
#   ./x cluster kill scheduler; ./x cluster restart kafka; ./x cluster down
set -euo pipefail
export LC_ALL=C.UTF-8
here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
readonly hosts=(h1 h2 h3)
stores=(kafka postgres redis s3) outside=(system org)
readonly roles=" serve api intake shard scheduler crm-sync catalog-sync worker-manager "
parts=(serve) # what runs on a host
readonly marker=cluster # the file that makes a folder one of ours
folder=/var/lib/backstitch/cluster programs=$here/../build/release/bin json='' dry='' keep='' host='' partitions=12 database='' faults='' no_outside='' apart='' words=()

say() { printf '%s\n' "$*" >&2; }
refuse() { # STATUS WORDS
  local status=$1
  shift
  [[ -z $json ]] || jq -cn --arg detail "$*" --argjson status "$status" '{ok: false, error: {detail: $detail, exitStatus: $status}}'
  say "cluster: $*"
  exit "$status"
}
die() { refuse 7 "$*"; }
usage() {
  sed -n '2,/^[^#]/s/^# \{0,1\}//p' "$0" >&2
  exit "${1-2}"
}
answer() { # SCHEMA DATA: one document, where one is wanted
  [[ -z $json ]] || jq -cn --arg schema "$1" --argjson data "$2" '{ok: true, schema: $schema, data: $data, notices: []}'
}
done_with() { # VERB WORDS: what a verb without an answer of its own says
  say "$2"
  answer "cluster.$1/1" "$(jq -cn --arg did "$2" --argjson dry "${dry:-false}" '{did: $did, dryRun: $dry}')"
}
would() { [[ -n $dry ]] && done_with "$verb" "would $*"; }

. "$here/cluster/network.sh"
. "$here/cluster/processes.sh"
. "$here/cluster/status.sh"

port_of() { case $1 in kafka) echo 9092 ;; postgres) echo 5432 ;; redis) echo 6379 ;; s3) echo 7480 ;; system) echo 8490 ;; org) echo 8491 ;; esac; }
has() { # WORD LIST...
  local word=$1 one
  shift
  for one; do [[ $one != "$word" ]] || return 0; done
  return 1
}
need_host() { has "$1" "${hosts[@]}" || refuse 4 "there is no host \"$1\"; ${hosts[*]} are"; }
need_cluster() { [[ -e $folder/$marker && -n $(namespaces) ]] || refuse 4 "no cluster lies in $folder: ./x cluster up"; }

store_script() { [[ $1 == s3 ]] && echo "$here/servers/ceph.sh" || echo "$here/servers/$1.sh"; }
launch_store() {
  local name=$1 more=()
  [[ $name != s3 ]] || more=(bucket=backstitch-objects bucket=backstitch-safe)
  launch "$name" stores "$(store_script "$name")" run "$folder/$name" "$(port_of "$name")" address=$store_address "${more[@]}"
}
await_store() { await "$1" 120 grep -q '^ready ' "$folder/log/$1"; }

launch_outside() {
  local more=()
  [[ -z $faults && ! -e $folder/faults ]] || case $1 in
    system) more=(--lookup lost=0.03,error=0.03,latency=5-60 --keyed lost=0.03,error=0.03,latency=5-60) ;;
    org) more=(--lock-rate 0.05 --limit-rate 0.02 --away-rate 0.01) ;;
  esac
  launch "$1" stores "$programs/standin-$1" --data "$folder/$1" --address $store_address --port "$(port_of "$1")" "${more[@]}"
  await "$1" 20 grep -q '"ready"' "$folder/log/$1"
}

write_configuration() { # HOST PART
  local interface own data
  own=$(address_of "$1") data=$(data_of "$1" "$2")
  mkdir -p "$data"
  {
    echo "listen: {address: $own, private_network: true, metrics_port: $(metrics_port_of "$2"), workers_address: $own, workers_token: 'file:$folder/workers.token'}"
    [[ $2 == serve ]] || echo "roles: [$2$([[ $2 != api ]] || echo ", intake")]"
    echo "partitions: $partitions"
    if [[ $1 == "$database" ]]; then
      echo "database: {listen: $own, password: 'file:$folder/database.password'}"
    else
      echo "database: {adapter: external, url: 'file:$folder/database.url'}"
    fi
    echo "queue: {adapter: kafka, brokers: '$store_address:9092'}"
    echo "cache: {adapter: redis, url: 'redis://$store_address:6379'}"
    echo "objects: {adapter: s3, bucket: backstitch-objects}"
    echo "safe: {adapter: s3, bucket: backstitch-safe}"
    echo "s3: {endpoint: 'http://$store_address:7480', access_key: BACKSTITCH, secret_key: 'file:$folder/s3.secret'}"
    echo "crm: {adapter: standin, url: 'http://$store_address:8491'}"
    echo "retry: {default_interval: 200ms}"
    echo "systems:"
    for interface in keyed lookup blind later; do echo "  'standin:$interface': http://$store_address:8490/$interface"; done
  } >"$data/backstitch.yaml"
}
# Of a platform on HOST, or of its process for PART.
data_of() { [[ $2 == serve ]] && echo "$folder/$1" || echo "$folder/$1/$2"; }
metrics_port_of() { # PART
  local port=8481 one
  for one in "${parts[@]}"; do
    [[ $one != "$1" ]] || echo "$port"
    port=$((port == 8481 ? 8483 : port + 1)) # 8482 is the workers'
  done
}
launch_part() { launch "$1.$2" "$1" "$(realpath "$programs")/backstitch" serve --data "$(data_of "$1" "$2")"; }
is_ready() { inside "$1" curl -sf -m 2 "http://$(address_of "$1"):$(metrics_port_of "${2:-${parts[0]}}")/ready"; }
await_part() { await "$1.$2" 90 is_ready "$1" "$2"; }
launch_platform() {
  local part
  for part in "${parts[@]}"; do launch_part "$1" "$part"; done
}
await_platform() {
  local part
  for part in "${parts[@]}"; do await_part "$1" "$part"; done
}
part_of() { # ROLE
  if [[ ${parts[0]} == serve ]]; then echo serve; elif [[ $1 == intake ]]; then echo api; else echo "$1"; fi
}

make_folder() {
  mkdir -p "$folder"
  [[ -z $(ls -A "$folder") || -e $folder/$marker ]] || refuse 3 "$folder holds something else: choose another --folder"
  echo "${database:-stores}" >"$folder/$marker"
  [[ -z $faults ]] || touch "$folder/faults" # also for one that is started again
  [[ -z $no_outside ]] || touch "$folder/no-outside"
  [[ -z $apart ]] || touch "$folder/apart"
  echo backstitch >"$folder/database.password"
  if [[ -z $database ]]; then
    echo "postgresql://backstitch:backstitch@$store_address:5432/backstitch" >"$folder/database.url"
  else
    echo "postgresql://backstitch_member:backstitch@$(address_of "$database"):5432/postgres" >"$folder/database.url"
  fi
  echo backstitch-secret >"$folder/s3.secret"
  sha256sum </proc/sys/kernel/random/uuid | cut -d' ' -f1 >"$folder/workers.token"
  chmod 600 "$folder"/{database.url,database.password,s3.secret,workers.token}
}

up() {
  local one part first=${database:-h1}
  [[ -z $database ]] || need_host "$database"
  would "make three hosts and start ${stores[*]} in $folder" && return
  [[ -z $(namespaces) ]] || refuse 3 "a cluster is there already, perhaps half of one: ./x cluster status, ./x cluster down"
  for one in backstitch "${outside[@]/#/standin-}"; do [[ -x $programs/$one ]] || die "there is no $programs/$one: ./x build"; done
  say "1/5 servers: ${stores[*]}"
  for one in "${stores[@]}"; do "$(store_script "$one")" install || die "$one cannot be installed"; done
  say "2/5 network: ${hosts[*]} around one bridge"
  make_folder
  make_network
  say "3/5 starting ${stores[*]} ${outside[*]}"
  for one in "${stores[@]}"; do launch_store "$one"; done
  for one in "${outside[@]}"; do launch_outside "$one"; done
  for one in "${stores[@]}"; do await_store "$one"; done
  say "4/5 platform on $first: it makes tables and topics"
  for one in "${hosts[@]}"; do for part in "${parts[@]}"; do write_configuration "$one" "$part"; done; done
  launch_part "$first" "${parts[0]}"
  await_part "$first" "${parts[0]}"
  say "5/5 platform on the others"
  for one in "${hosts[@]}"; do
    for part in "${parts[@]}"; do [[ $one.$part == "$first.${parts[0]}" ]] || launch_part "$one" "$part"; done
  done
  for one in "${hosts[@]}"; do await_platform "$one"; done
  done_with up "the cluster is up in $folder: ./x cluster status"
}

# Who holds what only one member does, for a role without --host.
holder_of() { members | jq -r --arg lease "$1" '.items[] | select(.alive and any(.leases[]; .name == $lease)) | .host' | head -n 1; }
choose_host() { # ROLE
  [[ -n $host ]] || host=$(holder_of "$1")
  [[ -n $host ]] || refuse 2 "$1 runs on several hosts: --host h1"
  need_host "$host"
}
worker_pids() { cat "$(data_of "$host" "$(part_of worker)")"/run/worker-*.pid 2>/dev/null || true; } # PID STARTED, a line each
kill_workers() {
  local pid started killed=0
  while read -r pid started; do
    [[ -n $started && $(started_at "$pid") == "$started" ]] && kill -KILL "$pid" 2>/dev/null && killed=$((killed + 1))
  done < <(worker_pids)
  ((killed)) || refuse 4 "no worker runs on $host"
}
kill_one() {
  local name=$1 process=$1
  need_cluster
  if has "$name" "${stores[@]}" "${outside[@]}" || is_private "$name"; then
    :
  elif [[ $name == worker || $roles == *" $name "* ]]; then
    choose_host "$name"
    process=$host.$(part_of "$name")
  else
    refuse 4 "there is no \"$name\": ${stores[*]} ${outside[*]} worker${roles% }"
  fi
  would "kill ${host:+$name on }${host:-$name}" && return
  if [[ $name == worker ]]; then
    kill_workers
  else
    [[ -n $(pid_of "$process") ]] || refuse 4 "$process does not run"
    end_process "$process" KILL 10
  fi
  done_with kill "killed ${host:+$name on }${host:-$name}"
}
restart() {
  local name=$1 part
  need_cluster
  if has "$name" "${stores[@]}" "${outside[@]}"; then
    would "restart $name" && return
    end_process "$name" TERM 60
    if has "$name" "${outside[@]}"; then launch_outside "$name"; else launch_store "$name" && await_store "$name"; fi
  elif is_private "$name"; then
    would "restart $name on $database" && return
    restart_private
  elif [[ $roles == *" $name "* ]]; then
    choose_host "$name"
    part=$(part_of "$name")
    would "restart $part on $host" && return
    end_process "$host.$part" TERM 60
    launch_part "$host" "$part"
    is_cut "$host" || await_part "$host" "$part"
  else
    refuse 4 "there is no \"$name\": ${stores[*]} ${outside[*]}$roles"
  fi
  done_with restart "restarted $name${host:+ on $host}"
}

cut_or_join() { # up|down HOST
  need_cluster
  need_host "$2"
  would "set the link of $2 $1" && return
  set_link "$2" "$1"
  done_with "$verb" "$2 is $([[ $1 == down ]] && echo "cut off from all others" || echo "joined again")"
}

down() {
  local one part
  [[ -e $folder/$marker || -n $(namespaces) ]] || refuse 4 "no cluster lies in $folder"
  would "end $(processes_inside | wc -l) processes and remove $(namespaces | wc -l) namespaces and $folder" && return
  for one in "${hosts[@]}"; do [[ -z $(namespaces) ]] || set_link "$one" up 2>/dev/null || true; done # else they wait for the stores
  for one in "${hosts[@]}"; do for part in "${parts[@]}"; do end_process "$one.$part" TERM 20 & done; done
  wait
  for one in "${outside[@]}" "${stores[@]}"; do end_process "$one" TERM 20 & done
  wait
  end_the_rest
  remove_network
  if [[ -z $keep && -e $folder/$marker ]]; then rm -rf "$folder"; fi
  done_with down "the cluster is gone${keep:+; its data lie in $folder}"
}

given=("$@")
verb=${1-}
(($#)) && shift
[[ $verb == exec ]] && words=("$@") && set --
while (($#)); do
  case $1 in
    --json) json=1 ;;
    --dry-run) dry=true ;;
    --keep) keep=1 ;;
    --faults) faults=1 ;;
    --apart) apart=1 ;;
    --outside)
      [[ ${2-} == none ]] || usage
      no_outside=1
      shift
      ;;
    --folder | --programs | --host | --partitions | --database)
      (($# > 1)) || usage
      printf -v "${1#--}" '%s' "$2"
      shift
      ;;
    -h | --help) usage 0 2>&1 ;;
    -*) usage ;;
    *) words+=("$1") ;;
  esac
  shift
done
if [[ $verb == exec ]]; then # --folder may stand before the host; the rest is the command's
  while [[ ${words[0]-} == --folder || ${words[0]-} == --programs ]]; do
    printf -v "${words[0]#--}" '%s' "${words[1]-}"
    words=("${words[@]:2}")
  done
fi
case $verb in "" | help | -h | --help) usage 0 2>&1 ;; esac
((EUID == 0)) || refuse 7 "network namespaces belong to the machine: run it as root"
for one in ip nsenter unshare jq curl; do command -v $one >/dev/null || die "$one is missing: ./x setup"; done
[[ $partitions =~ ^[1-9][0-9]*$ ]] || usage
folder=$(realpath -m "$folder")
net=bs-$(sha256sum <<<"$folder" | cut -c1-8)
[[ ! -e $folder/$marker || $verb == up ]] || database=$(sed 's/^stores$//' "$folder/$marker")
[[ -z $database ]] || stores=(kafka redis s3)
[[ -z $no_outside && (! -e $folder/no-outside || $verb == up) ]] || outside=()
if [[ -n $apart || ( -e $folder/apart && $verb != up ) ]]; then
  [[ -z $database ]] || refuse 2 "--apart goes without --database: a recovery is done by the one process beside the database"
  parts=(api shard worker scheduler crm-sync catalog-sync worker-manager)
fi
readonly folder net stores outside database parts
# Asked from inside: out of it first, into an empty one, so that nothing of this program is among what runs there.
! is_inside || exec unshare --net -- "$0" "${given[@]}"
mkdir -p /run/lock
exec 9>"/run/lock/$net"
[[ $verb == exec || $verb == status ]] || flock -w 600 9 || refuse 3 "another verb is at work on $folder"

case $verb/${#words[@]} in
  up/0) up ;;
  status/0) status ;;
  kill/1) kill_one "${words[0]}" ;;
  restart/1) restart "${words[0]}" ;;
  partition/1) cut_or_join down "${words[0]}" ;;
  join/1) cut_or_join up "${words[0]}" ;;
  down/0) down ;;
  exec/0 | exec/1) usage ;;
  exec/*)
    need_cluster
    [[ ${words[0]} == stores ]] || need_host "${words[0]}"
    find_host "${words[0]}"
    PATH=$(realpath "$programs"):$PATH "${at_host[@]}" "${words[@]}" 9>&-
    ;;
  *) usage ;;
esac
