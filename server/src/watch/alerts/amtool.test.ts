import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { apiWith, peopleOf } from '../../api/api.fixture.ts'
import { openStore } from '../../db/db.ts'
import { exec } from '../../drivers/host/exec.ts'
import { systemClock } from '../../kernel/clock.ts'
import { auditLog } from '../../reach/audit/audit.ts'
import { createAlerts } from './alerts.ts'
import { v2Routes } from './routes-v2.ts'
import { createSilences } from './silences.ts'
import { alertStore } from './store.ts'

/** A keeper that has this part of the API alone; `ci` is the token of an operator, `eye` of a viewer. */
async function keeper(t: TestContext) {
  const store = openStore(':memory:')
  const kept = alertStore(store)
  const newId = () => crypto.randomUUID()
  // Nobody is told anything here, so nothing has to be waited for.
  const clock = { ...systemClock, sleep: () => new Promise<void>(() => {}) }
  const alerts = createAlerts({
    ...{ store: kept, clock, newId },
    sources: () => [],
    messages: { channels: async () => [], wake: async () => {} },
    changing: async () => new Set(),
    causes: () => [],
    uses: async () => [],
    started: 0,
    measured: async () => [],
    down: async () => new Set(),
    link: async () => null,
    log: () => {},
  })
  const silences = createSilences({ store: kept, clock: systemClock, newId, changed: alerts.changed })
  const { people } = peopleOf({ ci: 'operator', eye: 'viewer' })
  const audit = auditLog(store, systemClock.now)
  const isWatcher = async (header: string | undefined) => header === 'Bearer watcher'
  const api = await apiWith(t, { people }, app =>
    v2Routes(app, { alerts, silences, isWatcher, people, version: '0.25.0', audit }),
  )
  await api.listen({ host: '127.0.0.1', port: 0 })
  return { api, alerts, audit, at: `http://127.0.0.1:${(api.server.address() as AddressInfo).port}` }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  await new Promise(resolve => server.close(resolve))
  return port
}

/** Debian's Alertmanager, alone on loopback. */
async function alertmanager(t: TestContext, folder: string): Promise<string> {
  const config = join(folder, 'alertmanager.yml')
  await writeFile(config, 'route: { receiver: nobody }\nreceivers: [{ name: nobody }]\n')
  const address = `127.0.0.1:${await freePort()}`
  const child = spawn(
    '/usr/bin/prometheus-alertmanager',
    [
      `--config.file=${config}`,
      `--storage.path=${join(folder, 'data')}`,
      `--web.listen-address=${address}`,
      '--cluster.listen-address=',
    ],
    { stdio: 'ignore' },
  )
  t.after(async () => {
    child.kill()
    await once(child, 'exit')
  })
  for (let n = 0; n < 200; n++) {
    const answer = await fetch(`http://${address}/-/ready`).catch(() => null)
    if (answer?.ok) return `http://${address}`
    await wait(50)
  }
  throw new Error('alertmanager does not answer')
}

const ID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g

/** A session as somebody types it, with what it printed; ids are numbered, and times left out. */
async function session(url: string, more: string[]) {
  const ids: string[] = []
  const said: string[] = []
  const run = async (...args: string[]) => {
    const argv = ['/usr/bin/amtool', `--alertmanager.url=${url}`, ...more, ...args]
    const { code, stdout, tail } = await exec({ argv, timeoutMs: 20_000, env: { HOME: '/nonexistent' } })
    const output = `${stdout}\n${tail}`
    for (const id of output.match(ID) ?? []) if (!ids.includes(id)) ids.push(id)
    const text = output
      .replaceAll(url, 'URL')
      .replaceAll(ID, id => `ID${ids.indexOf(id)}`)
      .replaceAll(/\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z| UTC)?/g, 'TIME')
      .replaceAll(/ +/g, ' ')
      .replaceAll(/"(updatedAt|startsAt|endsAt)":"[^"]*"/g, '"$1":"TIME"')
    said.push(
      `$ amtool ${args.join(' ').replaceAll(ID, id => `ID${ids.indexOf(id)}`)}\n${code}\n${text.trimEnd()}`,
    )
  }
  const id = (n: number) => ids[n] ?? 'none'
  await run('alert', 'query')
  await run('alert', 'add', 'DiskFull', 'app=shop', 'severity=critical', '--annotation=summary=full')
  await run('alert', 'add', 'alertname=Slow', 'app=cms')
  await run('alert', 'query')
  await run('alert', 'query', 'app=~"sh.*"', '-o', 'simple')
  await run('alert', 'query', 'Slow', '-o', 'extended')
  await run('silence', 'query')
  await run('silence', 'add', '--author=anna', '--comment=night', '--duration=2h', 'app=shop')
  await run(
    'silence',
    'add',
    '--author=anna',
    '--comment=pattern',
    '--duration=2h',
    'alertname=~"Sl.*"',
    'app!=x',
  )
  await run('silence', 'add', '--author=anna', '--comment=all', '--duration=2h', 'app=~".*"')
  await run('silence', 'add', '--author=anna', '--comment=broken', '--duration=2h', 'app=~(')
  await run('silence', 'query', '-q')
  await run('alert', 'query')
  await run('alert', 'query', '--silenced')
  await run('silence', 'update', '--duration=3h', '--comment=longer', id(0))
  await run('silence', 'query', '-q', 'app=shop')
  await run('silence', 'expire', id(0))
  await run('silence', 'expire', id(0))
  await run('silence', 'expire', '00000000-0000-4000-8000-000000000000')
  await run('silence', 'expire', 'nonsense')
  await run('silence', 'query', '-q')
  await run('silence', 'query', '--expired', '-q')
  await run('alert', 'query', '--active')
  return said
}

test('amtool says of the keeper what it says of Alertmanager', async t => {
  const folder = await mkdtemp(join(tmpdir(), 'inn-amtool-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  const [theirs, { at: ours, audit }] = [await alertmanager(t, folder), await keeper(t)]
  const login = join(folder, 'http.yml')
  await writeFile(login, 'authorization: { type: Bearer, credentials: ci }\n')
  const [expected, actual] = await Promise.all([
    session(theirs, []),
    session(ours, [`--http.config.file=${login}`]),
  ])
  assert.deepEqual(actual, expected)
  assert.match(expected.join('\n'), /DiskFull[\s\S]*ID0[\s\S]*must not match the empty string/i)
  const did = (await audit.list({ limit: 100 })).map(one => `${one.actor}: ${one.action} ${one.detail}`)
  assert.match(did.at(-1)!, /^ci: silence app="shop" until .*: night$/)
  assert.ok(did.some(text => text.startsWith('ci: silence end ')))
})

test('who may post alerts: Prometheus by its token and operators, and nobody else', async t => {
  const { at, alerts } = await keeper(t)
  const post = async (token: string | null, labels: object[] = [{ alertname: 'a' }]) => {
    const headers = {
      'content-type': 'application/json',
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
    }
    const body = JSON.stringify(labels.map(one => ({ labels: one })))
    return (await fetch(`${at}/api/v2/alerts`, { method: 'POST', headers, body })).status
  }
  assert.deepEqual([await post(null), await post('wrong'), await post('eye')], [401, 401, 403])
  assert.deepEqual(await alerts.list(), [])
  assert.deepEqual([await post('watcher'), await post('ci')], [200, 200])
  assert.deepEqual((await alerts.list()).map(one => one.source).sort(), ['ci', 'prometheus'])
  assert.equal(await post('watcher', [{}, { alertname: 'good' }]), 400)
  assert.equal((await alerts.list()).length, 3, 'the good one of a batch with a bad one is taken')
})
