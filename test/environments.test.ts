import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { exec } from '../server/src/drivers/host/exec.ts'
import type { Approval } from '../server/src/engine/wire-change.ts'
import { type Fixture, makeApp, serverJs, yaml } from './kit/app.ts'
import { backups, keeperRows, pointsOf, sql } from './kit/data.ts'
import { cookieOf, member, post, signIn } from './kit/people.ts'
import { makeServer, type Server } from './kit/server.ts'
import { visit } from './kit/visitors.ts'

const NAME = 't-envs'
const STAGING = `${NAME}@staging`
const FILE = yaml(
  NAME,
  `env:
  TOKEN: { generate: 32 }
  MAIL: production@shop.example
database: { postgres: true }
redis: true
migrations: { tool: sql, folder: db }
seed: { command: node seed.js, service: sower }
rateLimit: [{ rate: 1000/s }]
environments:
  staging:
    env: { MAIL: staging@shop.example }
    services: { web: { instances: 2 } }
`,
  `    persist: [uploads]
    affinity: cookie
    build: node build.js
  sower:
    worker: true
    start: node -e "setInterval(() => {}, 1000)"
    env: { SEED: a seed }
`,
)
/** What it leaves differs from build to build, so that only a copy is equal. */
const BUILD = `const { mkdirSync, symlinkSync, writeFileSync } = require('node:fs')
const { randomBytes } = require('node:crypto')
mkdirSync('dist', { recursive: true })
writeFileSync('dist/stamp', randomBytes(64))
writeFileSync('dist/run.sh', '#!/bin/sh\\n', { mode: 0o755 })
symlinkSync('stamp', 'dist/link')
`

const SEED = `const { execFileSync } = require('node:child_process')
execFileSync('psql', [process.env.DATABASE_URL, '-c', "insert into guest values ('" + process.env.SEED + "')"])
`

let server: Server
let app: Fixture
const urlOf = async (key: string) => (await server.app(key)).url!
const envOf = async (key: string) =>
  (await (await fetch(`${await urlOf(key)}/env`)).json()) as Record<string, string>
const rows = async (key: string) =>
  (await sql(server, 't_envs', 'select note from guest order by 1', key)).join()
const add = (key: string, note: string) => sql(server, 't_envs', `insert into guest values ('${note}')`, key)
const upload = (key: string) => join(server.home, 'apps', key, 'shared/uploads/menu.txt')
async function treeOf(key: string) {
  const { release } = await server.app(key)
  return join(server.home, 'apps', key, 'releases', release!, 'tree')
}
async function sameFiles() {
  const [to, from] = await Promise.all([NAME, STAGING].map(treeOf))
  const argv = ['diff', '-rq', '--no-dereference', '--exclude=uploads', from!, to!]
  const { stdout, code } = await exec({ argv, timeoutMs: 20_000 })
  assert.deepEqual([code, stdout], [0, ''])
}
async function done(args: string[], cwd?: string) {
  const ended = await server.inn(args, cwd === undefined ? {} : { cwd })
  assert.equal(ended.json.outcome, 'done', `inn ${args.join(' ')}: ${ended.text}`)
  return ended
}

before(async () => {
  server = await makeServer()
  app = await makeApp(server, NAME, {
    'innkeeper.yaml': FILE,
    'server.js': serverJs('v1'),
    'build.js': BUILD,
    'seed.js': SEED,
    'db/001.sql': 'create table guest (note text not null);',
  })
  for (const args of [[], ['--environment', 'staging']]) {
    const ended = await app.deploy(args)
    assert.equal(ended.json.outcome, 'done', ended.text)
  }
})
after(() => server?.remove())

