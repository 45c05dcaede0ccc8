import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import { createHealth, type Health } from '../src/health.ts'

async function served(t: TestContext, health: Health) {
  const server = createServer(async (request, response) => {
    if (!(await health.handle(request, response))) response.writeHead(404).end()
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  t.after(() => server.close())
  return async (path: string) => {
    const answer = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`)
    return {
      status: answer.status,
      body: answer.status === 404 ? null : ((await answer.json()) as Record<string, never>),
    }
  }
}

test('each path says what it is asked for, in the shape of the guides', async t => {
  const ask = await served(
    t,
    createHealth({ version: '1.2.3', checks: { database: async () => [{ one: 1 }] } }),
  )
  const { status, body } = await ask('/health')
  assert.equal(status, 200)
  const { timestamp, uptime, checks, ...rest } = body as unknown as {
    timestamp: string
    uptime: number
    checks: { database: { responseTime: number } }
  }
  assert.deepEqual(rest, { status: 'ok', version: '1.2.3' })
  assert.ok(Date.now() - Date.parse(timestamp) < 5_000 && Number.isInteger(uptime))
  // Rows of a driver are no details.
  assert.deepEqual(Object.keys(checks.database).sort(), ['responseTime', 'status'])
  assert.equal((await ask('/health/live')).status, 200)
  assert.equal((await ask('/health/ready?x=1')).status, 200)
  assert.equal((await ask('/healthy')).status, 404)
})

test('what is needed and down takes no requests, what is not needed is told of, and all of it at once', async t => {
  let database = true
  const ask = await served(
    t,
    createHealth({
      checks: {
        database: () => (database ? undefined : Promise.reject(new Error('no'))),
        mail: { ask: () => Promise.reject(new Error('no')), needed: false },
        storage: () => ({ status: 'fallback', kind: 'memory' }),
      },
    }),
  )
  const before = await ask('/health/ready')
  assert.deepEqual([before.status, before.body!['status']], [200, 'ok'])
  assert.equal((await ask('/health')).body!['status'], 'degraded')
  const checks = before.body!['checks'] as unknown as Record<string, { status: string; kind?: string }>
  assert.deepEqual(
    Object.entries(checks).map(([name, { status, kind }]) => [name, status, kind]),
    [
      ['database', 'ok', undefined],
      ['mail', 'down', undefined],
      ['storage', 'fallback', 'memory'],
    ],
  )
  database = false
  const after = await ask('/health/ready')
  assert.deepEqual([after.status, after.body!['status']], [503, 'unavailable'])
  assert.equal((await ask('/health')).status, 200)
  assert.equal((await ask('/health/live')).status, 200)
})

test('a check that hangs is down in time, and is not asked again while it hangs', async () => {
  let asked = 0
  let answer = () => {}
  const health = createHealth({
    checks: {
      database: () => {
        asked++
        return new Promise<void>(resolve => {
          answer = resolve
        })
      },
    },
    timeoutMs: 60,
  })
  const began = performance.now()
  const reports = await Promise.all([health.report(), health.report()])
  assert.ok(performance.now() - began < 1_000)
  assert.deepEqual([reports.map(one => one.status), asked], [['unavailable', 'unavailable'], 1])
  assert.equal((await health.report()).status, 'unavailable')
  assert.equal(asked, 1)
  answer()
  await new Promise(setImmediate)
  const later = health.report()
  answer()
  assert.equal((await later).status, 'ok')
  assert.equal(asked, 2)
})

test('a process that ends is not ready, and alive', async t => {
  const health = createHealth()
  const ask = await served(t, health)
  health.end()
  assert.deepEqual([(await ask('/health/ready')).status, (await ask('/health/live')).status], [503, 200])
})

test('it answers where the app has it, and a fall-back is degraded', async t => {
  const health = createHealth({ path: '/api/health', checks: { storage: () => ({ status: 'fallback' }) } })
  const ask = await served(t, health)
  assert.equal((await ask('/health')).status, 404)
  assert.equal((await ask('/api/health/')).body!['status'], 'degraded')
  assert.equal((await ask('/api/health/ready')).status, 200)
})
