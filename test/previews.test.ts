import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { PreviewView } from '../server/src/apps/previews/wire.ts'
import { commit, type Fixture, makeApp, serverJs, yaml } from './kit/app.ts'
import { secretsOf, sql } from './kit/data.ts'
import { makeServer, type Server } from './kit/server.ts'

const NAME = 't-previews'
const KEY = `${NAME}@preview-feature-login`
/** `mask`: what previews have in the place of a guest's note. */
const file = (mask: string) =>
  yaml(
    NAME,
    `env: { PAYMENTS: { from: PAYMENTS } }
database: { postgres: true }
redis: true
migrations: { tool: sql, folder: db }
seed: node seed.js
previews: { sleep: 3s, memory: 200MB, database: { from: production, mask: { guest.note: ${mask} } } }
environments:
  preview: { env: { MAIL: off } }
`,
  )
const MASKED = /^user-[0-9a-f]{16}@example\.com$/
const SEED = `require('node:child_process').execFileSync('psql', [process.env.DATABASE_URL, '-c', "insert into guest values ('a seed')"])
`

let server: Server
let app: Fixture
/** What the copy had; another one would have another salt. */
let copied: string
type Listed = PreviewView & { state: string; url: string }
const listed = async () => (await server.inn(['preview', 'list'])).json as unknown as Listed[]
const stateOf = async (key: string) => (await server.app(key)).state
const rows = async () => (await sql(server, 't_previews', 'select note from guest', KEY)).join()

async function until(good: () => Promise<boolean>, what: string): Promise<void> {
  for (const end = Date.now() + 40_000; Date.now() < end; await sleep(100)) if (await good()) return
  assert.fail(`not in time: ${what}`)
}

before(async () => {
  server = await makeServer()
  app = await makeApp(server, NAME, {
    'innkeeper.yaml': file('email'),
    'server.js': serverJs('v1'),
    'seed.js': SEED,
    'db/001.sql': 'create table guest (note text not null);',
  })
  const ended = await app.deploy(['--env', 'PAYMENTS=live'])
  assert.equal(ended.json.outcome, 'done', ended.text)
  await sql(server, 't_previews', `insert into guest values ('anna@shop.example')`, NAME)
  // Whoever can push a branch has no say in it.
  await app.write({ 'innkeeper.yaml': file('keep') })
  await commit(app.folder)
  execFileSync('git', ['checkout', '-q', '-b', 'feature/Login'], { cwd: app.folder })
})
after(() => server?.remove())

test('a preview of the branch has the secrets of previews, a masked copy in the place of the seed, and nothing else of production', async () => {
  const missing = await server.inn(['preview', 'up'], { cwd: app.folder })
  assert.match(missing.text, /PAYMENTS has no value.*inn secrets set PAYMENTS --app t-previews@preview/s)
  const values = join(server.home, 'previews.env')
  await writeFile(values, 'PAYMENTS=test\n')
  const given = await server.inn(['secrets', 'import', values, '--app', `${NAME}@preview`])
  assert.equal(given.json.outcome, 'done', given.text)
  const up = await server.inn(['preview', 'up'], { cwd: app.folder })
  assert.equal(up.json.outcome, 'done', up.text)
  const [one, ...others] = await listed()
  assert.deepEqual([one!.app, one!.name, one!.branch, others], [KEY, 'feature-login', 'feature/Login', []])
  const env = (await (await fetch(`${one!.url}/env`)).json()) as Record<string, string>
  assert.deepEqual([env['PAYMENTS'], env['MAIL']], ['test', 'off'])
  copied = await rows()
  assert.match(copied, MASKED)
  assert.equal((await secretsOf(server, NAME))['PAYMENTS'], 'live')
})

test('it sleeps with its servers when nobody asks, and the next requests wait for it and are answered', async () => {
  await until(async () => (await stateOf(KEY)) === 'asleep', 'it sleeps')
  const servers = async () =>
    (await server.status()).parts
      .filter(({ name }) => name.startsWith(`${KEY}.`))
      .map(({ state }) => state)
      .join()
  await until(async () => (await servers()) === 'stopped,stopped', 'PostgreSQL and Redis are stopped')
  assert.equal(await stateOf(NAME), 'serving')
  const { url } = await server.app(KEY)
  const answers = await Promise.all([
    fetch(`${url}/`),
    fetch(`${url}/`, { method: 'POST', body: 'kept' }),
    fetch(`${url}/env`),
  ])
  assert.deepEqual(
    answers.map(({ status }) => status),
    [200, 200, 200],
  )
  assert.equal(await rows(), copied)
  const { text } = await server.inn(['history', KEY])
  assert.doesNotMatch(text, /wake|sleep/)
})

test('a deploy wakes it too, and copies nothing again; what was stopped by a person stays stopped', async () => {
  await until(async () => (await stateOf(KEY)) === 'asleep', 'it sleeps again')
  await app.write({ 'server.js': serverJs('v2') })
  const up = await server.inn(['preview', 'up'], { cwd: app.folder })
  assert.equal(up.json.outcome, 'done', up.text)
  const { url } = await server.app(KEY)
  assert.match(await (await fetch(url!)).text(), /v2/)
  assert.equal(await rows(), copied)
  await until(async () => (await stateOf(KEY)) === 'asleep', 'it sleeps')
  await server.inn(['stop', KEY, '--yes'])
  assert.equal((await fetch(url!)).status, 503)
  assert.equal(await stateOf(KEY), 'stopped')
})

test('a command wakes it, and it stays awake until the command has ended', async () => {
  await server.inn(['start', KEY])
  await until(async () => (await stateOf(KEY)) === 'asleep', 'it sleeps once more')
  const slow = 'sleep 6; psql -tAc "select note from guest" "$DATABASE_URL"'
  const ran = await server.inn(['run', '--app', KEY, '--', 'sh', '-c', slow])
  assert.equal(ran.code, 0, ran.text)
  assert.match(ran.text, new RegExp(copied))
  await until(async () => (await stateOf(KEY)) === 'asleep', 'it sleeps after the command')
  const scaled = await server.inn(['scale', 'web=2', '--app', KEY])
  assert.equal(scaled.json.outcome, 'done', scaled.text)
  assert.notEqual(await stateOf(KEY), 'stopped')
})

test('down removes it with its data, and only a preview', async () => {
  const wrong = await server.inn(['preview', 'down', 'feature-login', '--app', 'other', '--yes'])
  assert.notEqual(wrong.code, 0)
  const down = await server.inn(['preview', 'down', 'feature/Login', '--yes'], { cwd: app.folder })
  assert.equal(down.json.outcome, 'done', down.text)
  assert.deepEqual(await listed(), [])
  assert.equal(await stateOf(NAME), 'serving')
})