test('production and staging serve side by side, and share nothing but the file', async () => {
  const [production, staging] = [await envOf(NAME), await envOf(STAGING)]
  assert.deepEqual(
    [production, staging].map(env => [env['INNKEEPER_APP'], env['INNKEEPER_ENVIRONMENT'], env['MAIL']]),
    [
      [NAME, 'production', 'production@shop.example'],
      [NAME, 'staging', 'staging@shop.example'],
    ],
  )
  for (const own of ['TOKEN', 'DATABASE_URL', 'REDIS_URL', 'HOME'])
    assert.notEqual(production[own], staging[own], own)
  assert.deepEqual(
    (await server.status()).apps.map(({ name, environment, services }) => [
      name,
      environment,
      services[0]!.instances.filter(one => one.role === 'live').length,
    ]),
    [
      [NAME, 'production', 1],
      [STAGING, 'staging', 2],
    ],
  )
  const cookie = (await fetch(await urlOf(STAGING))).headers.get('set-cookie') ?? ''
  const again = await fetch(await urlOf(STAGING), { headers: { cookie: cookie.split(';')[0]! } })
  assert.match(cookie, /^inn-t-envs\.staging-web=/)
  assert.deepEqual([cookie !== '', again.headers.get('set-cookie')], [true, null], cookie)
})

test('where the parts of an environment are is told', async () => {
  const { json } = await server.inn(['where', STAGING])
  const [{ placed }] = json as unknown as [{ placed: Array<{ what: string; where: string }> }]
  const of = (what: string) => placed.find(one => one.what === what)?.where ?? ''
  const port = new URL((await envOf(STAGING))['DATABASE_URL']!).port
  assert.equal(of('PostgreSQL'), `127.0.0.1:${port}, ${join(server.home, 'postgres', STAGING)}`)
  assert.match(of('web'), /^web\.blue\.1 :\d+ and web\.blue\.2 :\d+, as inn-t-envs-/)
  assert.equal(of('folder uploads'), join(server.home, 'apps', STAGING, 'shared/uploads'))
})

test('what is done to the one leaves the other as it was', async () => {
  await add(NAME, 'of production')
  await add(STAGING, 'of staging')
  const before = await envOf(NAME)
  await done(['secrets', 'rotate', 'TOKEN', '--environment', 'staging'], app.folder)
  await done(['restart', STAGING])
  assert.deepEqual((await envOf(NAME))['TOKEN'], before['TOKEN'])
  assert.deepEqual([await rows(NAME), await rows(STAGING)], ['of production', 'of staging'])
})

test('a backup and a restore are of one environment', async () => {
  await writeFile(upload(STAGING), 'soup')
  await done(['backup', 'now', STAGING])
  await add(STAGING, 'too late')
  await writeFile(upload(STAGING), 'nothing')
  const [point] = pointsOf(await backups(server, () => true), STAGING)
  await done(['restore', STAGING, '--point', point!.name, '--yes'])
  assert.deepEqual([await rows(NAME), await rows(STAGING)], ['of production', 'of staging'])
  assert.equal(await readFile(upload(STAGING), 'utf8'), 'soup')
})

test('what staging serves is promoted as it was built, with the configuration and secrets of production', async () => {
  await app.write({
    'server.js': serverJs('v2'),
    'db/002.sql': "insert into guest values ('by a migration');",
  })
  const built = await app.deploy(['--environment', 'staging'])
  assert.equal(built.json.outcome, 'done', built.text)
  const other = await server.inn(['promote', 'staging', '--app', NAME, '--commit', '1a2b3c4d5'])
  assert.equal(other.json.failure?.code, 'promote.commit', other.text)
  const before = await envOf(NAME)
  const plan = await server.inn(['promote', 'staging', '--plan', '--app', NAME])
  const { notices } = plan.json as unknown as { notices: string[] }
  assert.match(plan.text, /bring the built files of r3 from t-envs@staging/)
  assert.doesNotMatch(plan.text, /"build web"/)
  assert.match(notices.join('\n'), /migrations that were applied there, and not here: 002/)
  const visitors = visit(`${await urlOf(NAME)}/health`)
  await done(['promote', 'staging', 'production', '--yes'], app.folder)
  assert.deepEqual((await visitors.leave()).failures, [])
  // Whoever was there before is served by the side before for the time of `drain`.
  await sleep(1_100)
  assert.equal(((await (await fetch(await urlOf(NAME))).json()) as { version: string }).version, 'v2')
  const after = await envOf(NAME)
  assert.deepEqual([after['TOKEN'], after['MAIL']], [before['TOKEN'], before['MAIL']])
  assert.equal(await rows(NAME), 'by a migration,of production')
  await sameFiles()
  await done(['rollback', NAME])
  await done(['forward', NAME])
  assert.equal((await app.deploy(['--environment', 'staging', '--fresh'])).json.outcome, 'done')
  await done(['promote', 'staging', '--app', NAME, '--yes'])
  await sameFiles()
})

