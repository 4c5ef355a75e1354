# lib.sh: sourced by the rig's scripts (slurm.sh, nginx.sh, s3.sh, sshd.sh, netns.sh); runs nothing itself.
# Every process is started with start(), which records "PID STARTTIME" in STATE_DIR/pids/NAME.pid and puts a mark
# into the process's environment. A process is only ever signalled by its id, and only after its start time (or its
# mark) shows that the id still means the process that was started: a stale pid file never hits a stranger.

RIG_MARK_NAME=_RIG_OWNED_BY
RIG_SELF=$(readlink -f "$0")
unset "$RIG_MARK_NAME"

say() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }
die() { say "$*"; exit 1; }

# state_init DIR: makes the directory, sets S (absolute) and takes its lock (two runs on one directory take turns).
state_init() {
  [ -n "${1:-}" ] || die "no STATE_DIR given"
  umask 022
  S=$(readlink -m "$1")
  case $S in *[!A-Za-z0-9_./+@=-]*) die "STATE_DIR may hold letters, digits and _ . / + @ = - only (it goes into configuration files): $S";; esac
  case $S in /dev/shm/*) ;; /|/etc*|/usr*|/bin*|/sbin*|/lib*|/root|/home|/var|/tmp|/dev*|/proc*|/sys*) die "refusing $S as a state directory";; esac
  mkdir -p "$S/pids" "$S/log" || die "cannot make $S"
  exec 9>"$S/.lock"
  flock -w "${RIG_LOCK_WAIT:-120}" 9 || die "another run holds $S/.lock"
}

# proc_start PID: the start time in clock ticks since boot (field 22 of stat; the name may hold blanks and brackets).
proc_start() {
  local st
  { st=$(<"/proc/$1/stat"); } 2>/dev/null || return 1
  st=${st##*) }; set -- $st
  [ "$1" != Z ] && [ "$1" != X ] || return 1
  printf '%s\n' "${20}"
}

# start NAME COMMAND...: in the background, in a session of its own, output to log/NAME.out.
start() {
  local name=$1 pid st; shift
  (cd "$S" && exec env "$RIG_MARK_NAME=$S" setsid "$@") 9>&- </dev/null >>"$S/log/$name.out" 2>&1 &
  pid=$!
  st=$(proc_start "$pid") || { say "$name ended at once:"; tail -n 5 "$S/log/$name.out" >&2; return 1; }
  printf '%s %s\n' "$pid" "$st" >"$S/pids/$name.pid"
}

# alive NAME: does the recorded process still run? Sets PID.
alive() {
  local st now
  PID=
  { read -r PID st <"$S/pids/$1.pid"; } 2>/dev/null || return 1
  [ -n "$PID" ] && now=$(proc_start "$PID") && [ "$now" = "$st" ]
}

# stop NAME [SECONDS [SIGNAL]]: TERM (or SIGNAL), wait, then KILL.
stop() {
  local name=$1 secs=${2:-5} sig=${3:-TERM} i
  [ -e "$S/pids/$name.pid" ] || return 0
  if alive "$name"; then
    kill "-$sig" "$PID" 2>/dev/null
    for ((i = 0; i < secs * 20; i++)); do alive "$name" || break; sleep 0.05; done
    if alive "$name"; then say "$name ($PID) did not end in ${secs}s: KILL"; kill -KILL "$PID" 2>/dev/null; sleep 0.1; fi
  fi
  rm -f "$S/pids/$name.pid"
}

# ancestors: this shell and its parents, never to be swept.
ancestors() {
  local p=$BASHPID st
  while [ "${p:-0}" -gt 1 ]; do
    printf '%s\n' "$p"
    { st=$(<"/proc/$p/stat"); } 2>/dev/null || break
    st=${st##*) }; set -- $st; p=$2
  done
}

# sweep: KILL whatever still carries the mark of this state directory, and all descendants of it.
sweep() {
  local round pids
  for round in 1 2 3 4 5; do
    pids=$(grep -lzxF "$RIG_MARK_NAME=$S" /proc/[0-9]*/environ 2>/dev/null | cut -d/ -f3)
    [ -n "$pids" ] && kill_all $pids $(descendants $pids) || return 0
    sleep 0.1
  done
}

