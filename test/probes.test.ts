import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { request } from '../server/src/drivers/host/http.ts'
import { freePartPort } from '../server/src/drivers/host/ports.ts'
import { processTree } from '../server/src/drivers/host/proc.ts'
import type { Alarm } from '../server/src/kernel/wire-alarm.ts'
import type { CheckinView } from '../server/src/watch/checkins/wire.ts'
import type { ProbeView } from '../server/src/watch/probes/wire.ts'
import { type Fixture, makeApp, serverJs, workspace, yaml } from './kit/app.ts'
import { makeServer, readPid, type Server } from './kit/server.ts'

let server: Server
let app: Fixture
after(async () => server?.remove())

/** Waits until `look` finds something; fails after 20 s. */
async function until<T>(what: string, look: () => Promise<T | null | undefined>): Promise<T> {
  for (const end = Date.now() + 20_000; Date.now() < end; await sleep(100)) {
    const found = await look().catch(() => null)
    if (found != null) return found
  }
  throw new Error(`never: ${what}`)
}

const probes = async () => (await server.inn(['probes', 't-probes'])).json as unknown as ProbeView[]
const checkin = async () => (await server.client.get<CheckinView[]>('/api/checkins'))[0]!
const alarm = async (code: string, name: string): Promise<Alarm | null> =>
  (await server.status()).alarms.find(one => one.code === code && one.name === name) ?? null
const over = async (code: string, name: string) => ((await alarm(code, name)) === null ? true : null)

/** A mail server that only accepts connections. */
const port = await freePartPort()
const mail = createServer(socket => void socket.on('error', () => {}).end())
const open = async () => {
  mail.listen(port, '127.0.0.1')
  await once(mail, 'listening')
}
after(() => void mail.close())

const QUICK = 'every: 5s, timeout: 1s, failures: 1'
const MORE = `domains: [t-probes.example]
probes:
  edge: { http: /health, expect: { json: { path: ready, equals: true } }, ${QUICK} }
  each: { http: /health, each: web, ${QUICK} }
  mail: { tcp: "127.0.0.1:${port}", ${QUICK} }
  own: { command: node check.js, every: 5s, timeout: 10s }
  late: { command: sleep 60, every: 5s, timeout: 300ms, failures: 1, level: warning }
checkins:
  night-job: { every: 1h }
`
/** It ends well as the app, with its release's environment and in its folder. */
const CHECK = `const { INNKEEPER_APP, CHECKIN_NIGHT_JOB_URL } = process.env
const isApp = process.getuid() !== 0 && INNKEEPER_APP === 't-probes' && require('node:fs').existsSync('server.js')
if (!isApp || !CHECKIN_NIGHT_JOB_URL) { console.error('not the app'); process.exit(3) }`
/** What a job does, in the place of a visit; visitors by http are sent on to https. */
const JOB = `const job = said => fetch(process.env.CHECKIN_NIGHT_JOB_URL + said).then(answer => answer.status)
const listener = http.createServer
http.createServer = answer => listener(async (request, response) => {
  if (request.headers['x-forwarded-proto'] === 'http') return response.writeHead(301, { location: 'https://x' }).end()
  if (!request.url.startsWith('/job')) return answer(request, response)
  response.end(String(await job(request.url.slice(4)).catch(error => error.message)))
})`

test('every kind of probe sees an app that is well, and runs its command as the app', async () => {
  server = await makeServer({ http: true })
  await open()
  app = await makeApp(server, 't-probes', {
    ...workspace('t-probes'),
    'innkeeper.yaml': yaml('t-probes', MORE),
    'server.js': serverJs('one', JOB),
    'check.js': CHECK,
  })
  const deployed = await app.deploy()
  assert.equal(deployed.json.outcome, 'done', deployed.text)
  const seen = await until('all are asked', async () => {
    const all = await server.client.get<ProbeView[]>('/api/probes')
    return all.length === 5 && all.every(({ state }) => state !== 'waiting') ? all : null
  })
  assert.deepEqual(
    (await probes()).map(({ name }) => name),
    ['edge', 'each', 'mail', 'own', 'late'],
  )
  assert.deepEqual(
    seen.map(({ name, state, last }) => [name, state, state === 'ok' ? '' : last!.said]),
    [
      ...['edge', 'each', 'mail', 'own'].map(name => [name, 'ok', '']),
      ['late', 'failing', 'it did not end within 300 ms'],
    ],
  )
  assert.match(seen[1]!.instance!, /^web\.(blue|green)\.1$/)
  const { body } = await request({
    ...{ socketPath: `${server.home}/run/keeper.sock`, path: '/api/metrics' },
    ...{ timeoutMs: 5_000, maxBytes: 1024 ** 2 },
  })
  for (const series of [
    /^innkeeper_probe_success\{app="t-probes",probe="mail"\} 1$/m,
    /^innkeeper_probe_duration_seconds\{app="t-probes",probe="each",instance="web\.\w+\.1"\} [\d.e-]+$/m,
    /^innkeeper_health_value\{app="t-probes",service="web",instance="web\.\w+\.1",path="ready"\} 1$/m,
    /^innkeeper_checkin_ok\{app="t-probes",checkin="night-job"\} 1$/m,
  ])
    assert.match(body, series)
})

