# Starts a program of an app with the app's rights and no more.
#
#   bash --norc -c TEXT begin FILES PROCESSES MEMORY CGROUP GATE PORT UID GID HOME TMP SHOWN... -- INSIDE FOLDER PROGRAM...
#
# `-` means: none. The program's environment comes as shell text on file descriptor 3, so that the programs that root
# runs here do not get it, and the list of processes does not show it.
set -u
PATH=/usr/sbin:/usr/bin:/sbin:/bin

refuse() {
  echo "error: $*"
  exit 100
}

# First stage: as root, in the namespaces of the machine.
begin() {
  local fd
  # Closes descriptors that the shell of an admin left open when it started the server: apps must not get them.
  for fd in /proc/self/fd/*; do
    fd=${fd##*/}
    [ "$fd" -le 3 ] || eval "exec $fd>&-"
  done
  join "$4" "$3"
  # The guard is a grandchild whose parent ends at once: the program would not wait for a child that it did not start.
  [ "$5" = - ] || (guard "$5" "$6" "$7" </dev/null >/dev/null 2>&1 3<&- &)
  ulimit -c 0
  ulimit -n "$1" 2>/dev/null
  ulimit -u "$2" 2>/dev/null
  # Both are tried, because a container may allow `unshare` and refuse `mount`.
  if [ "$7" != - ] && unshare --mount --ipc --propagation private mount -t tmpfs none /tmp 2>/dev/null; then
    exec unshare --mount --ipc --propagation private bash --norc -c "$BASH_EXECUTION_STRING" walls "${@:7}"
  fi
  drop "${@:7}"
}

# Opens the gate when the app's user, and nobody else, listens on the port. The edge asks only ports with an open gate.
guard() {
  local uid=$3 n=0
  [ "$uid" != - ] || uid=$(id -u)
  rm -f "$1"
  while kill -0 "$$" 2>/dev/null; do
    if listens "$2" "$uid"; then
      : >"$1"
      return
    fi
    n=$((n + 1))
    sleep $((n > 100 ? 1 : 0)).05
  done
}

listens() {
  # Listeners that a connection to 127.0.0.1 can reach: on this address, and on all addresses of IPv4 or IPv6.
  awk -v port=":$(printf %04X "$1")" -v uid="$2" '
    function reached(a) { return a == "0100007F" || a ~ /^0+$/ || a == "0000000000000000FFFF00000100007F" }
    $4 == "0A" && substr($2, length($2) - 4) == port && reached(substr($2, 1, length($2) - 5)) {
      n++
      if ($8 != uid) others++
    }
    END { exit !(n && !others) }' /proc/net/tcp /proc/net/tcp6 2>/dev/null
}

# Enters a control group of its own, after killing what an earlier start left there.
join() {
  local n
  [ "$1" != - ] && mkdir -p "$1" 2>/dev/null || return 0
  echo 1 >"$1/cgroup.kill" 2>/dev/null
  for n in {1..100}; do
    [ -z "$(<"$1/cgroup.procs")" ] && break
    sleep 0.02
  done
  [ "$2" = - ] || echo "$2" 2>/dev/null >"$1/memory.max"
  echo $$ >"$1/cgroup.procs"
}

# Second stage: as root, with mounts of its own. Arguments: UID GID HOME TMP SHOWN... -- ...
walls() {
  local home=$3 tmp path fd at=()
  exec {tmp}<"$4" || refuse "$4 is missing"
  for path in "${@:5}"; do
    [ "$path" != -- ] || break
    exec {fd}<"$path" || refuse "$path is missing"
    at+=("$fd" "$path")
  done
  bind "$tmp" /tmp
  bind "$tmp" /var/tmp
  cover /dev/shm mode=1777
  cover /run/lock mode=1777,size=1m
  # The home may be below /tmp. Root made its folders in the app's own /tmp before the app ran for the first time.
  [ -d "$home" ] || refuse "$home is missing in $4"
  cover "$home" mode=711,size=1m
  set -- "$1" "$2" "${at[@]}" "${@:5 + ${#at[@]} / 2}"
  while [ "$3" != -- ]; do
    mkdir -p -m 711 "$4"
    bind "$3" "$4"
    set -- "$1" "$2" "${@:5}"
  done
  # Hides command lines of other users. A container may refuse this mount.
  mount -t proc -o nosuid,nodev,noexec,hidepid=2 proc /proc 2>/dev/null
  drop "$1" "$2" - - "${@:3}"
}

# Mounts a folder by its descriptor, because its path may be hidden by now.
bind() {
  mount --no-canonicalize --bind "/proc/self/fd/$1" "$2" || refuse "$2 cannot be given a folder of its own"
  eval "[ $1 = \$tmp ] || exec $1<&-"
}

cover() {
  [ ! -d "$1" ] || mount -t tmpfs -o "nosuid,nodev,$2" tmpfs "$1" || refuse "$1 cannot be hidden"
}

# Third stage: drops the rights first, before anything else. Arguments: UID GID HOME TMP SHOWN... -- INSIDE FOLDER PROGRAM...
drop() {
  local as=(--no-new-privs)
  [ "$1" = - ] || as+=(--reuid="$1" --regid="$2" --clear-groups --inh-caps=-all --bounding-set=-all)
  while [ "$1" != -- ]; do shift; done
  exec {tmp}<&-
  exec env -i setpriv "${as[@]}" sh -c "$LAST" confine "${@:2}"
}

# Last stage: as the app's user. Arguments: INSIDE FOLDER PROGRAM...
LAST='
umask 022
eval "$(/bin/cat <&3)"
exec 3<&-
top=$(cd -- "$1" 2>/dev/null && pwd -P) || { echo "error: cannot enter $1"; exit 100; }
cd -- "$2" 2>/dev/null || { echo "error: cannot enter $2"; exit 100; }
case "$(pwd -P)/" in "$top"/*) ;; *) echo "error: $2 leads out of $1"; exit 100 ;; esac
shift 2
command -v "$1" >/dev/null || { echo "error: there is no program $1 on its PATH"; exit 127; }
exec "$@"
'

tmp=9
"$0" "$@"
