import assert from 'node:assert/strict'
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { exec } from '../server/src/drivers/host/exec.ts'
import { request } from '../server/src/drivers/host/http.ts'
import type { Activity } from '../server/src/watch/activity/wire.ts'
import { type Fixture, makeApp, yaml } from './kit/app.ts'
import { firstPoint, moment, sql } from './kit/data.ts'
import { good, portOf } from './kit/proof.ts'
import { makeServer, readPid, type Server } from './kit/server.ts'
import { did, follow, type Person } from './kit/walks.ts'

/** Each runbook that comes with Innkeeper, walked to its end while the fault that it is for is really there. */

const NAME = 't-fault'
const DB = 't_fault'
const FILE = yaml(
  NAME,
  `database: { postgres: true }
redis: true
migrations: { tool: sql, folder: db }
env:
  TOKEN: { generate: 32 }
`,
  `    memory: 200MB
  bot:
    worker: true
    start: node bot.js
`,
)
const PG = join(import.meta.dirname, '../node_modules/pg')

/** Faults that somebody asks for by a path. They go with the process. */
const SERVER = (version: string) => `
const http = require('node:http')
const { Pool } = require(${JSON.stringify(PG)})
const pool = new Pool({ connectionString: process.env.DATABASE_URL, max: 60 })
pool.on('error', () => {})
pool.on('connect', client => client.on('error', () => {}))
let broken = false
const held = []
http.createServer(async (request, response) => {
  const { url } = request
  const say = (status, text) => { response.statusCode = status; response.end(text) }
  try {
    if (url === '/health') return say(200, JSON.stringify({ ready: true }))
    if (url === '/freeze') { say(200, ''); return setTimeout(() => { for (;;); }, 50) }
    if (url === '/break') { broken = true; return say(200, '') }
    if (url === '/fill') { held.push(Buffer.alloc(60e6, 1)); return say(200, '') }
    if (url === '/hold') { const client = await pool.connect(); await client.query('begin'); await client.query('lock table guest'); return say(200, '') }
    if (url === '/connect') { for (let n = 0; n < 40; n++) (await pool.connect()); return say(200, '') }
    if (url === '/guests') return say(200, (await pool.query('select count(*) from guest')).rows[0].count)
    say(broken || ${JSON.stringify(version)} === 'bad' ? 500 : 200, ${JSON.stringify(version)})
  } catch (error) { say(500, error.message) }
}).listen(Number(process.env.PORT), '127.0.0.1')
`

let server: Server
let app: Fixture
let disk: string
let mounted = false

before(async () => {
  disk = await mkdtemp(join(tmpdir(), 'inn-runbook-'))
  const mount = ['mount', '-t', 'tmpfs', '-o', 'size=3g,mode=711', 'tmpfs', disk]
  mounted = (await exec({ argv: mount, timeoutMs: 10_000 })).code === 0
  server = await makeServer({ at: disk, backups: true })
  app = await makeApp(server, NAME, {
    'innkeeper.yaml': FILE,
    'server.js': SERVER('v1'),
    'bot.js': `console.log('the bot listens'); setInterval(() => {}, 1000)`,
    'db/001.sql': `create table guest (id serial primary key, name text);
      insert into guest (name) select md5(n::text) from generate_series(1, 100) n;`,
  })
  good(await app.deploy())
  await firstPoint(server)
})
after(async () => {
  await server?.remove()
  if (mounted) await exec({ argv: ['umount', '-l', disk], timeoutMs: 10_000 })
  await rm(disk, { recursive: true, force: true })
})

const ask = (path: string) =>
  request({ host: '127.0.0.1', port: portOf(server, NAME), path, timeoutMs: 10_000 }).catch(() => ({
    ...{ status: 0, body: Buffer.from('') },
  }))
const statusAt = async (path: string) => (await ask(path)).status
const walked = (runbook: string, person: Person, of: string | null = NAME) =>
  follow(server.client, { runbook, app: of }, person)

async function until(what: string, is: () => Promise<boolean>, withinMs = 60_000): Promise<void> {
  for (const end = Date.now() + withinMs; Date.now() < end; await sleep(200)) if (await is()) return
  assert.fail(`never: ${what}`)
}
const serving = () => until('it answers', async () => (await statusAt('/')) === 200)
const activity = () => server.client.get<Activity>(`/api/apps/${NAME}/sessions`)

test('service down: an instance that hangs is replaced', async () => {
  await ask('/freeze')
  await until('it hangs', async () => (await statusAt('/')) !== 200)
  const walk = await walked('service-down', { yes: ['Are the processes there'] })
  assert.deepEqual(did(walk), [`inn restart ${NAME}`])
  await serving()
})

