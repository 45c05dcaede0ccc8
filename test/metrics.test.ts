import assert from 'node:assert/strict'
import { readFile, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Provider, provider, SLACK } from '../server/src/drivers/channels/provider.fixture.ts'
import { exec } from '../server/src/drivers/host/exec.ts'
import { request } from '../server/src/drivers/host/http.ts'
import { findAccount } from '../server/src/drivers/host/users.ts'
import { withDatabase } from '../server/src/drivers/postgres/connect.ts'
import type { Activity } from '../server/src/watch/activity/wire.ts'
import type { AppMetrics, AppVitals, Chart, Forecast } from '../server/src/watch/metrics/wire.ts'
import type { Statements } from '../server/src/watch/statements/wire.ts'
import { type Fixture, makeApp, yaml } from './kit/app.ts'
import * as prometheus from './kit/prometheus.ts'
import { makeServer, readPid, type Server } from './kit/server.ts'

/** Its own metrics as text with a wrong type, and as JSON; a path of each status. */
const SOURCE = `
const text = () => '# TYPE tasks_pending gauge\\ntasks_pending ' + 7 + '\\nup 5\\n' +
  (process.env.MANY ? Array.from({ length: 10000 }, (_, n) => 'wide{id="' + n + '"} 1').join('\\n') + '\\n' : '')
require('node:http').createServer((request, response) => {
  if (request.url === '/numbers') return response.setHeader('content-type', 'text/html').end(text())
  if (request.url === '/numbers.json') return response.end(JSON.stringify({ queue: { waiting: 3, name: 'x' }, ok: true }))
  if (request.url === '/page') return response.setHeader('content-type', 'text/html').end('<head></head>hello')
  if (request.url === '/fail') response.statusCode = 500
  response.end(JSON.stringify({ ready: true }))
}).listen(process.env.PORT, '127.0.0.1')
`
const YAML = yaml(
  't-metrics',
  'database: { postgres: true, quota: 1GB }\nredis: true\n',
  `    metrics: /numbers
    vitals: true
  api:
    start: node server.js
    worker: false
    metrics: { path: /numbers.json, format: json }
    health: { path: /health, interval: 200ms, startPeriod: 15s }
routes: { /: web, /api: api }
`,
)

let server: Server
let app: Fixture
let url: string
/** What Prometheus asked of the watchdog. */
const called: string[] = []
const watchdog = createServer(({ url: path }, answer) => {
  called.push(path!)
  answer.end('OK')
})

const port = () => (watchdog.address() as AddressInfo).port

before(async () => {
  server = await makeServer({ metrics: true })
  await new Promise<void>(resolve => watchdog.listen(0, '127.0.0.1', resolve))
  const set = ['alerts', 'settings', '--metrics-watchdog', `http://127.0.0.1:${port()}/ping?server=one`]
  assert.equal((await server.inn(set)).code, 0)
  app = await makeApp(server, 't-metrics', { 'innkeeper.yaml': YAML, 'server.js': SOURCE })
  const done = await app.deploy()
  assert.equal(done.json.outcome, 'done', done.text)
  url = (await server.app('t-metrics')).url!
})
after(async () => {
  watchdog.close()
  await server?.remove()
})

const query = (text: string) => prometheus.query(server, text)
const soon = (text: string, good?: (found: Awaited<ReturnType<typeof query>>) => boolean) =>
  prometheus.soon(server, text, good)

