#!/usr/bin/env bash
# A PostgreSQL as somebody else would run it: on TCP, passwords asked, FOLDER/data. Its role "backstitch" owns the database
# "backstitch" and may no more than that; "admin" (password "admin") is the one who runs it.
#
#   postgres.sh install
#   postgres.sh run FOLDER PORT [address=A] [password=WORD] [backups=pgbackrest]   of the role backstitch; "backstitch"
#                                    otherwise. With backups it archives into a repository in FOLDER/repo: stanza main of FOLDER/pgbackrest.conf
#   postgres.sh backup FOLDER        a full one, while it runs
#   postgres.sh info FOLDER          what the repository holds, as pgBackRest's JSON
#   postgres.sh latest FOLDER PORT   archives what is committed there, and says until when: seconds since 1970
#   postgres.sh copy FOLDER COPY PORT SECONDS SOURCE    restores what the server at the port SOURCE had committed by then into the
#                                    folder COPY, and serves it like run
#   postgres.sh again FOLDER COPY PORT   serves such a copy once more
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$(readlink -f "$0")")/lib.sh"

programs() { find /usr/lib/postgresql -maxdepth 3 -path '*/bin/postgres' -printf '%h\n' | sort -V | tail -n 1; }

make_cluster() {
  [[ -e $folder/data/PG_VERSION ]] && return
  local new=$folder/data.new # a run that is killed here leaves nothing that looks like a cluster
  rm -rf "$new"
  as_user postgres "$bin/initdb" -D "$new" -U admin -A scram-sha-256 --pwfile="$folder/admin" -E UTF8 --locale=C.UTF-8 -N
  # Whoever keeps the backups comes over the socket, as the user that the server runs as.
  local owner=postgres
  ((EUID == 0)) || owner=$(id -un)
  sed -i -E 's/^local .*$/local all all peer map=keeper/' "$new/pg_hba.conf"
  echo "keeper $owner admin" >>"$new/pg_ident.conf"
  [[ $address == 127.* ]] || echo "host all all samenet scram-sha-256" >>"$new/pg_hba.conf"
  mv "$new" "$folder/data"
}

ask() { PGPASSWORD=admin "$bin/psql" -h "$address" -p "$port" -U admin -d postgres -qtAX -v ON_ERROR_STOP=1 "$@"; }

make_database() {
  [[ $(ask -c "select count(*) from pg_database where datname = 'backstitch'") == 0 ]] || return 0
  ask -v word="$password" <<<"create role backstitch login password :'word';"
  ask -c "create database backstitch owner backstitch"
}

tool() { as_user postgres env PGPASSWORD=admin pgbackrest --config="$folder/pgbackrest.conf" --stanza=main "$@"; }

# As the one who runs it would set it up; bundled, because a file system waits for each file.
make_repository() {
  need_packages pgbackrest
  mkdir -p "$folder"/{repo,locks,sockets}
  if ((EUID == 0)); then chown postgres "$folder"/{repo,locks,sockets}; fi
  cat >"$folder/pgbackrest.conf" <<END
[global]
repo1-path=$folder/repo
repo1-bundle=y
repo1-retention-full=100
repo1-cipher-type=aes-256-cbc
repo1-cipher-pass=of-a-test
compress-type=lz4
lock-path=$folder/locks
log-level-file=off
log-level-console=warn
start-fast=y
[main]
pg1-path=$folder/data
pg1-port=$port
pg1-socket-path=$folder/sockets
pg1-user=admin
END
}

backup() {
  folder=$(realpath "$1")
  tool --type=full backup
}

stop_by[postgres]=INT # nobody's session is waited for

latest() {
  folder=$(realpath "$1") port=$2 bin=$(programs)
  local until segment last=
  until=$(ask -c 'select floor(extract(epoch from clock_timestamp()))::bigint')
  ask -c "select pg_logical_emit_message(true, 'backstitch', 'job')" >/dev/null # a commit behind that moment
  segment=$(ask -c 'select pg_walfile_name(pg_switch_wal())')
  for _ in {1..300}; do
    last=$(ask -c 'select last_archived_wal from pg_stat_archiver') # of this server: copies archive there, too
    [[ $last > $segment || $last == "$segment" ]] && echo "$until" && return
    sleep 0.1
  done
  die "segment $segment is not archived; the last is $last"
}