test('bad deploy: the release before serves again', async () => {
  await app.write({ 'server.js': SERVER('bad') })
  good(await app.deploy())
  assert.equal(await statusAt('/'), 500)
  const walk = await walked('bad-deploy', { yes: ['Back to the release'] })
  assert.deepEqual(did(walk), [`inn rollback ${NAME}`])
  assert.equal(await statusAt('/'), 200)
  await app.write({ 'server.js': SERVER('v1') })
})

test('error rate: the instance that fails is replaced', async () => {
  await ask('/break')
  assert.equal(await statusAt('/'), 500)
  assert.deepEqual(did(await walked('error-rate', { yes: ['Is it one instance'] })), [`inn restart ${NAME}`])
  assert.equal(await statusAt('/'), 200)
})

test('high memory: what leaked is given back', async () => {
  const rss = async () => (await server.app(NAME)).services[0]!.instances[0]!.rssBytes ?? 0
  await ask('/fill')
  await until('it grew', async () => (await rss()) > 100e6)
  assert.deepEqual(did(await walked('high-memory', { yes: ['Has it grown slowly'] })), [
    `inn restart ${NAME}`,
  ])
  await until('it is small again', async () => (await rss()) < 100e6)
})

test('slow answers: more instances take them', async () => {
  const values = { service: 'web', instances: '2' }
  const walk = await walked('slow-answers', { yes: ['Are the processors busy'], values })
  assert.deepEqual(did(walk), [`inn scale web=2 --app ${NAME}`])
  assert.equal((await server.app(NAME)).services[0]!.instances.filter(one => one.role === 'live').length, 2)
})

test('sockets: one instance reaches all of them', async () => {
  const walk = await walked('sockets', { yes: ['Do some of several'], values: { service: 'web' } })
  assert.deepEqual(did(walk), [`inn scale web=1 --app ${NAME}`])
})

test('bot silent: a bot that hangs is started afresh', async () => {
  const bot = async () =>
    (await server.app(NAME)).services.find(one => one.name === 'bot')!.instances[0]!.pid!
  const pid = await bot()
  process.kill(pid, 'SIGSTOP')
  const walk = await walked('bot-silent', { yes: ['Is it there, and does nothing'] })
  assert.deepEqual(did(walk), [`inn restart ${NAME}`])
  await until('another one runs', async () => (await bot()) !== pid)
})

test('database locked: the session that holds all others up is ended', async () => {
  await ask('/hold')
  await until('somebody waits', async () => {
    void ask('/guests')
    return (await activity()).locks.length > 1
  })
  const pid = String((await activity()).locks.find(one => one.depth === 0)!.pid)
  const walk = await walked('database-locked', { yes: ['May the session'], values: { pid } })
  assert.deepEqual(did(walk), [`inn db kill ${pid} --app ${NAME}`])
  await until('nobody waits', async () => (await activity()).locks.length === 0)
})

test('connections exhausted: those that do nothing are given back', async () => {
  const sessions = async () => (await activity()).sessions.length
  await serving()
  await ask('/connect')
  await until('they are taken', async () => (await sessions()) >= 40)
  const walk = await walked('connections-exhausted', { yes: ['Do most of them do nothing'] })
  assert.deepEqual(did(walk), [`inn stop ${NAME}`, `inn start ${NAME}`])
  await until('they are free', async () => (await sessions()) < 10)
})

test('database down: it comes back, and the app with it', async () => {
  const [pid] = await sql(
    server,
    DB,
    'select pid from pg_stat_activity where backend_type = $$checkpointer$$',
  )
  process.kill(Number(pid), 'SIGKILL')
  const walk = await walked('database-down', { yes: ['Does it answer again'] })
  assert.deepEqual(did(walk), [`inn restart ${NAME}`])
  await until('it reads', async () => (await statusAt('/guests')) === 200)
})

test('redis down: it comes back, and the app with it', async () => {
  process.kill((await readPid(join(server.home, 'sv', `${NAME}.redis`, 'supervise/pid')))!, 'SIGKILL')
  const walk = await walked('redis-down', { yes: ['Does it answer again, and does the app not'] })
  assert.deepEqual(did(walk), [`inn restart ${NAME}`])
  const parts = (await server.status()).parts.filter(({ name }) => /redis/.test(name))
  assert.ok(
    parts.every(({ state }) => state === 'up'),
    JSON.stringify(parts),
  )
})

