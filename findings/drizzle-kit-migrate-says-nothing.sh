#!/bin/sh
# drizzle-kit 0.31.11; PostgreSQL is PGlite 0.5.14 behind @electric-sql/pglite-socket 0.2.17.
#
# `drizzle-kit migrate` applies the files of a folder. When a statement is refused, one would expect PostgreSQL's message
# on some stream.
# Instead it exits 1 and prints a spinner, nothing else: neither which file failed nor why.
#
# Seen on 28 November 2026:
#   No config path provided, using default 'drizzle.config.js'
#   Reading config file '/app/drizzle.config.js'
#   Using 'pg' driver for database querying
#   [⣷] applying migrations...[⣷] applying migrations...
#   exit 1
set -eu
at=$(mktemp -d)
server=
trap 'if [ -n "$server" ]; then kill "$server" 2>/dev/null || true; fi; rm -rf "$at"' EXIT
cd "$at"
npm install --silent --no-audit --no-fund --ignore-scripts drizzle-kit@0.31.11 drizzle-orm@0.45.4 pg@8.23.1 \
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

mkdir -p drizzle/meta
echo 'insert into nowhere values (1);' >drizzle/0000_a.sql
cat >drizzle/meta/_journal.json <<'JS'
{ "version": "7", "dialect": "postgresql", "entries": [{ "idx": 0, "version": "7", "when": 1, "tag": "0000_a", "breakpoints": true }] }
JS
echo "module.exports = { dialect: 'postgresql', out: './drizzle', dbCredentials: { url: process.env.DATABASE_URL } }" >drizzle.config.js
node_modules/.bin/drizzle-kit migrate >out 2>&1 </dev/null && code=0 || code=$?
sed "s,$at,/app,; s,\x1b[^mKG]*[mKG],,g" out
echo
echo "exit $code"
if [ "$code" = 1 ] && ! grep -q nowhere out; then exit 0; fi
echo 'it exits otherwise, or says why: the finding is out of date'
exit 1