copy() {
  folder=$(realpath "$1") port=$5 bin=$(programs)
  local target until=$4 line
  line=$((16#$(ask -c 'select left(pg_walfile_name(pg_current_wal_lsn()), 8)'))) # of several that are archived, its own
  port=$3
  target=$(realpath -m "$2")
  mkdir -p "$target/data"
  if ((EUID == 0)); then chown postgres "$target" "$target/data"; fi
  chmod 700 "$target/data"
  tool --pg1-path="$target/data" --type=time --target="$(date -u -d "@$until" '+%F %T+00')" --target-action=promote --target-timeline="$line" restore >&2
  serve_copy "$folder" "$target" "$port"
}

serve_copy() { # FOLDER COPY PORT
  local as=()
  folder=$(realpath "$2") port=$3 bin=$(programs)
  ((EUID == 0)) && as=(setpriv --reuid=postgres --regid=postgres --init-groups --reset-env -- setpriv --pdeathsig KILL --)
  rm -f "$folder/data/postmaster.pid" # of one that died
  child postgres "${as[@]}" "$bin/postgres" -D "$folder/data" -c port="$port" -c listen_addresses=127.0.0.1 \
    -c unix_socket_directories= -c max_connections=200 -c archive_mode=on -c hot_standby=off \
    -c "archive_command=pgbackrest --config=$1/pgbackrest.conf --stanza=main --pg1-path=$folder/data archive-push \"%p\""
  answers() { ask -c 'select 1'; }
  wait_ready postgres 120 answers
  serve "127.0.0.1:$port" postgres
}

run() {
  folder=$(realpath -m "$1") port=$2 password=backstitch bin=$(programs)
  local word backups='' more=()
  shift 2
  for word; do
    case $word in
      address=?*) address=${word#*=} ;;
      password=?*) password=${word#*=} ;;
      backups=pgbackrest) backups=pgbackrest ;;
      *) usage ;;
    esac
  done
  [[ -n $bin ]] || die "no PostgreSQL is installed: ${0##*/} install"
  need_free_ports "$port"
  mkdir -p "$folder/log"
  echo admin >"$folder/admin"
  if ((EUID == 0)); then
    chown postgres "$folder" "$folder/admin"
    local above=$folder
    while [[ $above != / ]]; do
      above=$(dirname "$above")
      as_user postgres test -x "$above" || chmod o+x "$above" # the test's own folder, made for itself alone
    done
  fi
  make_cluster >"$folder/log/initdb" 2>&1 || die "initdb: $(last_words initdb)"
  local as=()
  ((EUID == 0)) && as=(setpriv --reuid=postgres --regid=postgres --init-groups --reset-env -- setpriv --pdeathsig KILL --) # asked again: it is lost with a change of user
  rm -f "$folder/data/postmaster.pid" # of a server that died with an earlier run; its port was found free
  local sockets=''
  if [[ -n $backups ]]; then
    make_repository
    sockets=$folder/sockets
    more=(-c archive_mode=on -c "archive_command=pgbackrest --config=$folder/pgbackrest.conf --stanza=main archive-push \"%p\"")
  fi
  child postgres "${as[@]}" "$bin/postgres" -D "$folder/data" -c port="$port" -c listen_addresses="$address" \
    -c unix_socket_directories="$sockets" -c max_connections=200 "${more[@]}"
  answers() { ask -c 'select 1'; }
  wait_ready postgres 60 answers
  make_database >>"$folder/log/postgres" 2>&1 || die "the database was not made: $(last_words postgres)"
  if [[ -n $backups ]]; then
    tool stanza-create >>"$folder/log/postgres" 2>&1 || die "pgbackrest: $(last_words postgres)"
    PGPASSWORD=admin "$bin/psql" -h "$address" -p "$port" -U admin -d backstitch -qtAX \
      -c 'grant execute on function pg_switch_wal() to backstitch'
  fi
  serve "$address:$port" postgres
}

case ${1-} in
  install) need_packages postgresql-15 ;;
  backup) (($# == 2)) || usage && backup "$2" ;;
  info) (($# == 2)) || usage && folder=$(realpath "$2") && tool info --output=json ;;
  latest) (($# == 3)) || usage && latest "${@:2}" ;;
  again) (($# == 4)) || usage && serve_copy "${@:2}" ;;
  copy) (($# == 6)) || usage && copy "${@:2}" ;;
  run) (($# >= 3)) || usage && run "${@:2}" ;;
  *) usage ;;
esac
