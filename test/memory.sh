#!/bin/sh
# memory.sh FOLDER COMMAND ...: runs a command of tests whose temporary folder is FOLDER, kept in memory. What tests
# write is thrown away within a minute, and a disk takes a quarter of all that they use of a processor. The mount is in
# a namespace of its own, so it ends with the last process that the tests have started, however they end.
# Where that is not possible, or memory is scarce, the temporary folder is the usual one.
set -eu

folder=$1
shift

# Three files of tests at once take some six; one of them wants to see twelve free, and takes four.
least=12
size=16

available=$(awk '/^MemAvailable:/ { print int($2 / 1024 / 1024) }' /proc/meminfo)
if [ "$available" -ge "$least" ] && unshare --mount mount -t tmpfs none "$folder" 2>/dev/null; then
  export TMPDIR="$folder"
  exec unshare --mount sh -c "mount -t tmpfs -o size=${size}g,mode=1777 tests \"\$TMPDIR\" && exec \"\$@\"" sh "$@"
fi
exec "$@"