test('what would be built differently, or is not as it was built, is not promoted', async () => {
  const refused = async (code: string) => {
    const { json, text } = await server.inn(['promote', 'staging', '--app', NAME])
    assert.equal(json.failure?.code, code, text)
  }
  await writeFile(join(await treeOf(STAGING), 'server.js'), 'process.exit(1)')
  await refused('promote.changed')
  await app.write({
    'innkeeper.yaml': FILE.replace(
      '{ web: { instances: 2 } }',
      '{ web: { instances: 2, buildEnv: { PUBLIC: staging } } }',
    ),
  })
  assert.equal((await app.deploy(['--environment', 'staging'])).json.outcome, 'done')
  await refused('promote.builds-differ')
})

test('production takes what its protection says, though the source says something else; an admin passes with a reason', async () => {
  const guarded = FILE.replace(
    'environments:',
    'environments:\n  production: { protection: { from: [staging] } }',
  )
  await app.write({ 'innkeeper.yaml': guarded })
  const first = await app.deploy()
  assert.equal(first.json.failure?.code, 'protection.from', first.text)
  await app.deploy(['--environment', 'staging'])
  await done(['promote', 'staging', '--yes'], app.folder)
  // Production takes promotions from staging, so what staging serves is copied before anybody asks for one.
  await app.write({ 'server.js': serverJs('v2, again') })
  const { json } = await app.deploy(['--environment', 'staging'])
  const ahead = join(server.home, 'apps', NAME, 'ahead')
  for (let n = 0; !existsSync(join(ahead, `${STAGING}.${json.release}`)) && n < 300; n++) await sleep(100)
  const promoted = await done(['promote', 'staging', '--yes'], app.folder)
  assert.match(promoted.text, /as they were built, copied when they were built/)
  await sameFiles()
  assert.equal(existsSync(ahead), false)
  await app.write({ 'innkeeper.yaml': FILE })
  assert.equal((await app.deploy()).json.failure?.code, 'protection.from')
  const passed = await app.deploy(['--override', 'the till is down'])
  assert.equal(passed.json.outcome, 'done', passed.text)
  assert.match((await server.inn(['audit', NAME])).text, /past its protection: the till is down/)
})

test('a database is seeded and reset in staging, and never in production', async () => {
  await done(['db', 'reset', STAGING, '--yes'])
  const fresh = 'a seed,by a migration'
  assert.equal(await rows(STAGING), fresh)
  await done(['db', 'seed', '-e', 'staging'], app.folder)
  assert.equal(await rows(STAGING), `a seed,${fresh}`)
  assert.equal((await fetch(`${await urlOf(STAGING)}/health`)).status, 200)
  assert.deepEqual(
    await sql(
      server,
      'postgres',
      'select datname from pg_database where not datistemplate order by 1',
      STAGING,
    ),
    ['postgres', 't_envs'],
  )
  for (const what of ['seed', 'reset']) {
    const refused = await server.inn(['db', what, NAME])
    assert.equal(refused.json.failure?.code, 'database.production', refused.text)
  }
})

test('a reset that fails brings the database back, and the app serves again', async () => {
  const before = await rows(STAGING)
  await app.write({ 'seed.js': 'process.exit(3)', 'innkeeper.yaml': FILE })
  assert.equal((await app.deploy(['--environment', 'staging'])).json.outcome, 'done')
  const failed = await server.inn(['db', 'reset', STAGING])
  assert.deepEqual([failed.json.outcome, failed.json.failure?.code], ['undone', 'seed.failed'], failed.text)
  assert.equal(await rows(STAGING), before)
  assert.equal((await fetch(`${await urlOf(STAGING)}/health`)).status, 200)
})

