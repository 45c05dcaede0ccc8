import assert from 'node:assert/strict'
import { test } from 'node:test'
import { asNumber, type HealthBody, healthSeries, healthValues } from './health.ts'

test('numbers stay, yes and what is well is 1, no and what is wrong is 0, other texts are nothing', () => {
  const cases: Array<[said: unknown, value: number | null]> = [
    [3.5, 3.5],
    [-1, -1],
    [Number.POSITIVE_INFINITY, null],
    [true, 1],
    [false, 0],
    ['ok', 1],
    ['UP', 1],
    ['healthy', 1],
    ['down', 0],
    ['error', 0],
    ['not ready', 0],
    ['degraded', 0],
    ['okay?', null],
    ['2026-11-29', null],
    ['', null],
    [null, null],
    [[1], null],
  ]
  for (const [said, value] of cases) assert.equal(asNumber(said), value, JSON.stringify(said))
})

test('a body is read by its paths; what is no object of JSON says nothing', () => {
  const body = {
    ready: true,
    checks: { database: { responseTime: 4.2, status: 'up' }, hosts: ['a'] },
    services: { redis: { status: 'down', note: 'since noon' } },
  }
  assert.deepEqual(Object.fromEntries(healthValues(JSON.stringify(body))), {
    ready: 1,
    'checks.database.responseTime': 4.2,
    'checks.database.status': 1,
    'services.redis.status': 0,
  })
  for (const text of ['', 'OK', '[1]', '5', '{"cut": 1', '<html>'])
    assert.equal(healthValues(text).size, 0, text)
  const deep = JSON.stringify({ a: { b: { c: { d: { e: { f: 1, g: { h: 2 } } } } } } })
  assert.deepEqual([...healthValues(deep).keys()], ['a.b.c.d.e.f'])
  assert.equal(healthValues(JSON.stringify({ ['k'.repeat(200)]: 1 })).size, 0)
})

const body = (said: object, more: Partial<HealthBody> = {}): HealthBody => ({
  ...{ app: 'shop', service: 'api', instance: 'api.blue.1', release: 'r1', body: JSON.stringify(said) },
  ...more,
})

test('fifty paths of a service become series, the same at each time, also when its keys change', () => {
  const series = healthSeries()
  const many = (from: number) =>
    Object.fromEntries(Array.from({ length: 80 }, (_, n) => [`k${from + n}`, n] as const))
  const paths = (bodies: HealthBody[]) => series(bodies).samples.map(([labels]) => labels['path'])
  const first = paths([body(many(0))])
  assert.deepEqual([first.length, first[0], first[49]], [50, 'k0', 'k49'])
  assert.deepEqual(paths([body(many(40))]), [
    'k40',
    'k41',
    'k42',
    'k43',
    'k44',
    'k45',
    'k46',
    'k47',
    'k48',
    'k49',
  ])
  assert.deepEqual(paths([body(many(500))]), [])
  assert.equal(paths([body(many(500), { release: 'r2' })]).length, 50, 'another release has others')
})

test('each instance has series of its own, with its labels', () => {
  const all = [body({ ready: true }), body({ ready: false }, { instance: 'api.blue.2' })]
  assert.deepEqual(healthSeries()(all).samples, [
    [{ app: 'shop', service: 'api', instance: 'api.blue.1', path: 'ready' }, 1],
    [{ app: 'shop', service: 'api', instance: 'api.blue.2', path: 'ready' }, 0],
  ])
})
