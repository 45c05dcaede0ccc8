#!/bin/sh
# runit 2.1.2 (Debian 12) and 2.2.0 (Debian 13): the package of this machine's Debian, unpacked into a folder.
#
# The manual of runsvdir says that it checks its directory for changes every five seconds, and that with a second argument
# it keeps what services write to their standard error in its place in the list of processes.
# What it does not say: with that argument each write to that standard error also makes it check the directory at once
# (one second after the last check at the earliest). Without it nothing shortens the five seconds, SIGCHLD neither.
#
# Seen on 29 November 2026, with 2.1.2-54:
#   a service is noticed within 2 s, of 4 tries:
#     without the argument, with SIGCHLD each 100 ms: 0
#     with it, and a byte on its standard error each 100 ms: 4
set -eu
at=$(mktemp -d)
tree=
trap 'if [ -n "$tree" ]; then kill -HUP "$tree" 2>/dev/null || true; fi; sleep 1; rm -rf "$at"' EXIT
cd "$at"
apt-get download runit >/dev/null 2>&1
dpkg -x runit_*.deb root
PATH="$at/root/usr/bin:$PATH"
mkdir sv
printf '#!/bin/sh\nexec sleep 1000\n' >run
chmod +x run

# noticed WAY [ARGUMENT]: how many of four new services are noticed within two seconds.
noticed() {
  way=$1
  shift
  mkdir -p "service-$way"
  runsvdir -P "$at/service-$way" "$@" >/dev/null 2>&1 &
  tree=$!
  count=0
  for n in 1 2 3 4; do
    # A service before it tells when runsvdir looked: the next look by itself is then five seconds away.
    for name in "$way-before$n" "$way$n"; do
      mkdir -p "sv/$name"
      cp run "sv/$name/run"
    done
    ln -s "$at/sv/$way-before$n" "service-$way/"
    until [ -e "sv/$way-before$n/supervise/pid" ]; do sleep 0.05; done
    sleep 1.2
    ln -s "$at/sv/$way$n" "service-$way/"
    for tenth in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
      sleep 0.1
      if [ "$way" = write ]; then printf . >"/proc/$tree/fd/2"; else kill -CHLD "$tree"; fi
    done
    [ ! -e "sv/$way$n/supervise/pid" ] || count=$((count + 1))
  done
  kill -HUP "$tree"
  wait "$tree" || true
  tree=
  echo "$count"
}

signal=$(noticed signal)
write=$(noticed write "log: ....................")
echo "a service is noticed within 2 s, of 4 tries:"
echo "  without the argument, with SIGCHLD each 100 ms: $signal"
echo "  with it, and a byte on its standard error each 100 ms: $write"
if [ "$write" = 4 ] && [ "$signal" -lt 4 ]; then exit 0; fi
echo 'it is otherwise now: the finding is out of date'
exit 1