test('from the first deploy on the edge, instances, PostgreSQL, Redis and the host are measured', async () => {
  for (let n = 0; n < 20; n++) await fetch(`${url}/${n}`)
  for (let n = 0; n < 5; n++) await fetch(`${url}/api/${n}`)
  const page = await (await fetch(`${url}/page`, { headers: { accept: 'text/html' } })).text()
  assert.match(page, /^<head><script defer src="\/\.innkeeper\/vitals\.js\?\w+"><\/script><\/head>hello$/)
  const body = 'path=/page&view=/page&lcp=4200&inp=90'
  assert.equal((await fetch(`${url}/.innkeeper/vitals`, { method: 'POST', body })).status, 204)
  await fetch(`${url}/fail`)
  const names = {
    'http_requests_total{job="edge",app="t-metrics",route="/api",code="2xx"} >= 5': ['service', 'api'],
    'http_requests_total{job="edge",app="t-metrics",route="/",code="5xx"} == 1': ['colour', 'blue'],
    'http_request_duration_seconds_bucket{job="edge",app="t-metrics",le="+Inf",route="/"} >= 20': [
      'service',
      'web',
    ],
    'process_resident_memory_bytes{job="keeper",app="t-metrics",instance="web.blue.1"} > 1e7': [
      'release',
      'r1',
    ],
    'process_open_fds{job="keeper",app="t-metrics",service="api"} > 3': ['colour', 'blue'],
    'innkeeper_app_serving{app="t-metrics"} == 1': ['job', 'keeper'],
    'innkeeper_part_up{part="t-metrics.postgres"} == 1': ['job', 'keeper'],
    'innkeeper_runs_total{kind="deploy",app="t-metrics",outcome="done"} == 1': ['job', 'keeper'],
    'node_memory_MemAvailable_bytes > 0': ['job', 'node'],
    'pg_database_size_bytes{app="t-metrics",datname="t_metrics"} > 1e6': ['job', 'postgres'],
    'innkeeper_database_bytes{app="t-metrics"} > 1e6': ['job', 'keeper'],
    'innkeeper_database_quota_bytes{app="t-metrics"} == 1024 ^ 3': ['job', 'keeper'],
    'pg_blocks_hit{datname="t_metrics"} > 1': ['app', 't-metrics'],
    'pg_settings_max_connections > 5': ['app', 't-metrics'],
    'redis_memory_used_bytes{app="t-metrics"} > 1e5': ['job', 'redis'],
    'prometheus_config_last_reload_successful == 1': ['job', 'prometheus'],
  } as const
  for (const [text, [label, value]] of Object.entries(names))
    assert.equal((await soon(text))[0]!.metric[label], value, text)
  // The watchdog answers with a word, and not with metrics.
  assert.equal((await soon('count(up{job!="watchdog"} == 1) == count(up{job!="watchdog"})')).length, 1)
})

test('inn db slow says which statements take the time', async () => {
  const asked = "select count(*) from pg_catalog.pg_class where relname <> 'x'"
  const ran = await server.inn(['run', '--app', 't-metrics', '--', 'psql', '-c', asked])
  assert.equal(ran.code, 0, ran.text)
  const { statements } = (await server.inn(['db', 'slow', 't-metrics'])).json as unknown as Statements
  const found = statements.find(one => one.text.startsWith('select count(*) from pg_catalog.pg_class'))
  assert.deepEqual([found?.text.includes("'x'"), found?.calls], [false, 1])
})

test('inn db locks says who waits for whom, and inn db kill ends it', async () => {
  const psql = (sql: string) => ['run', '--app', 't-metrics', '--', 'psql', '-c', sql]
  const holder = server.begin(psql('select pg_advisory_lock(7); select pg_sleep(60)'))
  // Whoever comes first has the lock, and the one that is to wait would be done with it at once.
  const sleeps = async () => {
    const { sessions } = (await server.inn(['db', 'activity', 't-metrics'])).json as unknown as Activity
    return sessions.some(one => one.text.includes('pg_sleep(60)') && one.waits?.includes('PgSleep'))
  }
  for (const end = Date.now() + 20_000; !(await sleeps()) && Date.now() < end; ) await sleep(200)
  const waiter = server.begin(psql('select pg_advisory_lock(7)'))
  const locks = async () => (await server.inn(['db', 'locks', 't-metrics'])).json as unknown as Activity
  let seen = await locks()
  for (const end = Date.now() + 20_000; seen.locks.length < 2 && Date.now() < end; seen = await locks())
    await sleep(200)
  assert.deepEqual(
    seen.locks.map(({ depth }) => depth),
    [0, 1],
  )
  const killed = await server.inn(['db', 'kill', String(seen.locks[0]!.pid), 't-metrics'])
  assert.equal(killed.code, 0, killed.text)
  assert.equal((await waiter.ended).code, 0)
  assert.notEqual((await holder.ended).code, 0)
})

