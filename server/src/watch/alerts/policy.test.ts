import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type Alert, severityOf } from './alert.ts'
import type { Route } from './due.ts'
import { AFTER_MS, CALM_MS, CRITICAL_MS, decide, TOGETHER_MS, type World } from './policy.ts'
import { observe } from './rule.ts'
import { readMatcher } from './silence.ts'

const MINUTE = 60_000
const NOW = 1_000 * MINUTE
const alert = (name: string, more: Partial<Alert> = {}): Alert => ({
  ...{ source: 'keeper', fingerprint: name, url: null, startsAt: null, endsAt: null, state: 'firing' },
  labels: { alertname: name, severity: 'warning' },
  annotations: { summary: `${name} is wrong` },
  ...{ occurrence: `i-${name}`, since: NOW - MINUTE, updatedAt: NOW, overAt: null, openings: [NOW - MINUTE] },
  ...{ told: {}, acked: null },
  ...more,
})
const world = (more: Partial<World> = {}): World => ({
  ...{ alerts: [], silences: [], quiet: new Set<string>(), routes: [], channels: ['ops'], now: NOW },
  ...more,
})
const told = (given: World) =>
  [...decide(given).news].flatMap(([channel, news]) => [
    `${channel}: ${news.map(({ alert: { fingerprint }, event }) => `${event} ${fingerprint}`).join(', ')}`,
  ])
const after = (given: World): World => {
  const changed = new Map(decide(given).alerts.map(one => [one.fingerprint, one]))
  return { ...given, alerts: given.alerts.map(one => changed.get(one.fingerprint) ?? one) }
}
const TOLD = { ops: { level: 'soon' as const, at: NOW } }

test('an alert is told once, to every channel, and what was told is kept with it', () => {
  const first = world({ alerts: [alert('a')], channels: ['ops', 'sms'] })
  assert.deepEqual(told(first), ['ops: begun a', 'sms: begun a'])
  assert.deepEqual(told(after(first)), [])
  assert.deepEqual(Object.keys(after(first).alerts[0]!.told), ['ops', 'sms'])
})

test('what begins within seconds is one message: fifty alerts of a dead host', () => {
  const alerts = Array.from({ length: 50 }, (_, n) => alert(`a${n}`, { openings: [NOW - n * 90] }))
  const early = decide(world({ alerts: [alert('a', { openings: [NOW - 1_000] })] }))
  assert.deepEqual([early.news.size, early.next], [0, NOW - 1_000 + TOGETHER_MS])
  const due = decide(world({ alerts, now: NOW + 600 }))
  assert.deepEqual([due.news.size, due.news.get('ops')!.length], [1, 50])
})

test('what follows from a host or an instance that is gone is not told', () => {
  const down = alert('HostDown', { labels: { alertname: 'HostDown', host: 'h1' } })
  const slow = alert('Slow', { labels: { alertname: 'Slow', instance: 'h1:9100' } })
  const other = alert('Slow2', { labels: { alertname: 'Slow', instance: 'h2:9100' } })
  assert.deepEqual(told(world({ alerts: [down, slow, other] })), ['ops: begun HostDown, begun Slow2'])
  const over = { ...down, state: 'over' as const, overAt: NOW }
  const soon = world({ alerts: [over, slow] })
  assert.deepEqual(told(soon), [])
  assert.equal(decide(soon).next, NOW + AFTER_MS)
  assert.deepEqual(told({ ...soon, now: NOW + AFTER_MS }), ['ops: begun Slow'])
})

test('of an app that is down nothing is told that follows from it, and all that does not', () => {
  const of = (name: string, app = 'shop') => alert(`${name} ${app}`, { labels: { alertname: name, app } })
  const all = [
    of('app.down'),
    of('AppErrors'),
    of('InstanceDown'),
    of('backup.overdue'),
    of('AppErrors', 'other'),
  ]
  assert.deepEqual(told(world({ alerts: all })), [
    'ops: begun app.down shop, begun backup.overdue shop, begun AppErrors other',
  ])
})

test('what is bad now waits less for others than what will be', () => {
  const alerts = [alert('a', { labels: { alertname: 'a', severity: 'critical' }, openings: [NOW] })]
  assert.equal(decide(world({ alerts })).next, NOW + CRITICAL_MS)
})

test('worse is told, better is not; over is told to whoever was told that it began', () => {
  const known = alert('a', { told: TOLD })
  const late = { ...known, labels: { ...known.labels, severity: 'critical' } }
  assert.deepEqual(told(world({ alerts: [late] })), ['ops: worse a'])
  const better = { ...known, told: { ops: { level: 'late' as const, at: NOW } } }
  assert.deepEqual(told(world({ alerts: [better] })), [])
  const over = { ...known, state: 'over' as const, overAt: NOW - TOGETHER_MS }
  assert.deepEqual(told(world({ alerts: [over], channels: ['ops', 'new'] })), ['ops: over a'])
  assert.deepEqual(told(world({ alerts: [{ ...over, state: 'stopped' }] })), ['ops: stopped a'])
  assert.deepEqual(
    told(world({ alerts: [{ ...over, told: {} }] })),
    [],
    'it was over before anybody was told',
  )
})

