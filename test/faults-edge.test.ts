import assert from 'node:assert/strict'
import { appendFile, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { ageCipher } from '../server/src/drivers/age/age.ts'
import { runit } from '../server/src/drivers/runit/runit.ts'
import { treePid, wakeTree } from '../server/src/drivers/runit/runsvdir.ts'
import type { Supervisor } from '../server/src/servers/supervisor/supervisor.ts'
import { type Fixture, makeApp, serverJs, yaml } from './kit/app.ts'
import { kill } from './kit/processes.ts'
import { failureOf, type Proof, prove } from './kit/proof.ts'
import { underWay } from './kit/runs.ts'
import { makeServer, type Server } from './kit/server.ts'

const NAME = 't-edge'
const DATABASE = 'database: { postgres: true }\nmigrations: { tool: sql, folder: db }\n'
const plain = yaml(NAME, `${DATABASE}domains: [shop.example]\n`)
/** /health says whether the database is there; the front page does not need it. */
const needsDatabase = (version: string): string =>
  serverJs(version).replace(
    "if (request.url === '/pid')",
    `if (request.url === '/health') {
    const socket = require('node:net').connect(Number(new URL(process.env.DATABASE_URL).port), '127.0.0.1')
    socket.on('connect', () => { socket.destroy(); response.end('{"ready":true}') })
    socket.on('error', () => response.end('{"ready":false}'))
    return
  }
  if (request.url === '/pid')`,
  )

let server: Server
let app: Fixture
let proof: Proof
let supervisor: Supervisor

before(async () => {
  server = await makeServer({ http: true })
  supervisor = runit({
    services: join(server.home, 'sv'),
    watched: join(server.home, 'service'),
    wake: async () => wakeTree(await treePid(server.home)),
    cipher: ageCipher(join(server.home, 'keeper.key')),
  })
  app = await makeApp(server, NAME, {
    'innkeeper.yaml': plain,
    'server.js': needsDatabase('v1'),
    'db/001.sql': 'create table a (id int);\n',
  })
  proof = await prove(server, app)
})

after(async () => {
  await proof?.visitors.leave()
  await server?.remove()
})

async function bad(code: string, config: string) {
  await app.write({ 'innkeeper.yaml': config })
  return proof.harmless(code, () => app.deploy()).finally(() => app.write({ 'innkeeper.yaml': plain }))
}

test('a bound that nginx cannot hold', async () => {
  const failure = await bad('edge.refused', `${plain}maxBody: 9000000000GB\n`)
  assert.match(failure.why, /client_max_body_size/)
})

test('the longest domain that there can be', async () => {
  const domain = `${'a'.repeat(61)}.${'b'.repeat(61)}.${'c'.repeat(61)}.${'d'.repeat(59)}.example`
  await app.write({ 'innkeeper.yaml': plain.replace('shop.example', domain) })
  const ended = await app.deploy()
  await app.write({ 'innkeeper.yaml': plain })
  assert.equal(ended.json.outcome, 'done', ended.text)
  await proof.recovers()
})

test('a domain of another app', async () => {
  const thief = await makeApp(server, 't-thief', {
    'innkeeper.yaml': yaml('t-thief', 'domains: [SHOP.example]\n'),
    'server.js': serverJs('thief'),
  })
  const failure = await proof.harmless('edge.refused', () => thief.deploy())
  assert.match(failure.why, /shop\.example belongs to t-edge and to t-thief/)
})

test('after all of these, the next good deploy works', () => proof.recovers())

const POSTGRES = `${NAME}.postgres`
const part = async (name: string) => (await server.status()).parts.find(p => p.name === name)!

test('PostgreSQL stopped at rest: status says so, and the next deploy starts it', async () => {
  await supervisor.stop(POSTGRES)
  const status = await server.app(NAME, a => a.state !== 'serving')
  assert.notEqual(status.state, 'serving')
  assert.match(status.reason!, /web/)
  assert.notEqual((await part(POSTGRES)).state, 'up')
  assert.deepEqual(proof.visitors.seen.failures, [])
  await proof.recovers()
  assert.equal((await part(POSTGRES)).state, 'up')
})

test('PostgreSQL that waits for its clients to leave takes no new ones: status says so', async () => {
  const { pid } = await part(POSTGRES)
  const port = Number(await readFile(join(server.home, 'postgres', NAME, 'port'), 'utf8'))
  const password = (await readFile(join(server.home, 'postgres', NAME, 'password'), 'utf8')).trim()
  const client = new pg.Client({ host: '127.0.0.1', port, user: 'innkeeper', password, database: 'postgres' })
  client.on('error', () => {}) // It is ended below.
  await client.connect()
  process.kill(pid!, 'SIGTERM')
  for (const end = Date.now() + 5_000; (await part(POSTGRES)).state === 'up' && Date.now() < end; )
    await sleep(50)
  assert.equal((await part(POSTGRES)).state, 'down')
  await client.end()
  for (const end = Date.now() + 20_000; (await part(POSTGRES)).state !== 'up' && Date.now() < end; )
    await sleep(200)
  assert.notEqual((await part(POSTGRES)).pid, pid)
  await proof.recovers()
})

test('PostgreSQL that cannot start: a deploy says so soon, and works when it can', async () => {
  const conf = join(server.home, 'postgres', NAME, 'data/postgresql.conf')
  const good = await readFile(conf, 'utf8')
  await supervisor.stop(POSTGRES)
  await appendFile(conf, '\nno_such_setting = on\n')
  const failure = failureOf(await app.deploy(), 'database.down')
  assert.match(failure.fix, /inn logs t-edge --service postgres/)
  assert.equal((await part(POSTGRES)).state, 'down')
  await writeFile(conf, good)
  for (const end = Date.now() + 20_000; (await part(POSTGRES)).state !== 'up' && Date.now() < end; )
    await sleep(200)
  await proof.recovers()
})

test('PostgreSQL killed in the middle of the release step', async () => {
  const sleeps = JSON.stringify(['node', '-e', 'setTimeout(String, 2500)'])
  await app.write({ 'innkeeper.yaml': `${plain}release: { command: ${sleeps} }\n` })
  const { ended } = server.begin(['deploy'], { cwd: app.folder })
  const id = await underWay(server, NAME, 'deploy')
  for (const end = Date.now() + 60_000; ; await sleep(50)) {
    assert.ok(Date.now() < end, 'its release step begins')
    const run = await server.client.get<{ steps: Array<{ kind: string; state: string }> }>(`/api/runs/${id}`)
    if (run.steps.some(s => s.kind === 'release.migrate' && s.state === 'running')) break
  }
  await sleep(1_000)
  kill((await part(POSTGRES)).pid!)
  const failure = failureOf(await ended, 'database.unreachable')
  assert.match(failure.why, /terminat|closed|connection/i)
  assert.deepEqual(proof.visitors.seen.failures, [])
  await app.write({ 'innkeeper.yaml': plain })
  await server.app(NAME, a => a.state === 'serving')
  await proof.recovers()
})
