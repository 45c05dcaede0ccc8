import assert from 'node:assert/strict'
import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { createServer, type Server as Listener } from 'node:net'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, before, test } from 'node:test'
import { secretStore } from '../server/src/apps/app/secrets.ts'
import { PASSWORDS } from '../server/src/apps/databases/access.ts'
import type { Drill } from '../server/src/data/drills/wire.ts'
import { openStore } from '../server/src/db/db.ts'
import { ageCipher } from '../server/src/drivers/age/age.ts'
import { freePartPort } from '../server/src/drivers/host/ports.ts'
import { type Fixture, makeApp, workerJs, yaml } from './kit/app.ts'
import { firstPoint, sql } from './kit/data.ts'
import { underWay } from './kit/runs.ts'
import { makeServer, type Server } from './kit/server.ts'

const NAME = 't-drill'
const PG = join(import.meta.dirname, '../node_modules/pg')
const ROWS = 500

/** Knocks at a door of the host, writes into its database and its folder when it starts, and is ready after that; a file makes it insist on the door. */
const app = (door: number): string => `
const { connect } = require('node:net')
const { Client } = require(${JSON.stringify(PG)})
const { existsSync, writeFileSync } = require('node:fs')
const knock = new Promise(done => {
  connect(${door}, '127.0.0.1', () => done(true)).on('error', () => done(false))
})
const redis = () => new Promise((done, failed) => {
  const { port, hostname, password } = new URL(process.env.REDIS_URL)
  const socket = connect(port, hostname, () => socket.write('AUTH ' + password + '\\r\\n'))
  socket.on('error', failed).on('data', text => done(void socket.destroy()))
})
async function start() {
  if (!(await knock) && existsSync('uploads/insist')) throw new Error('the payment service cannot be reached')
  const client = new Client(process.env.DATABASE_URL)
  await client.connect()
  await client.query("insert into started (release) values ('" + process.env.INNKEEPER_RELEASE + "')")
  await redis()
  writeFileSync('uploads/started-' + process.pid, '')
  require('node:http').createServer(async (_, response) => {
    const { rows } = await client.query('select count(*)::int as n from guest')
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ ready: rows[0].n === ${ROWS} }))
  }).listen(process.env.PORT, '127.0.0.1')
}
start().catch(error => { console.error(error); process.exit(1) })
process.on('SIGTERM', () => process.exit(0))
`

const SQL = `create table guest (id serial primary key, name text not null);
insert into guest (name) select 'guest ' || n from generate_series(1, ${ROWS}) n;
create table started (id serial primary key, release text not null);
`
const YAML = `${yaml(NAME, '', '    persist: [uploads]\n').replace('watch: 0', '  jobs: { start: node jobs.js, worker: true, stopGrace: 2s }\nwatch: 0')}
database: { postgres: true }
migrations: { tool: sql, folder: db }
redis: true
backups:
  files: false
  redis: false
  drill: { queries: [{ sql: select count(*) from guest, expect: ${ROWS} }, { sql: select current_user, expect: t_drill_app }] }
`

let server: Server
let fixture: Fixture
let door: Listener
let port: number
let knocks = 0
let first: string

before(async () => {
  port = await freePartPort()
  door = createServer(() => void knocks++).listen(port, '127.0.0.1')
  server = await makeServer({ backups: true })
  fixture = await makeApp(server, NAME, {
    'innkeeper.yaml': YAML,
    'server.js': app(port),
    'jobs.js': workerJs,
    'db/001.sql': SQL,
    'uploads/menu': 'soup',
  })
  const done = await fixture.deploy()
  assert.equal(done.json.outcome, 'done', done.text)
  assert.equal(knocks, 1, 'the live app finds the door')
  const { points } = await firstPoint(server)
  first = points.find(point => point.state === 'good')!.name
})

after(async () => {
  door?.close()
  await server?.remove()
})

/** Rehearses, and gives the report with how the run ended. */
async function drill(...args: string[]): Promise<{ outcome: string; report: Drill; failure: string }> {
  const ended = await server.inn(['drill', 'now', NAME, ...args])
  const [report] = (await server.inn(['drill', 'list'])).json as unknown as Drill[]
  assert.deepEqual(await readdir(join(server.home, 'postgres/copy', NAME)), [], 'the copy is gone')
  return { outcome: String(ended.json.outcome), report: report!, failure: ended.json.failure?.why ?? '' }
}

/** `+` proven, `!` failed, `-` neither. */
const ladder = ({ levels }: Drill): string =>
  levels.map(({ state }) => ({ proven: '+', failed: '!', skipped: '-' })[state]).join('')

const live = async () => ({
  started: await sql(server, 't_drill', 'select release from started'),
  uploads: (await readdir(join(server.home, 'apps', NAME, 'shared/uploads'))).sort(),
})

test('a drill proves what there is to restore from, measures it, and touches nothing that is real', async () => {
  const before = await live()
  const knocked = knocks
  const { outcome, report } = await drill()
  assert.equal(outcome, 'done', JSON.stringify(report))
  assert.equal(ladder(report), '+++++++', JSON.stringify(report.levels))
  assert.equal(report.point, first)
  assert.match(report.levels[5]!.detail, /web healthy after .*2 of its queries answered/)
  assert.ok(report.rtoMs! >= report.levels[2]!.ms! && report.rtoMs! < 60_000, `RTO ${report.rtoMs}`)
  assert.ok(report.rpoMs! >= 0 && report.rpoMs! < 20_000, `RPO ${report.rpoMs}`)
  assert.match(report.unproven.join('\n'), /jobs works: it was not started/)
  assert.equal(knocks, knocked, 'the app on the copy tried, and reached nobody')
  assert.deepEqual(await live(), before, 'what it wrote when it started is nowhere')
  assert.ok(!(await server.status()).alarms.some(alarm => alarm.code.startsWith('drill.')))
})