test("an app's own metrics come as text with a wrong type and as JSON, with what is deployed as labels", async () => {
  const [text] = await soon('tasks_pending')
  const { service, release, colour, environment } = text!.metric
  assert.deepEqual([service, release, colour, environment], ['web', 'r1', 'blue', 'production'])
  assert.equal(text!.value[1], '7')
  const [waiting] = await soon('app_queue_waiting')
  assert.deepEqual([waiting!.metric['service'], waiting!.value[1]], ['api', '3'])
  assert.equal((await soon('app_ok'))[0]!.value[1], '1')
  assert.deepEqual(await query('up{job="app"} == 5'), [], 'what an app calls up takes the place of nothing')
})

test('inn metrics says what visitors got, and any series can be asked for', async () => {
  await soon('count(rate(http_requests_total{app="t-metrics"}[5m])) > 0')
  await soon('increase(page_views_total{app="t-metrics",page="/page"}[5m]) > 0')
  const shown = await server.inn(['metrics', 't-metrics', '--range', '1h'])
  const found = shown.json as unknown as AppMetrics & { felt: AppVitals }
  const [lcp] = found.felt.pages[0]!.vitals
  assert.deepEqual([found.felt.pages[0]!.page, lcp!.name, lcp!.rating], ['/page', 'lcp', 'poor'])
  assert.ok(found.felt.views > 0)
  assert.equal(shown.code, 0, shown.text)
  assert.ok(found.memoryBytes! > 2e7, shown.text)
  assert.deepEqual(found.routes.map(one => one.route).sort(), ['/', '/api'])
  await soon('count_over_time(tasks_pending[5m]) >= 3')
  const chart = (await server.inn(['metrics', 't-metrics', '--query', 'tasks_pending{app="$app"}']))
    .json as unknown as Chart
  assert.equal(
    chart.lines[0]!.values.findLast(value => value !== null),
    7,
  )
  assert.ok(chart.times.length <= 61)
  assert.ok(chart.marks.some(mark => mark.label === 'deploy r1'))
  const forecasts = (await server.inn(['metrics', '--forecast'])).json as unknown as Forecast[]
  assert.ok(
    forecasts.some(({ kind, of, share }) => kind === 'database' && of === 't-metrics' && share > 0.001),
  )
  assert.ok(
    forecasts.some(({ kind, fullAt }) => kind === 'disk' && fullAt === null),
    'a minute is no two weeks',
  )
  const wrong = await server.inn(['metrics', '--query', 'sum('])
  assert.match(wrong.text, /metrics\.query/)
  assert.match(wrong.text, /parse error/)
})

async function asks(path: string, headers: Record<string, string> = {}): Promise<number> {
  const { apiPort: port } = await prometheus.settingsOf(server)
  return (await request({ host: '127.0.0.1', port, path, headers, timeoutMs: 10_000 })).status
}

test("the keeper's metrics are for Prometheus alone, and its token opens nothing else", async () => {
  const token = await readFile(join(server.home, 'metrics/alerts-token'), 'utf8')
  const headers = { authorization: `Bearer ${token}` }
  assert.equal(await asks('/api/metrics', headers), 200)
  assert.equal(await asks('/api/metrics'), 401)
  assert.equal(await asks('/api/metrics', { authorization: `Bearer ${token}x` }), 401)
  assert.equal(await asks('/api/status', headers), 401)
})