# holders EXE FILE: pids of processes whose program's name matches the glob EXE and that hold open a file matching the
# glob FILE. Finds daemons that overwrite their own environment with a title (nginx, sshd, slurmstepd).
holders() {
  local e p f
  for e in /proc/[0-9]*/exe; do
    f=$(readlink "$e" 2>/dev/null) || continue
    f=${f% (deleted)}
    case ${f##*/} in $1) ;; *) continue;; esac
    p=${e%/exe}
    for f in "$p"/fd/*; do
      case $(readlink "$f" 2>/dev/null) in $2) printf '%s\n' "${p#/proc/}"; break;; esac
    done
  done
}
# kill_all PID...: KILL them, but none of this shell's own parents. Fails when there was none.
kill_all() {
  local p n=1 skip
  skip=" $(ancestors | tr '\n' ' ') "
  for p in "$@"; do case $skip in *" $p "*) ;; *) kill -KILL "$p" 2>/dev/null && n=0;; esac; done
  return $n
}

# descendants PID...: children, grandchildren ... (one pass over /proc).
descendants() {
  local d st pp; declare -A kids=()
  for d in /proc/[0-9]*; do
    { st=$(<"$d/stat"); } 2>/dev/null || continue
    st=${st##*) }; pp=${st#* }; pp=${pp%% *}
    kids[$pp]+=" ${d#/proc/}"
  done
  local todo="$*" next p
  while [ -n "$todo" ]; do
    next=
    for p in $todo; do [ -n "${kids[$p]:-}" ] && { printf '%s\n' ${kids[$p]}; next+="${kids[$p]}"; }; done
    todo=$next
  done
}

# free_ports N: N ports of 127.0.0.1 free now, below the kernel's own range for outgoing connections.
free_ports() {
  perl -MIO::Socket::INET -e '
    my ($n) = @ARGV; my @s; srand($$ ^ time ^ int(rand(1e9)));
    my $lo = 20000; my $hi = 32000;
    while (@s < $n) { my $p = $lo + int rand($hi - $lo);
      my $s = IO::Socket::INET->new(LocalAddr => "127.0.0.1", LocalPort => $p, Proto => "tcp", Listen => 1) or next;
      push @s, [$p, $s]; }
    print join(" ", map { $_->[0] } @s), "\n";' "$1"
}
# port_busy PORT: does anything listen there?
port_busy() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }
# take_port PORT: PORT itself, or a free one for 0; dies when something else listens there.
take_port() {
  case ${1:-} in ''|*[!0-9]*) die "no PORT given (0: a free one)";; 0) free_ports 1; return;; esac
  port_busy "$1" && die "port $1 is in use by another process: $(ss -Hltnp "sport = :$1" 2>/dev/null | head -n 1)"
  printf '%s\n' "$1"
}

# wait_for SECONDS COMMAND...: until it succeeds.
wait_for() {
  local secs=$1 end; shift; end=$((SECONDS + secs))
  while ! "$@" >/dev/null 2>&1; do [ "$SECONDS" -lt "$end" ] || return 1; sleep 0.05; done
}

# ensure_pkgs "COMMAND-OR-FILE ..." PACKAGE...: with RIG_INSTALL=1, apt-get install unless all are there; starts no service.
ensure_pkgs() {
  local need=$1 c miss=; shift
  PATH=$PATH:/usr/sbin:/sbin
  for c in $need; do case $c in /*) [ -e "$c" ] || miss+=" $c";; *) command -v "$c" >/dev/null || miss+=" $c";; esac; done
  [ -n "$miss" ] || return 0
  [ "${RIG_INSTALL:-0}" = 1 ] || die "missing:$miss (packages $*)"
  [ "$(id -u)" = 0 ] || die "missing:$miss (packages $*), and only root can install"
  say "installing $* (missing:$miss)"
  ( # the policy file keeps the packages from starting their services
    flock -w 600 8 || exit 1
    made=
    if [ ! -e /usr/sbin/policy-rc.d ]; then
      printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d; chmod 755 /usr/sbin/policy-rc.d; made=1
    fi
    export DEBIAN_FRONTEND=noninteractive
    inst() { apt-get -q -o DPkg::Lock::Timeout=600 -o Dpkg::Options::=--force-confold install -y --no-install-recommends "$@" 8>&- 9>&-; }
    # apt-get installs nothing while dpkg is interrupted
    inst "$@" || { dpkg --configure -a 8>&- 9>&-; apt-get -q update 8>&- 9>&-; sleep 2; inst "$@"; }
    rc=$?
    [ -z "$made" ] || rm -f /usr/sbin/policy-rc.d
    exit $rc
  ) 8>"${TMPDIR:-/tmp}/rig-apt.lock" </dev/null >>"$S/log/apt.log" 2>&1 || { tail -n 15 "$S/log/apt.log" >&2; die "apt-get install $* failed"; }
}

# faults UPSTREAM_URL: with RIG_FAULTS=1, faultproxy.mjs in front of it; adds RIG_FAULT_URL to STATE_DIR/env.
faults() {
  local p
  [ "${RIG_FAULTS:-0}" = 1 ] || return 0
  p=$(take_port "${RIG_FAULT_PORT:-0}") || return 1
  start faultproxy node "$(dirname "$RIG_SELF")/faultproxy.mjs" "$p" "$1" || return 1
  wait_for 10 port_busy "$p" || { tail -n 5 "$S/log/faultproxy.out" >&2; return 1; }
  echo "export RIG_FAULT_URL=http://127.0.0.1:$p" >>"$S/env"
}

# watch_owner: with RIG_OWNER_PID set, everything goes down alone soon after that process has ended.
watch_owner() {
  [ -n "${RIG_OWNER_PID:-}" ] || return 0
  local st; st=$(proc_start "$RIG_OWNER_PID") || die "RIG_OWNER_PID=$RIG_OWNER_PID does not run"
  start watch bash -c '
    owner=$1 born=$2 script=$3 dir=$4
    while { st=$(<"/proc/$owner/stat"); } 2>/dev/null; do
      st=${st##*) }; set -- $st
      [ "${20}" = "$born" ] && [ "$1" != Z ] || break
      sleep 1
    done
    rm -f "$dir/pids/watch.pid"
    exec bash "$script" down "$dir"' watch "$RIG_OWNER_PID" "$st" "$RIG_SELF" "$S"
}