test('messages failing: what waited arrives when its channel answers again', async () => {
  const got: string[] = []
  const hook = createServer((asked, answer) => {
    got.push(asked.url!)
    answer.end()
  })
  await new Promise<void>(resolve => hook.listen(0, '127.0.0.1', resolve))
  const { port } = hook.address() as AddressInfo
  await new Promise(resolve => hook.close(resolve))
  const secret = join(disk, 'channel.env')
  await writeFile(secret, 'WEBHOOK_SECRET=of-the-hook\n')
  const to = ['--webhook', `http://127.0.0.1:${port}/hook`, '--env-file', secret]
  const added = await server.inn(['notify', 'add', 'ops', ...to])
  assert.equal(added.code, 0, added.text)
  const again = async () => {
    if (!hook.listening) await new Promise<void>(resolve => hook.listen(port, '127.0.0.1', resolve))
  }
  try {
    const walk = await walked(
      'messages-failing',
      {
        yes: ['Was it mended'],
        values: { channel: 'ops' },
        before: item => (/mended/.test(item.text) ? again() : Promise.resolve()),
      },
      null,
    )
    assert.deepEqual(did(walk), ['inn notify test ops'])
    await until('nothing waits', async () => {
      const channels = await server.client.get<Array<{ waiting: number }>>('/api/channels')
      return got.length > 0 && channels.every(one => one.waiting === 0)
    })
  } finally {
    await server.inn(['notify', 'remove', 'ops'])
    hook.close()
  }
})

test('data loss: rows that were deleted are there again, and the app serves', async () => {
  const then = await moment(server, NAME)
  await sql(server, DB, 'delete from guest')
  assert.equal((await ask('/guests')).body.toString(), '0')
  const yes = ['Does something go on', 'Is all of it to be', 'Is the app still stopped']
  const walk = await walked('data-loss', { yes, values: { moment: then } })
  assert.deepEqual(did(walk), [
    `inn stop ${NAME}`,
    `inn restore ${NAME} --to ${then} --database`,
    `inn start ${NAME}`,
    `inn backup now ${NAME}`,
  ])
  assert.equal((await ask('/guests')).body.toString(), '100')
})

test('security incident: the token is gone, the secret is another one, and all of it stands in the incident', async () => {
  const made = await server.inn(['token', 'add', 'leaked', '--role', 'operator'])
  assert.equal(made.code, 0, made.text)
  const secret = async () =>
    JSON.parse((await server.inn(['secrets', 'get', 'TOKEN', NAME])).text) as { value: string }
  const before = await secret()
  const values = { token: 'leaked', secret: 'TOKEN' }
  const yes = ['Is there a token', 'May secrets']
  const walk = await walked('security-incident', { yes, values })
  assert.equal(did(walk).length, 4, did(walk).join('\n'))
  assert.notDeepEqual(await secret(), before)
  const tokens = await server.inn(['token', 'list'])
  assert.doesNotMatch(tokens.text, /leaked/)
})

test('emergency shutdown: visitors get the page, nothing runs, and all comes back', async () => {
  const values = { duration: '1h', text: 'The price was wrong.' }
  const yes = ['Must visitors know', 'Must its processes end', 'Back again']
  const seen: number[] = []
  const before = async (item: { text: string }) => {
    if (item.text.startsWith('Back again')) seen.push(await statusAt('/'))
  }
  const walk = await walked('emergency-shutdown', { yes, values, before })
  assert.equal(did(walk).length, 4, did(walk).join('\n'))
  assert.deepEqual(seen, [503])
  const [window] = await server.client.get<Array<{ id: number }>>('/api/maintenance')
  await server.inn(['maintenance', 'end', String(window!.id)])
  await serving()
})

test('disk full: room is made, and everything writes again', async t => {
  if (!mounted) return t.skip('no file system can be mounted here')
  const filler = join(disk, 'filler')
  const full = async () =>
    (await server.client.get<{ alarms: Array<{ code: string }> }>('/api/status')).alarms.some(
      one => one.code === 'disk.full',
    )
  const file = await open(filler, 'w')
  const { stdout } = await exec({ argv: ['df', '--output=avail', '-B1', disk], timeoutMs: 5_000 })
  await exec({
    argv: ['fallocate', '-l', String(Number(stdout.split('\n')[1]) - 20e6), filler],
    timeoutMs: 10_000,
  })
  await file.close()
  await until('it is told', full)
  await walked(
    'disk-full',
    {
      yes: ['Is it something outside', 'Does everything write'],
      before: item => (item.text.startsWith('Is it something outside') ? rm(filler) : Promise.resolve()),
    },
    null,
  )
  await until('it is over', async () => !(await full()))
  good(await server.inn(['restart', NAME]))
})
