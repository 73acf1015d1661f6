# shellcheck shell=bash
# Sourced by cluster.sh. Its processes: FOLDER/run/NAME holds a pid with its start time, so that no other's is ever signalled.

started_at() { # PID: clock ticks since boot, /proc/PID/stat field 22; nothing when there is none, or a zombie
  local stat rest
  { read -r stat <"/proc/$1/stat"; } 2>/dev/null || return 0
  rest=${stat##*) }
  [[ $rest == Z* ]] || awk '{ print $20 }' <<<"$rest"
}
# Of a platform the file that it writes itself: a recovery may have started it anew.
id_of() { # NAME: "PID STARTED" of a process that lives
  local file pid started
  ! is_private "$1" || { id_of_private && return; }
  for file in "$folder/run/$1" "$(data_of "${1%%.*}" "${1#*.}")/run/serve.pid"; do
    { read -r pid started <"$file"; } 2>/dev/null || continue
    [[ -z $started || $(started_at "$pid") != "$started" ]] || { echo "$pid $started" && return; }
  done
}
# The PostgreSQL that belongs to the platform on a host, which starts it again when it has ended.
is_private() { [[ $1 == postgres && -n $database ]]; }
id_of_private() {
  local file pid
  file=$(find "$folder/$database/pg" -maxdepth 2 -path '*/e*/postmaster.pid' 2>/dev/null | sort -V | tail -n 1)
  { read -r pid <"$file"; } 2>/dev/null && [[ -n $(started_at "$pid") ]] && echo "$pid $(started_at "$pid")"
}
restart_private() {
  local before
  before=$(id_of_private) || refuse 4 "postgres does not run on $database"
  end_process postgres INT 60 # in order, without waiting for those who are connected
  await "$database.serve" 60 is_another "$before"
  await "$database.serve" 60 inside "$database" pg_isready -q -t 2 -h "$(address_of "$database")" -p 5432
}
is_another() { local now; now=$(id_of_private) && [[ $now != "$1" ]]; }
pid_of() { id_of "$1" | cut -d' ' -f1; }

# launch NAME HOST COMMAND...: in the network of HOST (or "stores") under a host name of its own; words go to FOLDER/log/NAME.
launch() {
  local name=$1 host=$2 pid at_host
  shift 2
  find_host "$host"
  mkdir -p "$folder/run" "$folder/log"
  [[ ! -e $folder/log/$name ]] || cat "$folder/log/$name" >>"$folder/log/$name.before"
  setsid "${at_host[@]}" "$host" "$@" >"$folder/log/$name" 2>&1 </dev/null 9>&- &
  pid=$!
  disown "$pid"
  echo "$pid $(started_at "$pid")" >"$folder/run/$name"
}
last_words() { tail -n 3 "$folder/log/$1" 2>/dev/null | cut -c1-300; }

# await NAME SECONDS COMMAND...: until COMMAND succeeds.
await() {
  local name=$1 end=$((SECONDS + $2))
  shift 2
  until "$@" >/dev/null 2>&1; do
    [[ -n $(pid_of "$name") ]] || die "$name ended by itself: $(last_words "$name")"
    ((SECONDS < end)) || die "$name does not answer: $(last_words "$name")"
    sleep 0.1
  done
}

# end_pid PID STARTED SIGNAL SECONDS: KILL after that time.
end_pid() {
  local pid=$1 started=$2 left=$(($4 * 20))
  [[ $(started_at "$pid") == "$started" ]] && kill "-$3" "$pid" 2>/dev/null || return 0
  while [[ $(started_at "$pid") == "$started" ]] && ((left-- > 0)); do sleep 0.05; done
  [[ $(started_at "$pid") != "$started" ]] || kill -KILL "$pid" 2>/dev/null || true
}
end_process() { # NAME TERM|KILL SECONDS
  local pid started
  read -r pid started < <(id_of "$1") || return 0
  end_pid "$pid" "$started" "$2" "$3"
}

# Workers outlive their platform, and servers for a moment the script that started them.
end_the_rest() {
  local round pid started
  for round in 1 2 3 4 5; do
    for pid in $(processes_inside); do
      started=$(started_at "$pid")
      [[ -z $started ]] || end_pid "$pid" "$started" KILL 5
    done
  done
  [[ -z $(processes_inside) ]] || die "processes that do not end: $(processes_inside | tr '\n' ' ')"
}