test('no app reaches Prometheus or an exporter, and no exporter runs as root', async t => {
  const { metrics: given } = await prometheus.settingsOf(server)
  const nobody = await findAccount('nobody')
  for (const [name, port] of Object.entries(given)) {
    const argv = [
      'curl',
      '-s',
      '-m',
      '3',
      '-o',
      '/dev/null',
      '-w',
      '%{http_code}',
      `http://127.0.0.1:${port}/metrics`,
    ]
    assert.equal((await exec({ argv, user: nobody, timeoutMs: 10_000 })).stdout, '000', name)
    assert.equal((await exec({ argv, timeoutMs: 10_000 })).stdout, '200', name)
  }
  for (const name of ['prometheus', 'node-exporter', 'postgres-exporter', 'redis-exporter']) {
    const pid = await readPid(join(server.home, `sv/${name}/supervise/pid`))
    const status = await readFile(`/proc/${pid}/status`, 'utf8')
    assert.doesNotMatch(status, /^Uid:\s+0\b/m, name)
  }
  t.diagnostic('by nftables')
})

test('what measures databases reads nothing of an app', async () => {
  const password = (await readFile(join(server.home, 'metrics/monitor'), 'utf8')).trim()
  const port = (await readFile(join(server.home, 'postgres/t-metrics/port'), 'utf8')).trim()
  const as = (database: string) =>
    `postgresql://innkeeper_monitor:${password}@127.0.0.1:${port}/${database}?sslmode=disable`
  const found = await withDatabase(as('postgres'), query => query('select count(*) from pg_stat_activity'))
  assert.equal(found.length, 1)
  await assert.rejects(
    withDatabase(as('t_metrics'), query => query('select 1')),
    ({ why }: { why: string }) => /permission denied for database/.test(why),
  )
  const [target] = JSON.parse(
    await readFile(join(server.home, 'metrics/targets/redis.json'), 'utf8'),
  ) as Array<{
    targets: string[]
  }>
  const redis = (...words: string[]) =>
    exec({
      argv: [
        'redis-cli',
        '-p',
        target!.targets[0]!.split(':')[1]!,
        '--user',
        'innkeeper_monitor',
        '--no-auth-warning',
        ...words,
      ],
      env: { REDISCLI_AUTH: password },
      timeoutMs: 5_000,
    })
  assert.match((await redis('info', 'memory')).stdout, /used_memory:/)
  for (const words of [['get', 'x'], ['keys', '*'], ['config', 'get', 'requirepass'], ['flushall']])
    assert.match((await redis(...words)).stdout, /NOPERM/, words.join(' '))
})

const pidFile = () => join(server.home, 'sv/prometheus/supervise/pid')

test('Prometheus that hangs is said, and holds back nothing else that is known', async () => {
  const codes = async () => (await server.status()).alarms.map(({ code }) => code)
  const until = async (good: (found: string[]) => boolean) => {
    for (const end = Date.now() + 30_000; ; await sleep(300)) {
      const found = await codes()
      if (good(found)) return
      assert.ok(Date.now() < end, found.join())
    }
  }
  const pid = (await readPid(pidFile()))!
  process.kill(pid, 'SIGSTOP')
  try {
    await until(found => found.includes('metrics.down'))
    assert.ok(!(await codes()).includes('alarms.unknown'))
  } finally {
    process.kill(pid, 'SIGCONT')
  }
  await until(found => !found.includes('metrics.down'))
})

test('Prometheus that is killed comes back with what it knew', async () => {
  const at = pidFile()
  const before = (await readPid(at))!
  process.kill(before, 'SIGKILL')
  for (const end = Date.now() + 30_000; Date.now() < end; await sleep(50)) {
    const now = await readPid(at)
    if (now !== null && now !== before) break
  }
  assert.notEqual(await readPid(at), before)
  await soon('count_over_time(tasks_pending[10m]) >= 1')
})

