import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { askFrom } from '../server/src/drivers/nginx/guard.fixture.ts'
import type { AlertView } from '../server/src/watch/alerts/wire.ts'
import type { MaintenanceView } from '../server/src/watch/maintenance/wire.ts'
import { type Fixture, makeApp, serverJs, yaml } from './kit/app.ts'
import { makeServer, type Server } from './kit/server.ts'

const NAME = 't-closed'
const DOMAIN = 'closed.example'
let server: Server
let app: Fixture

async function until(good: () => Promise<boolean>, what: string): Promise<void> {
  for (const end = Date.now() + 40_000; Date.now() < end; await sleep(100))
    if (await good().catch(() => false)) return
  assert.fail(`not in time: ${what}`)
}

/** Asks at the public port from an address of loopback, as a visitor would. */
async function visit(from: string): Promise<{ status: number; body: string; retry: string }> {
  const port = Number(new URL((await server.app(NAME)).url!).port)
  const { status, body, headers } = await askFrom(from, { port, host: DOMAIN })
  return { status, body, retry: headers['retry-after'] ?? '' }
}
const list = () => server.client.get<MaintenanceView[]>('/api/maintenance')

before(async () => {
  server = await makeServer({ http: true })
  app = await makeApp(server, NAME, {
    'innkeeper.yaml': yaml(NAME, `domains: [${DOMAIN}]\n`, '    persist: [state]\n'),
    'server.js': serverJs('v1'),
  })
  assert.equal((await app.deploy()).json.outcome, 'done')
})
after(() => server?.remove())

test('visitors are kept out while its commands run, those that are allowed get in, and status says so', async () => {
  const planned = await server.inn([
    ...['maintenance', 'plan', NAME, '--at', 'now', '--for', '10m', '--text', 'New <rooms>'],
    ...['--allow', '127.0.0.9', '--run', 'sh -c "date > state/cleaned"'],
  ])
  assert.equal(planned.json['state'], 'on', planned.text)
  const kept = await visit('127.0.0.3')
  assert.deepEqual([kept.status, /New &lt;rooms&gt;/.test(kept.body)], [503, true])
  assert.ok(Number(kept.retry) > 500, kept.retry)
  assert.equal((await visit('127.0.0.9')).status, 200)
  const { state, reason } = await server.app(NAME)
  assert.deepEqual([state, /kept out until/.test(reason ?? '')], ['maintenance', true])
  await until(async () => (await list())[0]!.run !== null, 'its commands begin')
  const ran = await server.inn(['run', '--app', NAME, '--', 'cat', 'state/cleaned'])
  assert.equal(ran.code, 0, ran.text)
})

test('a deploy and the end of keeper and edge leave it closed, and alerts of the app are quiet', async () => {
  await app.write({ 'server.js': serverJs('v2') })
  assert.equal((await app.deploy()).json.outcome, 'done')
  assert.equal((await visit('127.0.0.3')).status, 503)
  await server.killKeeper()
  assert.equal((await visit('127.0.0.3')).status, 503)
  await until(async () => (await list())[0]!.state === 'on', 'the keeper is back')
  await server.inn(['run', '--app', NAME, '--', 'sh', '-c', 'echo x > state/bad'])
  const { pid } = (await server.app(NAME)).services[0]!.instances[0]!
  process.kill(pid!, 'SIGSTOP')
  try {
    const down = async () =>
      (await server.client.get<AlertView[]>('/api/alerts')).find(
        one => one.app === NAME && one.severity === 'late' && one.state === 'firing',
      )
    await until(async () => (await down()) !== undefined, 'the alert')
    const alert = (await down())!
    assert.deepEqual([alert.muted, alert.told], ['change', []])
  } finally {
    process.kill(pid!, 'SIGCONT')
  }
})

test('its end lets visitors in, and is told', async () => {
  const [one] = await list()
  const ended = await server.inn(['maintenance', 'end', String(one!.id)])
  assert.equal(ended.json['state'], 'over', ended.text)
  await until(async () => (await visit('127.0.0.3')).status === 200, 'visitors get in')
  assert.equal((await server.app(NAME, ({ state }) => state === 'serving')).state, 'serving')
})

test('a command that fails keeps visitors out, and is told although alerts are quiet', async () => {
  const planned = await server.inn([
    ...['maintenance', 'plan', NAME, '--at', 'now', '--for', '10m', '--run', 'sh -c "echo no disk; exit 3"'],
  ])
  assert.equal(planned.json['state'], 'on', planned.text)
  const failed = async () =>
    (await server.client.get<AlertView[]>('/api/alerts')).find(
      one => one.labels['alertname'] === 'maintenance.failed' && one.muted === null,
    )
  await until(async () => (await failed()) !== undefined, 'the alert')
  assert.equal((await visit('127.0.0.3')).status, 503)
  assert.match((await server.inn(['history', NAME])).text, /no disk|ended with 3/)
  await server.inn(['maintenance', 'end', String(planned.json['id'])])
})
