import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startMotel, until, Visitor, type Motel } from './motel'

let motel: Motel
let url: string

before(async () => {
  motel = await startMotel()
  url = await motel.instance()
})

after(() => motel.stop())

async function ask(path: string) {
  const response = await fetch(url + path)
  return { status: response.status, body: JSON.parse(await response.text()) }
}

test('health tells of every part', async () => {
  const { status, body } = await ask('/health')
  equal(status, 200)
  equal(body.status, 'ok')
  match(body.version, /^\d+\.\d+\.\d+$/)
  ok(Date.parse(body.timestamp) > 0 && body.uptime >= 0)
  for (const part of ['database', 'redis']) {
    equal(body.checks[part].status, 'ok')
    ok(body.checks[part].responseTime >= 0)
  }
  equal(body.checks.websocket.details.connectedUsers, 0)
  ok(body.checks.memory.details.heapUsedMB > 0)
  deepEqual(await ask('/health/live'), { status: 200, body: { status: 'ok' } })
  equal((await ask('/health/ready')).status, 200)
})

test('metrics say the same as JSON and as text', async () => {
  const { body } = await ask('/metrics')
  const text = await (await fetch(`${url}/metrics/prometheus`)).text()
  const lines: Array<[string, number]> = [
    ['motel_suites_total', 30],
    ['motel_tasks_total', 300],
    ['motel_tasks_pending', body.tasks.pending],
    ['motel_tasks_in_progress', body.tasks.inProgress],
  ]
  for (const [name, value] of lines) match(text, new RegExp(`^${name} ${value}$`, 'm'))
  equal(body.tasks.total, 300)
  equal(body.tasks.pending + body.tasks.inProgress, 40)
  match(text, /^motel_http_request_duration_seconds_bucket\{le="0.5",method="GET",route="\/health",status="200"\} \d/m)
  match(text, /^motel_uptime_seconds \d/m)
  match(text, /^motel_memory_heap_used_bytes \d/m)
})

test('without Redis it is not ready, goes on answering, and is ready again by itself', async () => {
  const desk = await Visitor.logIn(url, 'tobin@lodge.example')
  await motel.redis.stop()
  const down = await ask('/health/ready')
  equal(down.status, 503)
  equal(down.body.checks.redis.status, 'down')
  equal((await ask('/health')).body.status, 'unavailable')
  equal((await ask('/health/live')).status, 200)
  const { body: suites } = await desk.get('/api/suites')
  const left = suites.find((suite: { status: string }) => suite.status === 'occupied')
  equal((await desk.post(`/api/suites/${left.id}/status`, { status: 'dirty' })).status, 201)
  await motel.redis.start()
  await until('it is ready again', async () => (await ask('/health/ready')).status === 200)
})

// The last, because this database does not come back.
test('without the database it is not ready, and says so in the API', async () => {
  const desk = await Visitor.logIn(url, 'tobin@lodge.example')
  motel.cluster.stop()
  const down = await ask('/health/ready')
  equal(down.status, 503)
  equal(down.body.checks.database.status, 'down')
  const refused = await desk.get('/api/suites')
  equal(refused.status, 503, JSON.stringify(refused.body))
  const metrics = async () => (await fetch(`${url}/metrics/prometheus`)).text()
  await until('the last count is too old to be told', async () => !/^motel_tasks_total/m.test(await metrics()))
  match(await metrics(), /^motel_uptime_seconds \d/m)
})
