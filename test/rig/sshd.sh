#!/bin/bash
# sshd.sh up STATE_DIR PORT (0: a free one), sshd.sh down|status|env STATE_DIR
# An OpenSSH server on 127.0.0.1 with a host key, a user key and a client configuration of its own, all in STATE_DIR.
# up prints "export ..." lines (also STATE_DIR/env); then "ssh -F $RIG_SSH_CONFIG n1 command" (n1 ... n9 all mean this server).
# Settings by environment: RIG_SSH_SETENV (e.g. "PATH=/x:/usr/bin A=1", set for every session), RIG_OWNER_PID,
# RIG_LISTEN (127.0.0.1; another only for a host of netns.sh).
. "$(dirname "$(readlink -f "$0")")/lib.sh"
cmd=${1:-}; state_init "${2:-}"
PATH=$PATH:/usr/sbin:/sbin

ADDR=${RIG_LISTEN:-127.0.0.1}

healthy() { alive sshd && [ -s "$S/env" ] && [ "$(timeout 5 ssh -F "$S/ssh_config" n1 echo rig 2>/dev/null </dev/null)" = rig ]; }

# sessions: the processes of logins to this server, which outlive it: those whose environment names its port, and the sshd
# processes above them.
sessions() {
  local port p q st
  port=$(cat "$S/port" 2>/dev/null) || return 0
  for p in $(grep -lzxE "SSH_CONNECTION=[0-9.]+ [0-9]+ ${ADDR//./\\.} $port" /proc/[0-9]*/environ 2>/dev/null | cut -d/ -f3); do
    printf '%s\n' "$p"
    q=$p
    while { st=$(<"/proc/$q/stat"); } 2>/dev/null; do
      st=${st##*) }; set -- $st; q=$2
      case $(readlink "/proc/$q/exe" 2>/dev/null) in */sshd*) printf '%s\n' "$q";; *) break;; esac
    done
  done
}

down() {
  local kids=
  stop watch 1
  alive sshd && kids=$(descendants "$PID")
  stop sshd 3
  kill_all $kids $(sessions); sweep
  rm -f "$S/env" "$S/port"
}

up() {
  local port me v
  ensure_pkgs "/usr/sbin/sshd ssh ssh-keygen perl flock setsid" openssh-server openssh-client
  healthy && { [ "${3:-0}" = 0 ] || [ "$3" = "$(<"$S/port")" ]; } && { cat "$S/env"; return 0; }
  down
  port=$(take_port "${3:-0}") || exit 1
  me=$(id -un)
  rm -rf "$S/keys"; mkdir -m 700 "$S/keys"
  ssh-keygen -q -t ed25519 -N '' -C rig-host -f "$S/keys/host" && ssh-keygen -q -t ed25519 -N '' -C rig-user -f "$S/keys/user" || die "ssh-keygen failed"
  cp "$S/keys/user.pub" "$S/keys/authorized_keys"
  for v in rig "[$ADDR]:$port" "[localhost]:$port"; do echo "$v $(cut -d' ' -f1,2 "$S/keys/host.pub")"; done >"$S/keys/known_hosts"
  # the directory that sshd changes its root to before a login; its place is built in
  [ "$(id -u)" != 0 ] || [ -d /run/sshd ] || mkdir -m 755 /run/sshd
  cat >"$S/sshd_config" <<CONF
Port $port
ListenAddress $ADDR
HostKey $S/keys/host
AuthorizedKeysFile $S/keys/authorized_keys
PidFile $S/sshd.own
StrictModes no
UsePAM no
UseDNS no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
AllowUsers $me
PrintMotd no
MaxStartups 200
MaxSessions 200
Subsystem sftp internal-sftp
${RIG_SSH_SETENV:+SetEnv $RIG_SSH_SETENV}
CONF
  cat >"$S/ssh_config" <<CONF
Host n1 n2 n3 n4 n5 n6 n7 n8 n9 rig localhost 127.0.0.1
  HostName $ADDR
  Port $port
  User $me
  IdentityFile $S/keys/user
  IdentitiesOnly yes
  IdentityAgent none
  HostKeyAlias rig
  UserKnownHostsFile $S/keys/known_hosts
  GlobalKnownHostsFile /dev/null
  StrictHostKeyChecking yes
  BatchMode yes
  LogLevel ERROR
CONF
  /usr/sbin/sshd -t -f "$S/sshd_config" 2>>"$S/log/sshd.out" || { tail -n 5 "$S/log/sshd.out" >&2; die "bad configuration"; }
  echo "$port" >"$S/port"
  printf 'export %s\n' "RIG_SSH_PORT=$port" "RIG_SSH_KEY=$S/keys/user" "RIG_SSH_KNOWN_HOSTS=$S/keys/known_hosts" "RIG_SSH_CONFIG=$S/ssh_config" >"$S/env"
  start sshd /usr/sbin/sshd -D -e -f "$S/sshd_config" || exit 1
  wait_for 10 healthy || { tail -n 5 "$S/log/sshd.out" >&2; down; die "sshd did not come up"; }
  watch_owner; cat "$S/env"
}

case $cmd in
  up) up "$@";;
  down) down; say down;;
  status) alive sshd && echo "sshd running pid=$PID"; healthy;;
  env) cat "$S/env";;
  *) die "usage: sshd.sh up STATE_DIR PORT, sshd.sh down|status|env STATE_DIR";;
esac
