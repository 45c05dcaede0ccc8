#!/bin/sh
# Knex 3.3.0; PostgreSQL is PGlite 0.5.14 behind @electric-sql/pglite-socket 0.2.17.
#
# Knex runs each migration in a transaction, unless the migration says `config = { transaction: false }`. One would expect
# that setting to be about that one migration: when the process is killed, earlier ones of the same run are all there or
# none, and the lock is gone, as it is without that migration.
# Instead one such migration among the pending ones takes the whole run out of the transaction that also holds the lock:
# after a kill the earlier ones stay, and so does the lock. From then on each run fails as "already locked".
#
# Seen on 28 November 2026:
#   killed, each in a transaction:
#   table one: false, recorded: nothing, locked: 0
#   killed, the second without a transaction:
#   table one: true, recorded: 1_one.js, locked: 1
#   Can't take lock to run migrations: Migration table is already locked
#   exit 1
set -eu
at=$(mktemp -d)
server=
trap 'if [ -n "$server" ]; then kill "$server" 2>/dev/null || true; fi; rm -rf "$at"' EXIT
cd "$at"
npm install --silent --no-audit --no-fund --ignore-scripts knex@3.3.0 pg@8.23.1 \
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
echo "module.exports = { client: 'pg', connection: process.env.DATABASE_URL, pool: { min: 0, max: 1 } }" >knexfile.js
echo "exports.up = knex => knex.schema.createTable('one', t => t.increments()); exports.down = () => {}" >migrations/1_one.js
slow="exports.up = async () => { console.log('slow'); await new Promise(done => setTimeout(done, 60_000)) }; exports.down = () => {}"
cut() {
  : >out
  node node_modules/knex/bin/cli.js migrate:latest >out 2>&1 &
  run=$!
  until grep -q slow out; do sleep 0.2; done
  kill -9 "$run"
  wait "$run" 2>/dev/null || true
  sleep 1
  cat >look.js <<'JS'
const { Client } = require('pg')
const client = new Client({ connectionString: process.env.DATABASE_URL })
const rows = async sql => (await client.query(sql)).rows
client.connect().then(async () => {
  const [{ there }] = await rows("select to_regclass('one') is not null as there")
  const names = (await rows('select name from knex_migrations')).map(row => row.name)
  const [lock] = await rows('select is_locked from knex_migrations_lock')
  console.log(`table one: ${there}, recorded: ${names.join(' ') || 'nothing'}, locked: ${lock?.is_locked}`)
  await client.end()
})
JS
  node look.js
}
echo "$slow" >migrations/2_slow.js
echo 'killed, each in a transaction:'
cut
echo "$slow; exports.config = { transaction: false }" >migrations/2_slow.js
echo 'killed, the second without a transaction:'
cut >seen
cat seen
node_modules/.bin/knex migrate:latest >out 2>&1 && code=0 || code=$?
grep -m 1 'already locked' out || true
echo "exit $code"
if grep -q 'recorded: 1_one.js, locked: 1' seen; then exit 0; fi
echo 'the earlier migration or the lock did not stay: the finding is out of date'
exit 1
