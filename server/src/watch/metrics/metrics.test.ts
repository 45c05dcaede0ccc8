import assert from 'node:assert/strict'
import { test } from 'node:test'
import { jsonMetrics } from './json.ts'
import { filled, linesOf, MOST_POINTS, stepOf, summaryOf } from './queries.ts'
import { measuredOf } from './targets.ts'
import { metricsText } from './text.ts'

const text = (body: unknown) =>
  metricsText(jsonMetrics(body).metrics)
    .split('\n')
    .filter(line => /^app_/.test(line))

test('numbers of JSON become series by their paths, and nothing else does', () => {
  assert.deepEqual(
    text({ database: { responseTime: 3.5, status: 'ok' }, ready: true, list: [1, 2], none: null, 'a-b': 0 }),
    ['app_database_responseTime 3.5', 'app_ready 1', 'app_a_b 0'],
  )
  for (const body of [null, 'x', [1], 7]) assert.ok(text(body).length <= 1, JSON.stringify(body))
})

test('of a JSON body so much is taken and no more, and the rest is counted', () => {
  const wide = Object.fromEntries(Array.from({ length: 10_000 }, (_, n) => [`user_${n}`, n]))
  const { metrics, left } = jsonMetrics(wide)
  assert.deepEqual([metrics.length, left], [200, 9_800])
  const deep = Array.from({ length: 50 }).reduce<object>(inner => ({ a: inner }), { n: 1 })
  assert.deepEqual(jsonMetrics(deep), { metrics: [], left: 1 })
  // Two paths that are one name: the first stays.
  assert.deepEqual(text({ 'a.b': 1, a_b: 2 }), ['app_a_b 1'])
})

test('labels are written so that no value ends them', () => {
  const samples = [[{ app: 'a"b\\c\nd', none: null }, 1]] as const
  assert.equal(
    metricsText([{ name: 'x', kind: 'gauge', help: 'X.', samples }]),
    '# HELP x X.\n# TYPE x gauge\nx{app="a\\"b\\\\c\\nd"} 1\n',
  )
  assert.equal(metricsText([{ name: 'x', kind: 'gauge', help: 'X.', samples: [] }]), '')
})

test('what is asked is what is deployed, in one order', () => {
  const ports = new Map([
    ['b.redis', 2],
    ['a.redis', 1],
    ['a.web.blue.1', 3],
  ])
  const one = {
    app: 'a',
    environment: 'production',
    service: 'web',
    colour: 'blue',
    release: 'r1',
    port: 3,
    path: '/m',
    format: 'text' as const,
  }
  const found = measuredOf(
    ports,
    [
      { app: 'z', port: null },
      { app: 'b', port: 9 },
      { app: 'a', port: 8 },
    ],
    [
      { ...one, instance: 'web.blue.2' },
      { ...one, instance: 'web.blue.1' },
    ],
    null,
  )
  assert.deepEqual(found.clusters, [
    { app: 'a', port: 8 },
    { app: 'b', port: 9 },
  ])
  assert.deepEqual(
    found.redis.map(({ app }) => app),
    ['a', 'b'],
  )
  assert.deepEqual(
    found.instances.map(({ instance }) => instance),
    ['web.blue.1', 'web.blue.2'],
  )
})

test('a chart has a bounded number of points, whole scrapes apart, and windows of four scrapes at least', () => {
  const day = 86_400_000
  assert.deepEqual(stepOf(900_000, 120), { stepMs: 15_000, windowMs: 60_000 })
  assert.deepEqual(stepOf(90 * day, 10_000), { stepMs: 15_555_000, windowMs: 15_555_000 })
  for (const range of [60_000, 900_000, day, 90 * day])
    for (const points of [2, 120, MOST_POINTS])
      assert.ok(range / stepOf(range, points).stepMs <= points, `${range} ${points}`)
  assert.equal(filled('x{app="$app"}[$window]', 'shop', 60_000), 'x{app="shop"}[60s]')
})

test('lines share one time axis, and what is missing is a gap', () => {
  const points = [
    [0, 1],
    [30_000, 3],
  ] as const
  const made = linesOf([{ labels: { a: 'b' }, points }], { from: 0, to: 30_000, stepMs: 15_000 })
  assert.deepEqual(made.times, [0, 15_000, 30_000])
  assert.deepEqual(made.lines[0]!.values, [1, null, 3])
  const many = Array.from({ length: 60 }, () => ({ labels: {}, points }))
  assert.deepEqual(
    [50, 10],
    [
      linesOf(many, { from: 0, to: 0, stepMs: 1 }).lines.length,
      linesOf(many, { from: 0, to: 0, stepMs: 1 }).left,
    ],
  )
})

test('figures of routes are put together by service and route, the busiest first', () => {
  const found = (route: string, value: number) => ({
    labels: { service: 'web', route },
    points: [[0, value]] as const,
  })
  const shown = summaryOf('shop', 60_000, {
    requestsPerSecond: [{ labels: {}, points: [[0, 5]] }],
    'requestsPerSecond by route': [found('/', 1), found('/api', 4)],
    'p95 by route': [found('/api', 0.2)],
  })
  assert.equal(shown.all.requestsPerSecond, 5)
  assert.deepEqual(
    shown.routes.map(({ route, requestsPerSecond, p95, errors }) => [route, requestsPerSecond, p95, errors]),
    [
      ['/api', 4, 0.2, null],
      ['/', 1, null, null],
    ],
  )
})
