import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, before, test } from 'node:test'
import type { Run } from '../server/src/engine/wire.ts'
import { type Fixture, makeApp, serverJs, yaml } from './kit/app.ts'
import { failureOf, type Proof, prove } from './kit/proof.ts'
import { underWay } from './kit/runs.ts'
import { makeServer, type Server } from './kit/server.ts'
import { ask } from './kit/visitors.ts'

const NAME = 't-locks'
const GIVEN = 'hunter2-given-to-the-app'
const plain = yaml(
  NAME,
  `database: { postgres: true }
migrations: { tool: sql, folder: db }
redis: true
env: { SESSION_SECRET: { generate: 48 }, API_KEY: { from: API_KEY } }
`,
)
const slow = plain.replace(
  '    drain: 1s\n',
  `    drain: 1s\n    build: ["node -e 'setTimeout(String, 3000)'"]\n`,
)

let server: Server
let app: Fixture
let proof: Proof

before(async () => {
  server = await makeServer()
  app = await makeApp(server, NAME, {
    'innkeeper.yaml': plain,
    'server.js': serverJs('v1'),
    'db/001.sql': 'create table a (id int);\n',
  })
  const ended = await app.deploy(['--env', `API_KEY=${GIVEN}`])
  assert.equal(ended.json.outcome, 'done', ended.text)
  proof = await prove(server, app)
  await app.write({ 'innkeeper.yaml': slow })
})

after(async () => {
  await proof?.visitors.leave()
  await server?.remove()
})

let sources = 0

/** A slow deploy that is under way, and its run. Its source is new each time: a build that nothing changed for is reused, and takes no time. */
async function begun() {
  sources += 1
  await app.write({ 'server.js': serverJs(`slow-${sources}`) })
  const { ended, child } = server.begin(['deploy'], { cwd: app.folder })
  return { ended, child, run: await underWay(server, NAME, 'deploy') }
}

test('a second deploy is told who holds the app since when; --wait waits', async () => {
  const first = await begun()
  const second = await app.deploy()
  assert.equal(second.code, 1)
  const failure = failureOf(second, 'run.locked')
  assert.equal(failure.facts!['run'], first.run)
  assert.ok(Date.parse(String(failure.facts!['since'])) > Date.now() - 60_000)
  assert.ok(String(failure.facts!['actor']).length > 0)
  const third = await app.deploy(['--wait'])
  assert.equal((await first.ended).json.outcome, 'done')
  assert.equal(third.json.outcome, 'done', third.text)
  const runs = await Promise.all(
    [first.run, third.json.run!].map(id => server.client.get<Run>(`/api/runs/${id}`)),
  )
  assert.ok(runs[0]!.endedAt! <= runs[1]!.startedAt)
})

test('inn cancel undoes a deploy', async () => {
  await proof.harmless('run.cancelled', async () => {
    const { run, ended } = await begun()
    const answer = await server.inn(['cancel', run])
    assert.equal(answer.json['accepted'], true, answer.text)
    return ended
  })
})

test('a command that is interrupted leaves its deploy to the keeper', async () => {
  const { run, ended, child } = await begun()
  child.kill('SIGINT')
  assert.equal((await ended).code, 130)
  const status = await server.app(NAME, a => a.running === null)
  assert.equal(status.running, null)
  assert.equal((await server.client.get<Run>(`/api/runs/${run}`)).outcome, 'done')
  const late = await server.inn(['cancel', run])
  assert.ok(late.json.failure !== undefined || late.json['accepted'] === false, late.text)
  assert.notEqual(late.code, 0)
})

test('after all of these, the next good deploy works', async () => {
  await app.write({ 'innkeeper.yaml': plain })
  await proof.recovers()
})

/** Everything that anybody may read of the keeper, by where it was read. */
async function told(): Promise<Map<string, string>> {
  const texts = new Map<string, string>()
  const runs = await server.client.get<Array<{ id: string }>>('/api/runs')
  const paths = ['status', 'runs', 'audit', `apps/${NAME}`, `apps/${NAME}/releases`, `apps/${NAME}/runs`]
  for (const path of [...paths, ...runs.map(run => `runs/${run.id}`)])
    texts.set(path, JSON.stringify(await server.client.get(`/api/${path}`)))
  for (const args of [['status'], ['ps'], ['releases', NAME], ['logs', 'keeper'], ['logs', NAME]])
    texts.set(args.join(' '), (await server.inn(args)).text)
  for (const name of await readdir(join(server.home, 'log/keeper')))
    texts.set(`log/keeper/${name}`, await readFile(join(server.home, 'log/keeper', name), 'utf8'))
  const store = new DatabaseSync(join(server.home, 'keeper.db'), { readOnly: true })
  for (const table of ['run', 'run_step', 'audit'])
    texts.set(table, JSON.stringify(store.prepare(`select * from ${table}`).all()))
  store.close()
  return texts
}

test('secrets are given to the app, and told to nobody else', async () => {
  const ended = await app.deploy(['--env', `API_KEY=${GIVEN}`])
  const { url } = await server.app(NAME)
  const env = JSON.parse((await ask(`${url}/env`)).body) as Record<string, string>
  assert.equal(env['API_KEY'], GIVEN)
  assert.equal(env['SESSION_SECRET']!.length, 48)
  const passwords = ['DATABASE_URL', 'REDIS_URL'].map(name => new URL(env[name]!).password)
  const texts = await told()
  texts.set('deploy --json', ended.text)
  for (const secret of [GIVEN, env['SESSION_SECRET']!, ...passwords]) {
    assert.ok(secret.length >= 16)
    for (const [where, text] of texts) assert.ok(!text.includes(secret), `a secret is in ${where}`)
  }
})
