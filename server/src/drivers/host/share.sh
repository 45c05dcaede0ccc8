# Stores the equal files of installed packages of two releases of an app once, and empties the caches of idle releases.
#
#   bash --norc -c TEXT enter ROOT RELEASES GROUP NEWER EARLIER IDLE...
#
# ROOT: an empty folder. RELEASES: the folder of the app's releases; NEWER, EARLIER, IDLE: folders in it; EARLIER may be
# `-`: there is none. Prints the bytes of NEWER that EARLIER has, too.
#
# The app may put a link in the place of any of its folders while this runs as root. So this runs where nothing is but
# the releases of that app: whatever a link says, it leads to the app's own files.
set -eu
PATH=/usr/sbin:/usr/bin:/sbin:/bin

enter() {
  exec unshare --mount --propagation private bash --norc -c "$BASH_EXECUTION_STRING" shut "$@"
}

shut() {
  local root=$1 releases=$2 name
  # By its descriptor, because the root may lie in that folder.
  exec 4<"$releases"
  mount -t tmpfs -o mode=700,size=1m tmpfs "$root"
  mkdir "$root/usr" "$root/releases"
  mount --bind /usr "$root/usr"
  mount -o remount,bind,ro "$root/usr"
  for name in bin sbin lib lib64; do
    [ ! -L "/$name" ] || ln -s "usr/$name" "$root/$name"
  done
  mount --no-canonicalize --bind /proc/self/fd/4 "$root/releases"
  exec 4<&-
  exec chroot "$root" bash --norc -c "$BASH_EXECUTION_STRING" tidy "${@:3}"
}

tidy() {
  local group=$1 newer=$2 earlier=$3
  cd /releases
  shift 3
  for release in "$@"; do
    find "$release/tree" -xdev -type d \( -path '*/node_modules/.cache' -o -path '*/node_modules/.vite' -o -path '*/.next/cache' \) -prune -exec rm -rf -- {} +
  done
  [ "$earlier" != - ] || { echo 0; return; }
  find "$newer/tree" "$earlier/tree" -xdev -name node_modules -type d -prune -print0 | share "$group" "$newer"
}

# What belongs to root an app can put something else in the place of, but not write to: so no release changes another.
share() {
  local group=$1 newer=$2 folders sum=0
  mapfile -d '' -t folders
  [ "${#folders[@]}" -gt 1 ] || { echo 0; return; }
  # Programs write to these while they build or run. Neither users nor groups have names here.
  hardlink --quiet --respect-name --ignore-owner --maximize --minimum-size 1 \
    --exclude '/node_modules/(.*/)?(\.cache|\.vite|\.prisma|@prisma)/' -- "${folders[@]}" >&2
  find "${folders[@]}" -xdev -type f -links +1 ! -uid 0 -exec chown -h "0:$group" {} + -exec chmod g=u,go-w {} +
  find "${folders[@]}" -xdev -type f -links +1 -uid 0 -path "$newer/*" -printf '%s\n' | {
    while read -r bytes; do sum=$((sum + bytes)); done
    echo "$sum"
  }
}

"$0" "$@"
