import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { createMetrics } from '../src/metrics.ts'

test('what is counted and measured is printed as Prometheus reads it', async () => {
  const metrics = createMetrics({ prefix: 'shop_', process: false })
  const orders = metrics.counter('orders_total', { help: 'Orders\nthat came.' })
  orders.add()
  orders.add({ kind: 'a "b"\\c\nd' }, 2)
  const took = metrics.histogram('answer_seconds', { help: 'Time to answer.', buckets: [1, 0.1] })
  took.observe(0.05)
  took.observe(3)
  metrics.gauge('beds', { help: 'Beds.', read: async () => [[{ room: 1 }, 4]] as const })
  metrics.gauge('broken', {
    help: 'Reads a database that is down.',
    read: () => Promise.reject(new Error('no')),
  })
  metrics.gauge('nothing', { help: 'Not known.', read: () => undefined })
  assert.equal(
    await metrics.text(),
    `# HELP shop_orders_total Orders\\nthat came.
# TYPE shop_orders_total counter
shop_orders_total 1
shop_orders_total{kind="a \\"b\\"\\\\c\\nd"} 2
# HELP shop_answer_seconds Time to answer.
# TYPE shop_answer_seconds histogram
shop_answer_seconds_bucket{le="0.1"} 1
shop_answer_seconds_bucket{le="1"} 1
shop_answer_seconds_bucket{le="+Inf"} 2
shop_answer_seconds_sum 3.05
shop_answer_seconds_count 2
# HELP shop_beds Beds.
# TYPE shop_beds gauge
shop_beds{room="1"} 4
`,
  )
})

test('promtool finds nothing wrong, with what a process says of itself', async t => {
  const metrics = createMetrics({ prefix: 'shop_' })
  metrics.counter('orders_total', { help: 'Orders.' }).add({ kind: 'x' })
  metrics.histogram('answer_seconds', { help: 'Time to answer.' }).observe(0.2, { route: '/' })
  const text = await metrics.text()
  assert.match(text, /^shop_process_resident_memory_bytes \d{7,}$/m)
  const { status, stderr, error } = spawnSync('promtool', ['check', 'metrics'], { input: text })
  if (error) return t.skip('no promtool here')
  assert.equal(status, 0, String(stderr))
})

test('a gauge that hangs is left out, a name is taken once, and labels without a bound are bounded', async () => {
  const metrics = createMetrics({ process: false, timeoutMs: 50 })
  metrics.gauge('slow', { help: 'x', read: () => new Promise(() => {}) })
  const all = metrics.counter('asked_total', { help: 'x' })
  for (let n = 0; n < 2_000; n++) all.add({ path: `/${n}` })
  const text = await metrics.text()
  assert.equal(text.split('\n').filter(line => line.startsWith('asked_total{')).length, 1_000)
  assert.doesNotMatch(text, /slow/)
  assert.throws(() => metrics.counter('asked_total', { help: 'x' }), /already/)
  assert.throws(() => metrics.counter('not a name', { help: 'x' }), /no name/)
  assert.throws(() => all.add({}, -1), /only grows/)
})