test('what fails is an alarm, which a killed keeper does not forget, until it is well', async () => {
  const edge = (await readPid(`${server.home}/sv/edge/supervise/pid`))!
  const all = new Set([edge, ...(await processTree(edge)).map(({ pid }) => pid)])
  await new Promise(resolve => mail.close(resolve))
  for (const pid of all) process.kill(pid, 'SIGSTOP')
  const standing = async (name: string) =>
    (await server.client.get<ProbeView[]>('/api/probes')).find(
      one => one.name === name && one.state === 'failing',
    )
  let told: ProbeView
  try {
    told = await until('a refusal', () => standing('mail'))
    const hung = await until('the edge hangs', () => standing('edge'))
    assert.match(hung.last!.said, /timed out after \d+ ms/)
    assert.equal(await standing('each'), undefined, 'instances are asked themselves')
    await server.killKeeper()
  } finally {
    for (const pid of all) process.kill(pid, 'SIGCONT')
  }
  const { what } = await until('the alarm', () => alarm('probe.failed', 'mail'))
  assert.match(what, /the probe mail of t-probes fails since .* UTC: connect ECONNREFUSED/)
  assert.equal((await standing('mail'))!.since, told.since, 'it is the same failure')
  await open()
  await until('its end', () => over('probe.failed', 'mail'))
  await until('its end', () => over('probe.failed', 'edge'))
})

test('a job calls the address of its environment, as the app, and a killed keeper knows what it said', async () => {
  const { port: own } = (await server.app('t-probes')).services[0]!.instances[0]!
  const job = (said: string) => fetch(`http://127.0.0.1:${own}/job${said}`).then(answer => answer.text())
  assert.deepEqual([(await checkin()).state, (await checkin()).endedAt], ['waiting', null])
  assert.equal(await job('/start'), '200')
  assert.equal((await checkin()).state, 'running')
  await server.killKeeper()
  assert.equal((await until('a state', checkin)).state, 'running')
  assert.equal(await job('/7'), '200')
  assert.deepEqual([(await checkin()).state, (await checkin()).code], ['failed', 7])
  assert.match(
    (await until('the alarm', () => alarm('checkin.failed', 'night-job'))).what,
    /failed at .* with 7/,
  )
  assert.equal(await job(''), '200')
  assert.equal((await checkin()).state, 'ok')
  assert.equal(await job('/nonsense'), '422')
})

test('whoever calls sends what it likes along, and nobody else knows an address', async () => {
  const { url } = await checkin()
  const post = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{not json' }
  assert.equal((await fetch(url!, post)).status, 200)
  assert.equal((await fetch(url!.slice(0, -1))).status, 404)
  const many = await Promise.all(Array.from({ length: 30 }, () => fetch(url!).then(({ status }) => status)))
  assert.deepEqual(
    [...new Set(many)].toSorted((a, b) => a - b),
    [200, 429],
  )
  const listed = await server.inn(['checkins', 't-probes'])
  assert.equal((listed.json as unknown as CheckinView[])[0]!.url, url, listed.text)
})

test('what is taken out of the file is neither asked nor waited for', async () => {
  const { url } = await checkin()
  await app.write({ 'innkeeper.yaml': yaml('t-probes') })
  assert.equal((await app.deploy()).json.outcome, 'done')
  await until('nothing', async () => ((await probes()).length === 0 ? true : null))
  assert.deepEqual((await server.inn(['checkins'])).json, [])
  for (const noun of ['probes', 'checkins'])
    assert.equal((await server.inn([noun, 't-none'])).json.failure?.code, 'app.unknown')
  assert.equal((await fetch(url!)).status, 404)
})
