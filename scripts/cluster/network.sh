# shellcheck shell=bash
# Sourced by cluster.sh. The network: one namespace for the stores, whose bridge joins the namespaces of the hosts. Nothing of it
# lies in the namespace that this program runs in, and what the names begin with ($net) is this folder's alone.

readonly store_address=10.77.0.1
address_of() { # HOST
  echo "10.77.0.1${1#h}"
}
namespace_of() { # HOST or "stores"
  echo "$net-$1"
}
namespaces() { ip netns list | awk -v net="$net-" 'index($1, net) == 1 { print $1 }'; }
inside() { # HOST|stores COMMAND...
  nsenter --net="/run/netns/$(namespace_of "$1")" -- "${@:2}"
}
# at_host: the words that begin a command there, under a host name of its own; HOST itself comes behind them.
find_host() {
  at_host=(nsenter --net="/run/netns/$(namespace_of "$1")" -- unshare --uts -- sh -c 'hostname "$0" && exec "$@"')
}
in_stores() { ip -n "$(namespace_of stores)" "$@"; }

make_network() {
  local host own
  ip netns add "$(namespace_of stores)"
  in_stores link set lo up
  in_stores link add hosts type bridge forward_delay 0
  in_stores address add $store_address/24 dev hosts
  in_stores link set hosts up
  for host in "${hosts[@]}"; do
    own=$(namespace_of "$host")
    ip netns add "$own"
    ip -n "$own" link set lo up
    in_stores link add "$host" type veth peer name eth0 netns "$own"
    in_stores link set "$host" master hosts up
    ip -n "$own" address add "$(address_of "$host")/24" dev eth0
    ip -n "$own" link set eth0 up
  done
}

# The cable is pulled: no end is told anything.
set_link() { # HOST up|down
  in_stores link set "$1" "$2"
}
is_cut() { # HOST
  [[ $(in_stores -json link show "$1" 2>/dev/null | jq -r '.[0].flags | index("UP") != null') == false ]]
}

is_inside() {
  local name
  for name in $(namespaces); do [[ ! /proc/self/ns/net -ef /run/netns/$name ]] || return 0; done
  return 1
}

# What still runs in these namespaces was started there by this program, or by what it started; but for whoever asks.
own_line() {
  local pid=$$
  while ((pid > 1)); do
    echo "$pid"
    pid=$(awk '$1 == "PPid:" { print $2 }' "/proc/$pid/status")
  done
}
processes_inside() {
  local name pid own
  own=" $(own_line | tr '\n' ' ')"
  for name in $(namespaces); do
    for pid in $(ip netns pids "$name"); do
      [[ $own == *" $pid "* ]] || echo "$pid"
    done
  done
}

remove_network() {
  local name
  for name in $(namespaces); do ip netns delete "$name"; done
}
