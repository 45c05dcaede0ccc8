#!/bin/sh
# node-pg-migrate 9.0.0; PostgreSQL is PGlite 0.5.14 behind @electric-sql/pglite-socket 0.2.17.
#
# Other tools (golang-migrate, sqlx) keep a migration as two files, 1_x.up.sql and 1_x.down.sql. Its documentation of SQL
# files shows one file with "-- Up Migration" and "-- Down Migration" in it. One would expect a folder in the other form to
# be refused, or `up` to leave files that end in .down.sql alone.
# Instead each file is a migration of its own, and by name the one that undoes runs first. It exits 0.
#
# Seen on 28 November 2026:
#   > Migrating files:
#   > - 1_guest.down
#   > - 1_guest.up
#   ### MIGRATION 1_guest.down (UP) ###
#   drop table if exists guest;
#   INSERT INTO "public"."pgmigrations" (name, run_on) VALUES ('1_guest.down', NOW());
#   ### MIGRATION 1_guest.up (UP) ###
#   create table guest (id int);
#   INSERT INTO "public"."pgmigrations" (name, run_on) VALUES ('1_guest.up', NOW());
#   Migrations complete!
#   exit 0
set -eu
at=$(mktemp -d)
server=
trap 'if [ -n "$server" ]; then kill "$server" 2>/dev/null || true; fi; rm -rf "$at"' EXIT
cd "$at"
npm install --silent --no-audit --no-fund --ignore-scripts node-pg-migrate@9.0.0 pg@8.23.1 \
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

mkdir migrations
echo 'create table guest (id int);' >migrations/1_guest.up.sql
echo 'drop table if exists guest;' >migrations/1_guest.down.sql
node_modules/.bin/node-pg-migrate up >out 2>&1 && code=0 || code=$?
grep -v '^;*$' out
echo "exit $code"
if [ "$code" = 0 ] && grep -q '1_guest.down' out; then exit 0; fi
echo 'the .down.sql file was not run: the finding is out of date'
exit 1
