import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { openStore } from '../../db/db.ts'
import type { Traffic, TrafficByRelease } from '../../reach/edge/edge.ts'
import { SLOT_SECONDS, trafficHistory } from './traffic.ts'

const SLOT = SLOT_SECONDS * 1000
const MINUTE = 60_000
const START = 1_000 * MINUTE

/** So many requests, all within 0.1 s or all within 1 s. */
const counted = (requests: number, { failed = 0, errors = 0, slow = false } = {}): Traffic => ({
  requests,
  status: { '2xx': requests - failed - errors, '3xx': 0, '4xx': 0, '5xx': errors, failed },
  seconds: [
    { le: 0.1, count: slow ? 0 : requests },
    { le: 1, count: requests },
    { le: Number.POSITIVE_INFINITY, count: requests },
  ],
  active: 0,
})

function history(t: TestContext) {
  const store = openStore(':memory:')
  t.after(() => store.close())
  let at = START
  const traffic: Record<string, TrafficByRelease> = {}
  const kept = trafficHistory(store, {
    apps: {
      all: async () =>
        Object.keys(traffic).map(name => ({
          name,
          port: 8001,
          state: 'running',
          live: {},
          warm: {},
          scale: {},
        })),
    },
    edge: { traffic: async name => traffic[name]! },
    clock: { now: () => at, sleep: async () => {} },
  })
  /** A slot passes, and the edge counts this at its end. */
  const slot = async (app: string, now: TrafficByRelease) => {
    at += SLOT
    traffic[app] = now
    await kept.tick()
  }
  return {
    ...kept,
    slot,
    wait: (ms: number) => {
      at += ms
    },
    now: () => at,
  }
}

const NONE = { requests: 0, errors: 0 }

test('what was counted before the keeper began to look belongs to no slot', async t => {
  const { slot, window, wait } = history(t)
  await slot('shop', { 'api/r1': counted(100) })
  wait(SLOT)
  const { points } = await window('shop', 1)
  assert.deepEqual(new Set(points.map(p => p.requests)), new Set([0]))
})

test('the first visitors of an app that is new are counted', async t => {
  const { slot, window, wait, lately } = history(t)
  await slot('shop', { 'api/r1': counted(100) })
  await slot('bar', { 'web/r1': counted(60, { errors: 20 }) })
  wait(SLOT)
  assert.equal(
    (await window('bar', 1)).points.reduce((sum, p) => sum + p.requests, 0),
    60,
  )
  assert.deepEqual(lately('bar', 'web', 'r1'), { requests: 60, errors: 20 })
})

test('a slot has what came in it, of all releases and services, with errors of both kinds', async t => {
  const { slot, window, now } = history(t)
  await slot('shop', { 'api/r1': counted(100) })
  await slot('shop', {
    'api/r1': counted(107, { errors: 2 }),
    'api/r2': counted(3, { failed: 1, slow: true }),
  })
  const { slotSeconds, points } = await window('shop', 1)
  assert.deepEqual([slotSeconds, points.length], [SLOT_SECONDS, 12])
  assert.deepEqual(points.at(-1), { at: now() - SLOT, requests: 10, errors: 3, p50: 100, p95: 1000 })
  assert.deepEqual(points.at(-2), { at: now() - 2 * SLOT, requests: 0, errors: 0, p50: null, p95: null })
})

test('a longer window has wider points: the sum of their slots, and the latency of the busiest', async t => {
  const { slot, window, wait, now } = history(t)
  await slot('shop', { 'api/r1': counted(0) })
  await slot('shop', { 'api/r1': counted(2, { slow: true }) })
  await slot('shop', { 'api/r1': { ...counted(11, { slow: true }), seconds: counted(11).seconds } })
  wait(5 * MINUTE - (now() % (5 * MINUTE)))
  const { slotSeconds, points } = await window('shop', 60)
  assert.deepEqual([slotSeconds, points.length], [10, 360])
  const busy = points.filter(p => p.requests > 0)
  assert.deepEqual(
    busy.map(p => [p.requests, p.p95]),
    [
      [2, 1000],
      [9, 100],
    ],
  )
  const all = await window('shop', 600)
  assert.deepEqual([all.slotSeconds, all.points.length], [100, 360])
  assert.deepEqual(
    all.points.flatMap(p => (p.requests === 0 ? [] : [[p.requests, p.p95]])),
    [[11, 100]],
  )
})

test('of the last minute each release of a service is known by itself', async t => {
  const { slot, lately, wait } = history(t)
  await slot('shop', { 'api/r1': counted(100, { errors: 100 }) })
  for (let n = 1; n <= 13; n++)
    await slot('shop', {
      'api/r1': counted(100 + 10 * n, { errors: 100 + n, failed: n }),
      'api/r2': counted(n),
    })
  assert.deepEqual(lately('shop', 'api', 'r1'), { requests: 120, errors: 24 })
  assert.deepEqual(lately('shop', 'api', 'r2'), { requests: 12, errors: 0 })
  assert.deepEqual([lately('shop', 'web', 'r1'), lately('bar', 'api', 'r1')], [NONE, NONE])
  wait(2 * MINUTE)
  assert.deepEqual(lately('shop', 'api', 'r1'), NONE)
})

test('apps do not see each other, and what is older than three days goes', async t => {
  const { slot, window, wait } = history(t)
  await slot('shop', { 'api/r1': counted(0) })
  await slot('shop', { 'api/r1': counted(5) })
  wait(SLOT)
  const sum = async (app: string, minutes: number) =>
    (await window(app, minutes)).points.reduce((n, p) => n + p.requests, 0)
  assert.deepEqual([await sum('shop', 1), await sum('api', 1)], [5, 0])
  wait(3 * 24 * 60 * MINUTE - 10 * SLOT)
  assert.equal(await sum('shop', 4 * 24 * 60), 5)
  await slot('shop', { 'api/r1': counted(5) })
  assert.equal(await sum('shop', 4 * 24 * 60), 5, 'within three days it stays')
  wait(10 * SLOT)
  await slot('shop', { 'api/r1': counted(5) })
  assert.equal(await sum('shop', 4 * 24 * 60), 0)
})