const ALERTS = `alerts:
  - 'size > 1MB for 0s: sms'
  - { name: QueueGrows, query: 'app_queue_waiting{app="$app"} > 2', for: 0s, severity: critical }
`

test('an alert whose query Prometheus cannot read is refused before anything is built', async () => {
  await app.write({ 'innkeeper.yaml': `${YAML}alerts: [{ name: Wrong, query: 'sum(' }]\n` })
  const refused = await app.deploy()
  assert.equal(refused.json.failure?.code ?? refused.text, 'config.alerts')
  assert.match(refused.text, /parse error/)
})

test('an app with 10,000 values of a label is bounded, and it is said', async () => {
  await app.write({ 'innkeeper.yaml': `${YAML}env: { MANY: '1' }\n${ALERTS}` })
  const done = await app.deploy()
  assert.equal(done.json.outcome, 'done', done.text)
  await soon('scrape_samples_scraped{job="app",app="t-metrics",release="r2"} > 10000')
  assert.deepEqual(await query('wide'), [])
  await soon('ALERTS{alertname="TooManySeries",app="t-metrics"}')
  await soon('app_queue_waiting{release="r2"}')
  assert.equal(
    (await soon('ALERTS{alertname="SizeOver1MB",alertstate="firing"}'))[0]!.metric['channel'],
    'sms',
  )
  const [own] = await soon('ALERTS{alertname="QueueGrows",alertstate="firing"}')
  assert.deepEqual([own!.metric['app'], own!.metric['severity']], ['t-metrics', 'critical'])
})

test('Prometheus hands what fires to the keeper, which tells the channel that a rule names, and otherwise all', async t => {
  const [sms, ops] = [await provider(t, SLACK), await provider(t, SLACK)]
  const said = ({ took }: Provider) => took.map(({ body }) => body).join('\n')
  for (const [name, { at }] of [['sms', sms] as const, ['ops', ops] as const]) {
    const file = join(server.home, `${name}.env`)
    await writeFile(file, `SLACK_URL=${at}/services/T/B/right\n`)
    const added = await server.inn(['notify', 'add', name, '--slack', '--env-file', file])
    assert.equal(added.code, 0, added.text)
  }
  const all = () => [said(sms), said(ops)]
  const SIZE = /size of t-metrics is above 1MB/
  // Prometheus says what fires again after a minute.
  for (const end = Date.now() + 100_000; !SIZE.test(said(sms)) || !/QueueGrows/.test(said(ops)); ) {
    assert.ok(Date.now() < end, JSON.stringify(all()))
    await sleep(300)
  }
  assert.match(said(sms), /QueueGrows/)
  assert.doesNotMatch(said(ops), SIZE)
})

test('Prometheus calls its watchdog, whose address no other program reads', async () => {
  for (const end = Date.now() + 70_000; called.length === 0; await sleep(300)) assert.ok(Date.now() < end)
  assert.equal(called[0], '/ping?server=one')
  const { mode } = await stat(join(server.home, 'metrics/targets/watchdog.json'))
  assert.equal(mode & 0o777, 0o640)
  const same = ['alerts', 'settings', '--watchdog', `http://127.0.0.1:${port()}/ping?server=one`]
  assert.match((await server.inn(same)).text, /an address each/)
})

test('a home is measured no more once its settings say so, and again once they do not', async () => {
  const path = join(server.home, 'settings.json')
  const change = async (metrics: object) => {
    const { metrics: _, ...rest } = JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>
    await writeFile(path, JSON.stringify({ ...rest, ...metrics }))
    const done = await server.inn(['up'])
    assert.equal(done.code, 0, done.text)
    return (await server.status()).parts.filter(({ name }) => /prometheus|exporter/.test(name)).length
  }
  assert.equal(await change({ metrics: null }), 0)
  assert.doesNotMatch(JSON.stringify((await server.status()).alarms), /metrics\./)
  assert.equal(await change({}), 4)
  await soon('tasks_pending', found => found.length > 0)
})
