#!/bin/sh
# prometheus-postgres-exporter 0.11.1 (Debian 12, 0.11.1-3+b5).
#
# Its README lets DATA_SOURCE_NAME hold several servers with commas between them, each with its figures under the label
# `server`. With its default options none of them has any: its two collectors are made once for each server, and their
# own metrics, which have no such label, collide. The whole scrape is answered with 500, also when every server is well;
# servers that nobody listens on are enough to show it. Without the collectors (--no-collector.database and
# --no-collector.bgwriter) it answers 200.
#
# Seen on 29 November 2026:
#   with its defaults: 500, "was collected before with the same name and label values": 4
#   without the collectors: 200
set -eu
folder=$(mktemp -d)
pid=''
trap '[ -z "$pid" ] || kill "$pid" 2>/dev/null; rm -rf "$folder"' EXIT
cd "$folder"
chmod 755 "$folder"
apt-get download -qq prometheus-postgres-exporter=0.11.1-3+b5 >/dev/null
dpkg -x prometheus-postgres-exporter_*.deb .

ask() {
  DATA_SOURCE_NAME='postgresql://a@127.0.0.1:1/a?sslmode=disable,postgresql://a@127.0.0.1:2/a?sslmode=disable' \
    ./usr/bin/prometheus-postgres-exporter --web.listen-address=127.0.0.1:29987 --log.level=error "$@" 2>/dev/null &
  pid=$!
  for _ in $(seq 100); do
    curl -s -o /dev/null http://127.0.0.1:29987/ && break
    sleep 0.1
  done
  code=$(curl -s -m 30 -o answer -w '%{http_code}' http://127.0.0.1:29987/metrics)
  kill "$pid"
  wait "$pid" 2>/dev/null || true
  pid=''
}

ask
first=$code
collisions=$(grep -c 'was collected before with the same name and label values' answer || true)
echo "with its defaults: $first, \"was collected before with the same name and label values\": $collisions"
ask --no-collector.database --no-collector.bgwriter
echo "without the collectors: $code"
[ "$first" = 500 ] && [ "$collisions" -gt 0 ] && [ "$code" = 200 ]