test('flapping is damped: it is told to be over when it was quiet for ten minutes', () => {
  const openings = [NOW - 9 * MINUTE, NOW - 6 * MINUTE, NOW - 3 * MINUTE]
  const over = alert('a', { told: TOLD, openings, state: 'over', overAt: NOW - MINUTE })
  const decision = decide(world({ alerts: [over] }))
  assert.deepEqual([decision.news.size, decision.next], [0, NOW - MINUTE + CALM_MS])
  assert.deepEqual(told(world({ alerts: [over], now: NOW - MINUTE + CALM_MS })), ['ops: over a'])
  assert.deepEqual(told(world({ alerts: [{ ...over, state: 'firing', overAt: null }] })), [], 'it is known')
})

test('during a change of its app nothing is told; what is still wrong when it ends is told at once', () => {
  const wrong = alert('a', { labels: { alertname: 'a', app: 'shop' } })
  const others = alert('b', { labels: { alertname: 'b', app: 'cms' } })
  const during = world({ alerts: [wrong, others], quiet: new Set(['shop']) })
  assert.deepEqual(told(during), ['ops: begun b'])
  assert.deepEqual(told({ ...after(during), quiet: new Set() }), ['ops: begun a'])
  const mended = { ...wrong, state: 'over' as const, overAt: NOW }
  assert.deepEqual(told(world({ alerts: [mended] })), [])
})

test('a silence keeps it quiet to its end, and then it is told', () => {
  const matchers = [readMatcher('a')!]
  const silence = {
    id: 's',
    matchers,
    startsAt: 0,
    endsAt: NOW + MINUTE,
    updatedAt: 0,
    createdBy: 'x',
    comment: '',
  }
  const silenced = decide(world({ alerts: [alert('a')], silences: [silence] }))
  assert.deepEqual([silenced.news.size, silenced.next], [0, NOW + MINUTE])
  assert.deepEqual(told(world({ alerts: [alert('a')], silences: [silence], now: NOW + MINUTE })), [
    'ops: begun a',
  ])
})

test('escalation by routes, ended by an acknowledgement', () => {
  const route = (channel: string, afterMs: number): Route => ({
    ...{ id: 1, severity: 'soon', channel, afterMs, hours: null, weeks: null, zone: 'UTC' },
  })
  const routes = [route('ops', 0), route('sms', 10 * MINUTE)]
  const first = world({ alerts: [alert('a')], channels: ['ops', 'sms'], routes })
  assert.deepEqual(told(first), ['ops: begun a'])
  const later = { ...after(first), now: NOW + 10 * MINUTE }
  assert.deepEqual(decide(after(first)).next, NOW + 9 * MINUTE)
  assert.deepEqual(told(later), ['sms: begun a'])
  const acked = later.alerts.map(one => ({ ...one, acked: { by: 'anna', at: NOW } }))
  assert.deepEqual(told({ ...later, alerts: acked }), [])
})

test('whatever happens: nobody is told twice of the same, nobody of an end without a beginning, and all ends are told', () => {
  const action = fc.record({
    name: fc.constantFrom('a', 'b', 'c'),
    does: fc.constantFrom('fire', 'worse', 'resolve', 'quiet', 'loud'),
    pause: fc.integer({ min: 0, max: 4 * MINUTE }),
  })
  fc.assert(
    fc.property(fc.array(action, { maxLength: 40 }), actions => {
      let current = world({ channels: ['ops'] })
      const open = new Map<string, string>()
      const step = (now: number) => {
        current = { ...current, now }
        for (const { alert: one, event } of decide(current).news.get('ops') ?? []) {
          if (event === 'over' || event === 'stopped') assert.ok(open.delete(one.fingerprint), 'no beginning')
          else {
            const level = severityOf(one.labels)
            assert.notEqual(open.get(one.fingerprint), level, 'told twice')
            open.set(one.fingerprint, level)
          }
        }
        current = after(current)
      }
      let now = NOW
      for (const { name, does, pause } of actions) {
        now += pause
        step(now)
        if (does === 'quiet' || does === 'loud')
          current = { ...current, quiet: new Set(does === 'quiet' ? ['x'] : []) }
        else {
          const known = current.alerts.find(one => one.fingerprint === name) ?? null
          const labels = { alertname: name, app: 'x', severity: does === 'worse' ? 'critical' : 'warning' }
          const seen = {
            fingerprint: name,
            labels,
            annotations: {},
            url: null,
            startsAt: null,
            endsAt: does === 'resolve' ? now : null,
          }
          const next = observe(known, seen, { now, source: 'keeper', newId: `${name}${now}` })
          if (next !== null)
            current = { ...current, alerts: [...current.alerts.filter(one => one !== known), next] }
        }
        step(now)
      }
      for (const one of current.alerts.filter(({ state }) => state === 'firing'))
        current = {
          ...current,
          alerts: current.alerts.map(it => (it === one ? { ...it, state: 'over', overAt: now } : it)),
        }
      step(now + CALM_MS)
      assert.equal(open.size, 0)
    }),
  )
})
