# The first program of a machine of its own, over the files of this one: what it changes lies in memory and ends with it.
#
#   bash machine.sh LAYERS SIZE PROJECT INIT
#
# LAYERS is an empty folder, SIZE the room for changes, PROJECT what lies in /opt/innkeeper there; -: nothing.
# INIT is systemd, or - for none.
set -eu
layers=$1 size=$2 project=$3 init=$4
mount -t tmpfs -o "mode=755,size=$size" tmpfs "$layers"

over() {
  mkdir -p "$layers/$1" "$layers/$1.work" "$3"
  mount -t overlay -o "lowerdir=$2,upperdir=$layers/$1,workdir=$layers/$1.work" overlay "$3"
}

at=$layers/at
over root / "$at"
mkdir -p "$at/opt/innkeeper"
if [ "$project" = - ]; then rmdir "$at/opt/innkeeper"; else over project "$project" "$at/opt/innkeeper"; fi
mount -t proc proc "$at/proc"
# Of its own network, and without the control groups of the machine around it.
mount -t sysfs sysfs "$at/sys"
if [ "$init" = systemd ]; then
  mount -t cgroup2 cgroup2 "$at/sys/fs/cgroup"
  # Services of the machine around it are not to start here.
  rm -rf "$at"/etc/systemd/system/*.wants
fi
mount --rbind /dev "$at/dev"
mount -t tmpfs -o mode=755 tmpfs "$at/run"
mount -t tmpfs -o mode=1777 tmpfs "$at/tmp"
mkdir -p "$at/run/sshd" "$at/old"
cd "$at"
pivot_root . old
exec chroot . /bin/bash -c '
  umount -l /old
  ip link set lo up
  echo ready
  [ "$0" != systemd ] || container=inn exec /lib/systemd/systemd --unit=multi-user.target
  # The first process takes in those whose parents have ended.
  while :; do sleep 3600 & wait $!; done
' "$init"