test('one flipped bit in a stored file is found before anything is restored', async () => {
  const at = join(server.home, 'backups/pgbackrest/backup', NAME)
  const names = (await readdir(at, { recursive: true })).filter(name => name.endsWith('.zst'))
  const files = await Promise.all(
    names.map(async name => ({ name, size: (await stat(join(at, name))).size })),
  )
  const path = join(at, files.sort((a, b) => b.size - a.size)[0]!.name)
  const whole = await readFile(path)
  const broken = Buffer.from(whole)
  broken[whole.length >> 1]! ^= 4
  await writeFile(path, broken)
  try {
    const { outcome, report, failure } = await drill('--point', first)
    assert.equal(outcome, 'undone')
    assert.equal(ladder(report), '+!-----', JSON.stringify(report.levels))
    assert.match(failure, /status: invalid, total files checked: (\d+)/)
    assert.equal(report.rtoMs, null)
    const alarm = (await server.status()).alarms.find(a => a.code === 'drill.failed')
    assert.match(alarm?.what ?? '', /t-drill failed: L1/)
  } finally {
    await writeFile(path, whole)
  }
})

test('a copy with other rows than were counted at the backup is not proven', async () => {
  const store = new DatabaseSync(join(server.home, 'keeper.db'), { timeout: 5_000 })
  store.exec('pragma busy_timeout = 5000')
  const { manifest } = store.prepare('select manifest from point where name = ?').get(first) as {
    manifest: string
  }
  const put = store.prepare('update point set manifest = ? where name = ?')
  const counted = JSON.parse(manifest) as { t_drill: { tables: Record<string, { rows: number }> } }
  counted.t_drill.tables['public.guest']!.rows += 1
  put.run(JSON.stringify(counted), first)
  try {
    const { outcome, report, failure } = await drill('--point', first)
    assert.equal(outcome, 'undone')
    assert.equal(ladder(report), '++++!--', JSON.stringify(report.levels))
    assert.match(failure, /public\.guest has 500 rows instead of 501/)
  } finally {
    put.run(manifest, first)
    store.close()
  }
})

test('a deploy does not wait for a drill: it gives way, and leaves nothing', async () => {
  const going = server.inn(['drill', 'now', NAME])
  await underWay(server, NAME, 'drill')
  const deployed = await fixture.deploy()
  assert.equal(deployed.json.outcome, 'done', deployed.text)
  assert.equal((await going).json.failure?.code, 'run.cancelled')
  const [newest] = (await server.inn(['drill', 'list'])).json as unknown as Drill[]
  assert.equal(newest!.state, 'cancelled')
  assert.deepEqual(await readdir(join(server.home, 'postgres/copy', NAME)), [])
})

test('a release that does not start on the copy is not proven, and says why', async () => {
  const insists = join(server.home, 'apps', NAME, 'shared/uploads/insist')
  await writeFile(insists, '')
  try {
    const { outcome, report, failure } = await drill('--point', first)
    assert.equal(outcome, 'undone')
    assert.equal(ladder(report), '+++++!-', JSON.stringify(report.levels))
    assert.match(failure, /payment service cannot be reached/)
  } finally {
    await rm(insists)
  }
})

test('an index that PostgreSQL does not use is found', async () => {
  const valid = (yes: boolean) =>
    sql(
      server,
      't_drill',
      `update pg_index set indisvalid = ${yes} where indexrelid = 'guest_pkey'::regclass`,
    )
  await valid(false)
  try {
    const kept = await server.inn(['backup', 'now'])
    assert.equal(kept.json.outcome, 'done', kept.text)
    const { outcome, report, failure } = await drill()
    assert.equal(outcome, 'undone')
    assert.equal(ladder(report), '+++!---', JSON.stringify(report.levels))
    assert.match(failure, /the index public\.guest_pkey of public\.guest is not valid/)
  } finally {
    await valid(true)
  }
})

test('an app and a point that are not there are told of', async () => {
  const unknown = await server.inn(['drill', 'now', NAME, '--point', 'never'])
  assert.equal(unknown.json.failure?.code, 'point.unknown')
  const nobody = await server.inn(['drill', 'now', 't-nobody'])
  assert.equal(nobody.json.failure?.code, 'app.unknown')
  const planned = await server.inn(['drill', 'now', NAME, '--plan'])
  assert.match(planned.text, /cut off from every network/)
})

test('what the recovery kit alone finds has to open the copy: another password in the keeper is found', async () => {
  const before = await server.inn(['backup', 'now'])
  assert.equal(before.json.outcome, 'done', before.text)
  const [point] = (await firstPoint(server)).points
  await sql(server, 'postgres', `alter role t_drill_owner password 'set by hand'`)
  const store = openStore(join(server.home, 'keeper.db'), ageCipher(join(server.home, 'keeper.key')))
  await secretStore(store, Date.now).keepSecrets(NAME, { [PASSWORDS.owner]: 'set by hand' })
  await store.close()
  const kept = await server.inn(['backup', 'now'])
  assert.equal(kept.json.outcome, 'done', kept.text)
  const { outcome, report, failure } = await drill('--point', point!.name)
  assert.equal(outcome, 'undone')
  assert.equal(ladder(report), '++++++!', JSON.stringify(report.levels))
  assert.match(failure, /a password of t_drill_owner that is right/)
})
