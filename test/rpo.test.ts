import assert from 'node:assert/strict'
import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { type Fixture, makeApp, serverJs, yaml } from './kit/app.ts'
import { backups, firstPoint, sql } from './kit/data.ts'
import { type Ended, makeServer, readPid, type Server } from './kit/server.ts'
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
  server = await makeServer()
  app = await makeApp(server, NAME, {
    'innkeeper.yaml': config(true),
    'server.js': serverJs('v1'),
    'db/001.sql': 'create table guest (id int primary key);\n',
  })
  good(await app.deploy())
  const major = (await readdir(join(server.home, 'postgres'))).find(name => /^\d+$/.test(name))!
  data = join(server.home, 'postgres', major)
  await firstPoint(server)
})

after(async () => {
  await server?.remove()
  await rm(second, { recursive: true, force: true })
})

function good(ended: Ended): void {
  assert.equal(ended.json.outcome, 'done', ended.text)
}

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
      const pid = await readPid(join(server.home, 'sv/postgres/supervise/pid'))
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

test('while the place takes nothing a commit of the app waits, it is said, and the keeper goes on', async () => {
  const unhappy = join(server.home, 'sv/postgres-receiver/supervise/pid')
  const [folder] = (await readdir(join(second, 'received'))).sort().reverse()
  await chmod(join(second, 'received', folder!), 0o000)
  process.kill((await readPid(unhappy))!, 'SIGKILL')
  await asApp(async client => {
    let done = false
    const waiting = client.query('insert into guest values (0)').then(() => (done = true))
    const seen = await backups(server, s => s.alarms.some(a => a.code === 'backup.stream'))
    assert.match(seen.alarms.find(a => a.code === 'backup.stream')!.what, /second .* t-rpo/)
    assert.ok(!done, 'it was confirmed, and is at one place alone')
    assert.deepEqual(await sql(server, 't_rpo', 'create table keeper_writes (); select 1'), [])
    await chmod(join(second, 'received', folder!), 0o700)
    await waiting
  })
  const after = await backups(server, s => !s.alarms.some(a => a.code === 'backup.stream'))
  assert.deepEqual(
    after.alarms.filter(a => a.code === 'backup.stream'),
    [],
  )
})

test('a deploy without it ends it, also while the place is away', async () => {
  const [folder] = (await readdir(join(second, 'received'))).sort().reverse()
  await chmod(join(second, 'received', folder!), 0o000)
  process.kill((await readPid(join(server.home, 'sv/postgres-receiver/supervise/pid')))!, 'SIGKILL')
  await app.write({ 'innkeeper.yaml': config(false), 'server.js': serverJs('v2'), 'db/002.sql': 'select 1;' })
  good(await app.deploy())
  await asApp(client => client.query('insert into guest values (-1)'))
})
