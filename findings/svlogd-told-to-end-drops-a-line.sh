#!/bin/sh
# svlogd of runit 2.1.2 (Debian 12: runit 2.1.2-54).
#
# Its manual says of SIGTERM that svlogd stops after it has processed the data that it has in memory. What it does with a
# line that arrives together with the signal, or that has begun: it reads that line to its end, and then leaves it out. So a
# log service that is started anew (`sv term`, `sv restart`, an upgrade) misses one line of a service that goes on writing,
# although the pipe keeps what comes meanwhile. It looks like a line that was never written. What was killed (SIGKILL) while
# it waited for input has lost nothing: by then svlogd has written all that it read.
#
# Seen on 30 November 2026:
#   TERM while two more lines arrive, left: first second
#   TERM in the middle of a second line, left: first
#   KILL while it waits, left: first
set -eu
at=$(mktemp -d)
trap 'rm -rf "$at"' EXIT
cd "$at"
apt-get download -qq runit=2.1.2-54 >/dev/null 2>&1
dpkg -x runit_*.deb .
mkfifo pipe

# start NAME: svlogd with a log of its own.
start() {
  mkdir "$1"
  usr/bin/svlogd "$1" <pipe &
  pid=$!
  exec 3>pipe
  echo first >&3
  sleep 0.5
}
# ended: it has, and what is still in the pipe is thrown away with it.
ended() {
  wait "$pid" || true
  exec 3>&-
}

start arrives
kill -STOP "$pid"
printf 'second\nthird\n' >&3
kill -TERM "$pid"
kill -CONT "$pid"
ended
start begun
printf 'sec' >&3
sleep 0.5
kill -TERM "$pid"
sleep 0.5
printf 'ond\n' >&3
ended
start waits
kill -KILL "$pid"
ended 2>/dev/null

said() { tr '\n' ' ' <"$1/current"; }
echo "TERM while two more lines arrive, left: $(said arrives)"
echo "TERM in the middle of a second line, left: $(said begun)"
echo "KILL while it waits, left: $(said waits)"
case "$(said arrives)|$(said begun)|$(said waits)" in
  'first second |first |first ') exit 0 ;;
esac
echo 'it is otherwise now: the finding is out of date'
exit 1
