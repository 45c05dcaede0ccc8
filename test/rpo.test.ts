import assert from 'node:assert/strict'
import { chmod, mkdtemp, readdir, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { type Fixture, makeApp, serverJs, yaml } from './kit/app.ts'
import { backups, firstPoint, sql } from './kit/data.ts'
import { failureOf, good } from './kit/proof.ts'
import { makeServer, readPid, type Server } from './kit/server.ts'
import { ask } from './kit/visitors.ts'

const NAME = 't-rpo'
let server: Server
let app: Fixture
/** The second disk. */
let second: string
let data: string

const config = (rpo: boolean) =>
  yaml(
    NAME,
    `database: { postgres: true }
migrations: { tool: sql, folder: db }
backups: { where: { second: { folder: ${second}${rpo ? ', rpo: 0' : ''} } } }
`,
  )

before(async () => {
  second = await mkdtemp(join(tmpdir(), 'inn-disk-'))
  await chmod(second, 0o711)
  server = await makeServer({ backups: true })
  app = await makeApp(server, NAME, {
    'innkeeper.yaml': config(true),
    'server.js': serverJs('v1'),
    'db/001.sql': 'create table guest (id int primary key);\n',
  })
  good(await app.deploy())
  data = join(server.home, 'postgres', NAME, 'data')
  await firstPoint(server)
})

after(async () => {
  await server?.remove()
  await rm(second, { recursive: true, force: true })
})

/** As the app itself connects. */
async function asApp<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
  const { url } = await server.app(NAME, a => a.state === 'serving')
  const env = JSON.parse((await ask(`${url}/env`)).body) as Record<string, string>
  const client = new pg.Client({ connectionString: env['DATABASE_URL']! })
  client.on('error', () => {})
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end().catch(() => {})
  }
}

/** Commits one row after the other, and loses PostgreSQL in the middle: the last number whose commit was confirmed. */
const writeUntilLost = (from: number): Promise<number> =>
  asApp(async client => {
    let confirmed = from - 1
    const losing = sleep(700).then(async () => {
      const pid = await readPid(join(server.home, `sv/${NAME}.postgres/supervise/pid`))
      process.kill(pid!, 'SIGKILL')
      await rm(data, { recursive: true, force: true, maxRetries: 5 })
    })
    try {
      for (let id = from; ; id++) {
        await client.query('insert into guest values ($1)', [id])
        confirmed = id
      }
    } catch {
      // It is gone.
    }
    await losing
    return confirmed
  })

test('every commit that was confirmed comes back when the files of PostgreSQL are gone, again and again', async () => {
  let next = 1
  for (const time of ['first', 'second', 'third']) {
    const confirmed = await writeUntilLost(next)
    assert.ok(confirmed > next + 20, `${confirmed - next} commits are not enough to tell`)
    good(await server.inn(['recovery', 'database']))
    const [row] = await sql(server, 't_rpo', "select count(*) || ' ' || max(id) from guest")
    const [count, newest] = row!.split(' ').map(Number)
    assert.ok(newest! >= confirmed, `${time}: ${newest} came back of ${confirmed}`)
    assert.equal(count, newest, 'no row is missing in between')
    next = newest! + 1
  }
})

/** Whether commits wait for the second disk. */
const waits = async () => (await sql(server, 'postgres', 'show synchronous_standby_names'))[0] !== ''

/** The disk is there, and takes nothing: until `again` is called. */
async function away(): Promise<() => Promise<void>> {
  const received = join(second, 'received', NAME)
  const [folder] = (await readdir(received)).sort().reverse()
  const path = join(received, folder!)
  await chmod(path, 0o000)
  process.kill((await readPid(join(server.home, `sv/${NAME}.postgres-receiver/supervise/pid`)))!, 'SIGKILL')
  return () => chmod(path, 0o700)
}

test('without what was streamed no recovery begins: it may hold the last commits', async () => {
  const confirmed = await writeUntilLost(100_000)
  await rename(join(second, 'received'), join(second, 'moved'))
  failureOf(await server.inn(['recovery', 'database']), 'recover.received')
  await rename(join(second, 'moved'), join(second, 'received'))
  good(await server.inn(['recovery', 'database']))
  const [newest] = await sql(server, 't_rpo', 'select max(id) from guest')
  assert.ok(Number(newest) >= confirmed, `${newest} came back of ${confirmed}`)
})

test('while the place takes nothing a commit waits, it is said, and the keeper goes on', async () => {
  const again = await away()
  await asApp(async client => {
    let done = false
    const waiting = client.query('insert into guest values (0)').then(() => (done = true))
    const told = /no commit of t-rpo is done until second/
    const seen = await backups(server, s => s.alarms.some(a => told.test(a.what)))
    assert.ok(
      seen.alarms.some(a => told.test(a.what)),
      JSON.stringify(seen.alarms),
    )
    assert.ok(!done, 'it was confirmed, and is at one place alone')
    assert.deepEqual(await sql(server, 't_rpo', 'create table keeper_writes (); select 1'), [])
    await again()
    await waiting
  })
  const after = await backups(server, s => !s.alarms.some(a => a.code === 'backup.stream'))
  assert.deepEqual(
    after.alarms.filter(a => a.code === 'backup.stream'),
    [],
  )
})

test('a deploy that does not ask for it and fails leaves it as the serving release wants it', async () => {
  await app.write({ 'innkeeper.yaml': config(false), 'server.js': 'process.exit(1)' })
  assert.equal((await app.deploy()).json.outcome, 'undone')
  assert.ok(await waits())
})

test('a deploy without it ends it, also while the place is away; a rollback brings it back', async () => {
  const again = await away()
  await app.write({ 'innkeeper.yaml': config(false), 'server.js': serverJs('v2'), 'db/002.sql': 'select 1;' })
  good(await app.deploy())
  await asApp(client => client.query('insert into guest values (-1)'))
  assert.ok(!(await waits()))
  await assert.rejects(readdir(join(second, 'received', NAME)), 'what was streamed is not left in plain')
  await again().catch(() => {}) // Its folder went with the rest.
  good(await server.inn(['rollback', NAME]))
  assert.ok(await waits())
  await asApp(client => client.query('insert into guest values (-2)'))
})

test('a deploy of one service that adds it holds, although an older release serves the others', async () => {
  const two = (rpo: boolean) =>
    config(rpo).replace(
      'watch: 0',
      '  page: { start: node server.js }\nroutes: { /: web, /page: page }\nwatch: 0',
    )
  await app.write({ 'innkeeper.yaml': two(false) })
  good(await app.deploy())
  assert.ok(!(await waits()))
  await app.write({ 'innkeeper.yaml': two(true) })
  good(await app.deploy(['--only', 'page']))
  // Longer than the keeper takes to compare what is with what is asked for, twice.
  for (const end = Date.now() + 12_000; Date.now() < end; await sleep(500))
    assert.ok(await waits(), 'it was turned off again')
})
