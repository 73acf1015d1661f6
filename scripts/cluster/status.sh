# shellcheck shell=bash
# Sourced by cluster.sh: how it all stands, asked from inside its own network.

is_well() { # STORE: whether it answers, asked from its own network
  case $1 in
    kafka) inside stores timeout 5 kcat -L -b $store_address:9092 -m 4 >/dev/null 2>&1 ;;
    postgres) inside stores pg_isready -q -t 2 -h $store_address -p 5432 ;;
    redis) [[ $(inside stores timeout 2 redis-cli -h $store_address ping 2>/dev/null) == PONG ]] ;;
    *) inside stores curl -s -o /dev/null -m 2 "http://$store_address:$(port_of "$1")/" ;;
  esac
}
described_processes() { # a JSON object a line
  local one
  for one in "${stores[@]}" "${outside[@]}"; do
    jq -cn --arg name "$one" --arg pid "$(pid_of "$one")" --argjson well "$(is_well "$one" && echo true || echo false)" \
      --arg address "$store_address:$(port_of "$one")" '{kind: "store", $name, $address, pid: ($pid | tonumber? // null), $well}'
  done
  for one in "${hosts[@]}"; do
    jq -cn --arg name "$one" --arg pid "$(pid_of "$one.${parts[0]}")" --argjson cut "$(is_cut "$one" && echo true || echo false)" \
      --argjson ready "$(is_ready "$one" >/dev/null 2>&1 && echo true || echo false)" --arg address "$(address_of "$one")" \
      '{kind: "host", $name, $address, pid: ($pid | tonumber? // null), $cut, $ready}'
  done
}
members() { # as a host says that is not cut off
  local one
  for one in "${hosts[@]}"; do
    is_cut "$one" || inside "$one" curl -sf -m 5 "http://$(address_of "$one"):8480/api/v1/members" && return
  done
  echo '{"items": []}'
}
status() {
  need_cluster
  local data
  data=$(jq -cs --arg folder "$folder" --arg network "$net" --argjson members "$(members)" '{$folder, $network, hosts: map(select(.kind == "host") | del(.kind)),
    stores: map(select(.kind == "store") | del(.kind)), members: $members.items}' <(described_processes))
  if [[ -n $json ]]; then
    answer cluster.status/1 "$data"
  else
    jq -r '(["HOST", "ADDRESS", "PID", "CABLE", "READY"], (.hosts[] | [.name, .address, .pid // "-", (if .cut then "pulled" else "in" end), .ready]),
      [], ["STORE", "ADDRESS", "PID", "WELL"], (.stores[] | [.name, .address, .pid // "-", .well]),
      [], ["MEMBER", "ALIVE", "PARTITIONS", "HOLDS", "ROLES"], (.members[] | [.name, .alive, ([.partitions[].partition | tostring] | join(",")),
      ([.leases[].name] | join(",")), (.roles | if length > 2 then "all" else join(",") end)])) | @tsv' <<<"$data" | awk -F '\t' 'NF == 0 { print ""; next }
      { for (i = 1; i < NF; ++i) printf "%-" (i == 1 ? 18 : 17) "s ", $i; print $NF }'
  fi
  jq -e '(.hosts | all(.ready and (.cut | not))) and (.stores | all(.well))' <<<"$data" >/dev/null
}
