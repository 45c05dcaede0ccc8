# Runs a command in a Debian root, as the first program of namespaces of its own: when it ends, whatever it left
# running and mounted ends with it.
#
#   bash enter.sh ROOT PROJECT RUN COMMAND...
#
# RUN is the folder of one run, and what the command changes is dropped with it. With `-`, it changes the root itself.
set -eu
root=$1 project=$2 run=$3
shift 3

# The layer of changes is in memory, because a container's own disk is often an overlay, which takes none on top.
over() {
  mkdir -p "$layers/$1" "$layers/$1.work" "$3"
  mount -t overlay -o "lowerdir=$2,upperdir=$layers/$1,workdir=$layers/$1.work" overlay "$3"
}

layers=$root/mnt
mount -t tmpfs -o mode=755 tmpfs "$layers"
at=$layers/at
mkdir "$at"
if [ "$run" = - ]; then mount --bind "$root" "$at"; else over root "$root" "$at"; fi
over project "$project" "$at/opt/innkeeper"

mount -t proc proc "$at/proc"
mount --rbind /sys "$at/sys"
mount --rbind /dev "$at/dev"
mount -t tmpfs -o mode=1777 tmpfs "$at/dev/shm"
mount -t tmpfs -o mode=755 tmpfs "$at/run"
mkdir -m 1777 "$at/run/lock"
# A folder of the disk: data of the tests would fill the memory, and an overlay may be laid over it once more.
if [ "$run" != - ]; then mount --bind "$run" "$at/tmp"; fi
for file in hosts resolv.conf; do cat "/etc/$file" >"$at/etc/$file"; done

# No chroot: the kernel gives no user namespaces to who is in one, and the tests of an ordinary user want them.
cd "$at"
pivot_root . mnt
exec chroot . /bin/bash -c '
  umount -l /mnt
  # Of a network of its own. The root has no ip before its packages are there, which come by that of the machine.
  if [ "$0" != - ]; then ip link set lo up; fi
  cd /opt/innkeeper
  # Not by exec: this shell stays, because the first process has to take in those whose parents have ended.
  "$@"
  exit $?
' "$run" "$@"
