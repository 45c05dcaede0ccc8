# Runs share-inside.ts on the releases of one app, as the app's user.
#
#   bash --norc -c TEXT enter ROOT RELEASES NODE SCRIPT UID GID ORDER
#
# ROOT: an empty folder. RELEASES: the folder of the app's releases. ORDER: what the script does there, as JSON.
#
# The app may put a link in the place of any of its folders while this runs. So the script sees nothing but these releases
# and the system's programs, which it cannot change; and it has the rights of the app's user and two more: it gives files
# away, and links to files that were given away.
set -eu
PATH=/usr/sbin:/usr/bin:/sbin:/bin

enter() {
  exec unshare --mount --propagation private bash --norc -c "$BASH_EXECUTION_STRING" shut "$@"
}

shut() {
  local root=$1 releases=$2 node=$3 script=$4 uid=$5 gid=$6 name rights=-all,+chown,+fowner
  # By their descriptors, because the root may lie in one of their folders.
  exec 4<"$releases" 5<"$node" 6<"$script"
  mount -t tmpfs -o mode=711,size=1m tmpfs "$root"
  mkdir "$root/usr" "$root/releases"
  : >"$root/node"
  : >"$root/script.ts"
  mount --bind /usr "$root/usr"
  mount -o remount,bind,ro "$root/usr"
  for name in bin sbin lib lib64; do
    [ ! -L "/$name" ] || ln -s "usr/$name" "$root/$name"
  done
  mount --no-canonicalize --bind /proc/self/fd/4 "$root/releases"
  mount --no-canonicalize --bind /proc/self/fd/5 "$root/node"
  mount --no-canonicalize --bind /proc/self/fd/6 "$root/script.ts"
  mount -o remount,bind,ro "$root/node"
  mount -o remount,bind,ro "$root/script.ts"
  exec 4<&- 5<&- 6<&-
  exec chroot "$root" setpriv --reuid="$uid" --regid="$gid" --clear-groups --no-new-privs \
    --inh-caps="$rights" --ambient-caps="$rights" --bounding-set="$rights" \
    /node --disable-sigusr1 --no-warnings --max-old-space-size=128 /script.ts "$7"
}

"$0" "$@"
