#!/bin/sh
# dbmate 2.36.0; PostgreSQL is PGlite 0.5.14 behind @electric-sql/pglite-socket 0.2.17.
#
# `dbmate up` prints "Applying: FILE", and after it "Applied: FILE in 1 ms". One would expect the second line only of a
# file that was applied.
# Instead it is printed of a file that failed too, right before the error; what is recorded in the table is right.
#
# Seen on 28 November 2026:
#   Applying: 20260101_a.sql
#   Applied: 20260101_a.sql in 5.279689ms
#   Error: line: 2, column: 13, position: 27: pq: relation "nowhere" does not exist at position 2:13 (42P01)
#   exit 2
set -eu
at=$(mktemp -d)
server=
trap 'if [ -n "$server" ]; then kill "$server" 2>/dev/null || true; fi; rm -rf "$at"' EXIT
cd "$at"
npm install --silent --no-audit --no-fund --ignore-scripts dbmate@2.36.0 \
  @electric-sql/pglite@0.5.14 @electric-sql/pglite-socket@0.2.17
cat >server.mjs <<'JS'
import { PGlite } from '@electric-sql/pglite'
import { PGLiteSocketServer } from '@electric-sql/pglite-socket'
const db = await PGlite.create()
const server = new PGLiteSocketServer({ db, port: Number(process.argv[2]), host: '127.0.0.1', maxConnections: 5 })
await server.start()
console.log('ready')
JS
port=$(node -e "const s=require('net').createServer().listen(0,'127.0.0.1',()=>{console.log(s.address().port);s.close()})")
: >server.log
node server.mjs "$port" >server.log 2>&1 &
server=$!
until grep -q ready server.log; do sleep 0.2; done
export DATABASE_URL="postgresql://postgres@127.0.0.1:$port/postgres?sslmode=disable"

mkdir -p db/migrations
printf -- '-- migrate:up\ninsert into nowhere values (1);\n-- migrate:down\n' >db/migrations/20260101_a.sql
node_modules/.bin/dbmate --no-dump-schema up >out 2>&1 && code=0 || code=$?
cat out
echo "exit $code"
if [ "$code" != 0 ] && grep -q '^Applied' out; then exit 0; fi
echo 'a failed file is not called applied: the finding is out of date'
exit 1
