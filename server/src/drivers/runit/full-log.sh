#!/bin/sh
# svlogd feeds a full log file through this, in the folder of the log, and keeps what it prints. Arguments: how many
# bytes and how many files may be kept. What goes for that is counted in the file `gone`, in lines.
set -u

pack() {
  # Without zstd a log is kept as it is, because svlogd waits for us, and the service would wait for svlogd.
  if [ -x /usr/bin/zstd ]; then zstd -q -3 -c; else cat; fi
}

# svlogd tries again at once, which on a full disk would take a whole core. After a power cut there must not be less than before.
pack && sync -d /proc/self/fd/1 || { sleep 1; exit 1; }

# The newest is the one in hand. Others are left of a svlogd that was killed.
for left in $(ls -r | grep '^@.*\.u$' | tail -n +2); do
  name=${left%.u}
  pack <"$left" >"$name.t" && mv "$name.t" "$name.s" && rm -f "$left"
done

bytes=0 files=0
stat -c '%n %s' -- *.s 2>/dev/null | sort -r | while read -r name size; do
  bytes=$((bytes + size)) files=$((files + 1))
  [ "$bytes" -le "$1" ] && [ "$files" -le "$2" ] && continue
  lines=$(cat gone 2>/dev/null)
  echo $((${lines:-0} + $(zstd -dcfq "$name" 2>/dev/null | wc -l))) >gone.new && mv gone.new gone
  rm -f "$name"
done
exit 0
