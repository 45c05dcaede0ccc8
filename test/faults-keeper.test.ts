import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { AppStatus } from '../server/src/apps/app/wire.ts'
import { type Fixture, makeApp, serverJs, workerJs, yaml } from './kit/app.ts'
import { secretsOf } from './kit/data.ts'
import { byRuns, killAt, type Moment } from './kit/killer.ts'
import { type Ended, makeServer, type Server } from './kit/server.ts'
import { CALM_MS, type Visitors, visit } from './kit/visitors.ts'

const NAME = 't-kills'
const SERVICES = `  beat:
    start: node beat.js
    singleton: true
    stopGrace: 2s
    health: { path: /beat, interval: 200ms, startPeriod: 15s }
  jobs: { start: node jobs.js, worker: true, stopGrace: 2s }
`
const MORE = `env: { KEY: { from: KEY } }
database: { postgres: true }
migrations: { tool: sql, folder: db }
routes: { /: web, /beat: beat }
`

let server: Server
let app: Fixture
let guests: Visitors[] = []
let release = 0

/** The next version of everything, with a migration of its own. */
async function next(): Promise<void> {
  release++
  await app.write({
    'server.js': serverJs(`v${release}`),
    'beat.js': serverJs(`v${release}`),
    [`db/${String(release).padStart(3, '0')}.sql`]: `create table t${release} (id int);\n`,
  })
}

before(async () => {
  server = await makeServer()
  app = await makeApp(server, NAME, {
    'innkeeper.yaml': yaml(NAME, MORE, `    instances: 2\n${SERVICES}`),
    'jobs.js': workerJs,
  })
  for (let i = 0; i < 3; i++) {
    await next()
    good(await app.deploy(i === 0 ? ['--env', 'KEY=earlier'] : []))
  }
  const { url } = await server.app(NAME)
  // Not in a hurry: what a killed keeper leaves half done stays for the second until it is back.
  guests = ['/', '/beat'].map(path => visit(`${url}${path}`, { pauseMs: CALM_MS }))
})

after(async () => {
  for (const guest of guests) await guest.leave()
  await server.remove()
})

function good(ended: Ended): void {
  assert.equal(ended.json.outcome, 'done', ended.text)
  assert.equal(ended.code, 0)
}

/** Every service serves that release, each with its instances, and nothing else is live. */
async function serves(version: string): Promise<void> {
  const wanted = (status: AppStatus) => status.state === 'serving' && status.running === null
  const status = await server.app(NAME, wanted)
  assert.equal(status.state, 'serving', status.reason ?? '')
  assert.equal(status.release, version.replace('v', 'r'))
  const live = status.services.map(s => [s.name, s.instances.filter(i => i.role === 'live').length])
  assert.deepEqual(live, [
    ['web', 2],
    ['beat', 1],
    ['jobs', 1],
  ])
  for (const service of status.services) {
    const others = service.instances.filter(i => i.role !== 'live')
    assert.ok(service.name === 'web' || others.length === 0, `${service.name} runs twice`)
  }
}

function nothingSeen(): void {
  for (const { seen } of guests) {
    assert.deepEqual(seen.failures, [])
    assert.ok(seen.requests > 0)
  }
}

/** Changes until the keeper was killed at each step; the list of steps is that of a calm one. */
async function atEveryStep(calm: Ended, change: () => Promise<Ended>): Promise<Moment[]> {
  const steps = calm.json.steps!
  const first = steps.filter(s => s.phase === 'steps').length
  const moments = steps.map((_, i) => (i < first ? `steps.${i}.running` : `cleanup.${i - first}.running`))
  for (const now of byRuns(moments)) {
    const killer = killAt(server, NAME, moment => now.includes(moment))
    const ended = await change().finally(killer.stop)
    const at = `killed at ${now.map(m => `${m} ${steps[moments.indexOf(m)]!.title}`).join('; ')}\n${ended.text}`
    assert.deepEqual(killer.killed, now, at)
    assert.equal(ended.json.outcome, 'done', at)
    assert.ok(
      ended.json.steps!.every(s => s.state === 'done'),
      at,
    )
    nothingSeen()
  }
  return moments
}

test('the keeper killed at every step of a deploy: it ends by itself, and visitors see nothing', async t => {
  await next()
  const calm = await app.deploy()
  good(calm)
  const moments = await atEveryStep(calm, async () => {
    await next()
    const ended = await app.deploy()
    good(ended)
    await serves(`v${release}`)
    return ended
  })
  t.diagnostic(`${moments.length} steps`)
  assert.ok(moments.length >= 20, String(moments.length))
})

test('the keeper killed at every step of a rollback', async t => {
  let on = release
  const back = async () => {
    on = on === release ? release - 1 : release
    const ended = await server.inn([on === release ? 'forward' : 'rollback', NAME])
    good(ended)
    await serves(`v${on}`)
    return ended
  }
  const calm = await back()
  good(calm)
  const moments = await atEveryStep(calm, back)
  t.diagnostic(`${moments.length} steps`)
  assert.ok(moments.length >= 8, String(moments.length))
})

test('the keeper killed at every step of a deploy that fails, forward and back: it is undone', async () => {
  const before = (await server.app(NAME)).release!
  await next()
  // Healthy by its own word, and broken for visitors: the watch turns back, and until then the old side answers them.
  await app.write({
    'server.js': serverJs(`v${release}`).replace(
      "if (request.url === '/pid')",
      "if (request.url === '/') { response.statusCode = 500; return response.end('broken') }\n  if (request.url === '/pid')",
    ),
  })
  const killer = killAt(server, NAME, () => true)
  const ended = await app.deploy(['--watch', '3s', '--env', 'KEY=later']).finally(killer.stop)
  assert.equal(ended.json.outcome, 'undone', ended.text)
  assert.equal(ended.json.failure!.code, 'deploy.worse', ended.text)
  assert.ok(killer.killed.some(moment => moment.endsWith('.undoing')))
  assert.ok(killer.killed.length >= 15, killer.killed.join(' '))
  await serves(before.replace('r', 'v'))
  nothingSeen()
  assert.equal((await secretsOf(server, NAME))['KEY'], 'earlier', 'what was given came too early to stay')
  await next()
  good(await app.deploy())
  await serves(`v${release}`)
  nothingSeen()
})