test('a deploy that needs an approval begins when somebody else has seen its plan', async () => {
  const file = FILE.replace('  staging:\n', '  staging:\n    protection: { approvals: 1 }\n')
  await app.write({ 'innkeeper.yaml': file, 'seed.js': SEED, 'server.js': serverJs('v3') })
  const asked = await app.deploy(['--environment', 'staging'])
  assert.deepEqual([asked.code, asked.json.failure?.code], [7, 'approval.waiting'], asked.text)
  const id = String(asked.json.failure!.facts!['approval'])
  const own = await server.inn(['approvals', 'approve', id])
  assert.equal(own.json.failure?.code, 'approval.own', own.text)
  const { url } = (await server.status()).keeper
  const staging = await member(server, url, 'bea@example.com', 'viewer', '--app', `${STAGING}=operator`)
  const other = await member(server, url, 'carl@example.com', 'viewer', '--app', `${NAME}=operator`)
  const [waiting] = (await (await fetch(`${url}/api/approvals`, { headers: staging })).json()) as Approval[]
  assert.deepEqual([waiting!.id, waiting!.state, waiting!.plan.approvals], [id, 'waiting', 1])
  const approve = (digest: string, headers: Record<string, string>) =>
    post(`${url}/api/approvals/${id}/approve`, { digest }, headers)
  assert.equal((await approve(waiting!.digest, other)).status, 403)
  assert.equal((await approve('another', staging)).status, 422)
  const begun = await approve(waiting!.digest, staging)
  const { run } = (await begun.json()) as Approval
  assert.equal(begun.status, 200)
  const ended = await server.inn(['history', STAGING])
  assert.ok(ended.text.includes(run!), ended.text)
  await server.app(STAGING, ({ running, release }) => running === null && release !== null)
  const audit = (await server.inn(['audit', STAGING])).text
  for (const text of ['approval asked', 'approval given', 'approved by bea'])
    assert.ok(audit.includes(text), text)
})

test('an approval is refused, and is of no use when the app was changed since', async () => {
  const ask = async () => {
    const { json } = await app.deploy(['--environment', 'staging'])
    return String(json.failure!.facts!['approval'])
  }
  const [one, two] = [await ask(), await ask()]
  const refused = await server.inn(['approvals', 'refuse', one])
  assert.equal(refused.json['state'], 'refused', refused.text)
  await done(['restart', STAGING])
  const { url } = (await server.status()).keeper
  const bea = { cookie: await cookieOf(await signIn(url, 'bea@example.com')), origin: url }
  const { digest } = (await (await fetch(`${url}/api/approvals/${two}`, { headers: bea })).json()) as Approval
  for (const [id, code] of [
    [one, 'approval.closed'],
    [two, 'approval.stale'],
  ] as const) {
    const answer = await post(
      `${url}/api/approvals/${id}/approve`,
      { digest: id === two ? digest : 'x' },
      bea,
    )
    assert.equal(((await answer.json()) as { failure: { code: string } }).failure.code, code)
  }
})

test('one that the file does not name is told, and so are two that are named at once', async () => {
  const unknown = await app.deploy(['--environment', 'stagign'])
  assert.match(unknown.text, /there is no environment stagign, the file has staging/)
  const two = await server.inn(['status', STAGING, '--environment', 'preview'])
  assert.equal(two.json.failure?.code, 'usage.environment', two.text)
  const nowhere = await server.inn(['status', '--environment', 'staging'], { cwd: server.home })
  assert.equal(nowhere.json.failure?.code, 'usage.app', nowhere.text)
})

test('what is removed is of one environment', async () => {
  const roles = () => keeperRows(server, 'select app from app_role order by app').map(({ app }) => app)
  assert.deepEqual(roles(), [NAME, STAGING])
  await done(['remove', STAGING, '--data', '--yes'])
  assert.deepEqual(roles(), [NAME])
  assert.deepEqual(
    (await server.status()).apps.map(({ name }) => name),
    [NAME],
  )
  assert.equal(await rows(NAME), 'by a migration,of production')
})
