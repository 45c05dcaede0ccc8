import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type Alert, fingerprintOf, type Observed } from './alert.ts'
import { flapping, missing, observe, SAME_MS, sweep } from './rule.ts'

const MINUTE = 60_000
const NOW = 100 * MINUTE
const seen = (more: Partial<Observed> = {}): Observed => ({
  fingerprint: 'f',
  labels: { alertname: 'Slow', severity: 'warning' },
  annotations: { summary: 'slow' },
  url: null,
  startsAt: null,
  endsAt: null,
  ...more,
})
let ids = 0
const at = (now: number) => ({ now, source: 'prometheus', newId: `i${ids++}` })
const fires = (known: Alert | null, now: number, more: Partial<Observed> = {}): Alert =>
  observe(known, seen({ endsAt: now + 4 * MINUTE, ...more }), at(now))!
const resolves = (known: Alert | null, now: number): Alert | null =>
  observe(known, seen({ endsAt: now - 1 }), at(now))

test('fingerprints are those of Prometheus', () => {
  assert.equal(fingerprintOf({ alertname: 'Bar', host: 'h1' }), '14bc94fd544a2b1c')
  assert.equal(fingerprintOf({ host: 'h1', alertname: 'Bar' }), '14bc94fd544a2b1c')
})

test('what is sent again and again stays one alert; a restart of the source with another start changes nothing', () => {
  const first = fires(null, NOW, { startsAt: NOW - MINUTE })
  const again = fires(first, NOW + MINUTE, { startsAt: NOW + MINUTE, annotations: { summary: 'slower' } })
  assert.deepEqual([again.occurrence, again.since, again.openings], [first.occurrence, NOW - MINUTE, [NOW]])
  assert.equal(again.annotations['summary'], 'slower')
})

test('what says the same is the same object, so that nothing is written', () => {
  const first = observe(null, seen(), at(NOW))
  assert.equal(observe(first, seen(), at(NOW + MINUTE)), first)
})

test('resolved: over once, however often it is said; unknown and resolved: nothing', () => {
  const over = resolves(fires(null, NOW), NOW + MINUTE)!
  assert.deepEqual([over.state, over.overAt], ['over', NOW + MINUTE])
  assert.equal(resolves(over, NOW + 2 * MINUTE), over)
  assert.equal(resolves(null, NOW), null)
})

test('opening again within ten minutes is the same occurrence, later another one', () => {
  const first = fires(null, NOW)
  const over = resolves(first, NOW + MINUTE)!
  const soon = fires(over, NOW + MINUTE + SAME_MS - 1)
  assert.deepEqual([soon.occurrence, soon.openings.length, soon.state], [first.occurrence, 2, 'firing'])
  const late = fires(over, NOW + MINUTE + SAME_MS)
  assert.notEqual(late.occurrence, first.occurrence)
  assert.deepEqual([late.openings.length, late.told], [1, {}])
})

test('in hand is what blinks; what was told to be over and begins again has to be taken again', () => {
  const told = { ops: { level: 'soon' as const, at: NOW } }
  const acked = { by: 'anna', at: NOW }
  const over = resolves({ ...fires(null, NOW), told, acked }, NOW + MINUTE)!
  assert.deepEqual(fires(over, NOW + MINUTE + 3_000).acked, acked)
  assert.equal(fires({ ...over, told: {} }, NOW + 3 * MINUTE).acked, null)
})

test('a start that lies in our future is now', () =>
  assert.equal(fires(null, NOW, { startsAt: NOW + MINUTE }).since, NOW))

test('what nobody reports any more is stopped, unless its source is known to be down', () => {
  const alert = fires(null, NOW)
  const swept = (now: number, ...down: string[]) => sweep([alert], new Set(down), now).map(one => one.state)
  assert.deepEqual(swept(NOW + 4 * MINUTE - 1), [])
  assert.deepEqual(swept(NOW + 4 * MINUTE), ['stopped'])
  assert.deepEqual(swept(NOW + 60 * MINUTE, 'prometheus'), [])
  assert.deepEqual(sweep([observe(null, seen(), at(NOW))!], new Set(), NOW * 2), [], 'the keeper says no end')
})

test('a source that tells all: what it does not name is over', () => {
  const [one, two] = [fires(null, NOW), fires(null, NOW, { fingerprint: 'g' })]
  assert.deepEqual(
    missing([one, two], new Set(['g']), { now: NOW, started: 0 }).map(({ fingerprint, state }) => [
      fingerprint,
      state,
    ]),
    [['f', 'over']],
  )
  const again = (now: number) => missing([one], new Set(), { now, started: NOW + 1 }).length
  assert.deepEqual([again(NOW + 2), again(NOW + 150_000), again(NOW + 150_001)], [0, 0, 1])
})

test('three openings in half an hour are flapping', () => {
  assert.equal(flapping({ openings: [NOW - 31 * MINUTE, NOW - 2, NOW - 1] }, NOW), false)
  assert.equal(flapping({ openings: [NOW - 29 * MINUTE, NOW - 2, NOW - 1] }, NOW), true)
})

test('whatever is said in whatever order, an alert fires exactly when the last word was that it does', () => {
  const word = fc.record({ resolved: fc.boolean(), pause: fc.integer({ min: 1, max: 20 * MINUTE }) })
  fc.assert(
    fc.property(fc.array(word, { minLength: 1, maxLength: 30 }), words => {
      let now = NOW
      let alert: Alert | null = null
      for (const { resolved, pause } of words) {
        now += pause
        alert = resolved ? resolves(alert, now) : fires(alert, now)
      }
      const last = words.at(-1)!
      assert.equal(alert?.state === 'firing', !last.resolved)
      assert.ok(alert === null || alert.since <= now)
    }),
  )
})
