#!/bin/sh
# squawk-cli 2.61.0 (linter of migrations). --assume-in-transaction says that the tool runs each file in a transaction, so
# `create index concurrently` in it fails, and the rule ban-concurrent-index-creation-in-transaction is there for that. In a
# file with that statement alone it is silent; with any other statement beside it, it speaks. A tool that wraps every file
# (drizzle-kit, node-pg-migrate, dbmate) fails on both.
# Seen on 2026-12-01:
#   alone: 0, with another statement: 1
set -eu
at=$(mktemp -d)
trap 'rm -rf "$at"' EXIT
cd "$at"
npm install --silent --no-audit --no-fund squawk-cli@2.61.0 >/dev/null
echo 'create index concurrently if not exists i on t (a);' > alone.sql
{ echo 'select 1;'; cat alone.sql; } > two.sql
count() { node_modules/.bin/squawk --reporter json --assume-in-transaction "$1" | grep -o 'ban-concurrent-index-creation-in-transaction' | wc -l || true; }
seen="alone: $(count alone.sql), with another statement: $(count two.sql)"
echo "$seen"
[ "$seen" = 'alone: 0, with another statement: 1' ]
