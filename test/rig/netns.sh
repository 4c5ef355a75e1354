#!/bin/bash
# netns.sh up STATE_DIR [N]            N (0: 2) hosts h1 ... hN, each a network namespace with an address of its own
# netns.sh exec STATE_DIR HOST CMD...  becomes CMD in the host's network; files and processes are as outside
# netns.sh link STATE_DIR HOST up|down its cable is in or out (packets are lost without an error, as in a partition)
# netns.sh rate STATE_DIR HOST RATE    both ways of its cable at most so fast (tc tbf: 1mbit ...); "off"
# netns.sh loss STATE_DIR HOST PCT     this share of its packets, either way, is dropped; "off"
# netns.sh reset STATE_DIR HOST on|off each of its TCP connections, old or new, is reset
# netns.sh down|status|env STATE_DIR
# Needs root. The namespaces are joined by a bridge in a namespace of its own and have no way to any other network.
# Settings by environment, for up: RIG_OWNER_PID.
. "$(dirname "$(readlink -f "$0")")/lib.sh"
cmd=${1:-}
[ "$(id -u)" = 0 ] || die "needs root"
state_init "${2:-}"
PATH=$PATH:/usr/sbin:/sbin
NET=198.51.100 # TEST-NET-2, for documentation: never a real host's
ID=rig$(printf '%s' "$S" | cksum | cut -d' ' -f1)
ns() { printf '%s-%s' "$ID" "$1"; }
hosts() { ip netns list | cut -d' ' -f1 | sed -n "s/^$ID-\(h[0-9]*\)$/\1/p" | sort -V; }
known() { ip netns list | cut -d' ' -f1 | grep -qx "$(ns "$1")" || die "no host $1 (have: $(hosts | tr '\n' ' '))"; }

down() {
  local h
  stop watch 1
  for h in $(hosts) sw; do
    ip netns list | cut -d' ' -f1 | grep -qx "$(ns $h)" && ip netns del "$(ns $h)"
  done
  sweep
  rm -f "$S/env"
}

healthy() { [ -s "$S/env" ] && [ "$(hosts | wc -l)" = "$1" ] && ip netns exec "$(ns h1)" bash -c "exec 3<>/dev/tcp/$NET.$1/9" 2>&1 | grep -q refused; }

up() {
  local n=${3:-0} i h
  [ "$n" != 0 ] || n=2
  ensure_pkgs "ip tc iptables nsenter perl flock setsid" iproute2 iptables util-linux
  healthy "$n" && { cat "$S/env"; return 0; }
  down
  ip netns add "$(ns sw)" && ip -n "$(ns sw)" link add br0 type bridge && ip -n "$(ns sw)" link set br0 up || die "cannot make a network namespace"
  : >"$S/env"
  for ((i = 1; i <= n; i++)); do
    h=h$i
    # both ends are born inside their namespaces: nothing ever shows in the outer one
    ip netns add "$(ns $h)" &&
      ip -n "$(ns $h)" link add eth0 type veth peer name "p$i" netns "$(ns sw)" &&
      ip -n "$(ns sw)" link set "p$i" master br0 up &&
      ip -n "$(ns $h)" addr add "$NET.$i/24" dev eth0 &&
      ip -n "$(ns $h)" link set lo up && ip -n "$(ns $h)" link set eth0 up || { down; die "cannot make host $h"; }
    echo "export RIG_ADDR_$h=$NET.$i" >>"$S/env"
  done
  wait_for 5 healthy "$n" || { down; die "the hosts do not reach each other"; }
  watch_owner
  cat "$S/env"
}

filter() { # HOST off|... MATCH TARGET: one rule for all that comes in or goes out, except for the loopback device
  local host=$1 setting=$2 chain; shift 2
  for chain in "INPUT -i" "OUTPUT -o"; do
    ip netns exec "$(ns "$host")" iptables -F ${chain% *} || exit 1
    [ "$setting" = off ] || ip netns exec "$(ns "$host")" iptables -A ${chain% *} ! ${chain#* } lo "$@" || exit 1
  done
}

case $cmd in
  up) up "$@";;
  down) down; say down;;
  exec) known "$3"; host=$3; shift 3; exec 9>&-; exec nsenter --net="/run/netns/$(ns "$host")" -- "$@";;
  link) known "$3"; ip -n "$(ns sw)" link set "p${3#h}" "$4";;
  rate) known "$3"
    for e in "$(ns "$3") eth0" "$(ns sw) p${3#h}"; do
      tc -n ${e% *} qdisc del dev ${e#* } root 2>/dev/null
      [ "$4" = off ] || tc -n ${e% *} qdisc add dev ${e#* } root tbf rate "$4" burst 64kb latency 200ms || exit 1
    done;;
  loss) known "$3"; filter "$3" "$4" -m statistic --mode random --probability "0.$(printf %02d "${4#off}" 2>/dev/null)" -j DROP;;
  reset) known "$3"; s=${4:-on}; filter "$3" "$s" -p tcp -j REJECT --reject-with tcp-reset;;
  status) for h in $(hosts); do echo "$h $NET.${h#h}"; done; [ -n "$(hosts)" ];;
  env) cat "$S/env";;
  *) die "usage: netns.sh up|down|status|env|exec|link|rate|loss|reset STATE_DIR ... (see the head of the script)";;
esac
