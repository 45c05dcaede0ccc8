import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  between,
  type Counts,
  counted,
  dayOf,
  daysOf,
  GAP_MS,
  NOTHING,
  percent,
  pieces,
  stateOfDay,
  uptimeOf,
} from './rule-days.ts'
import type { ComponentState } from './wire.ts'

const MIDNIGHT = Date.parse('2026-11-30T00:00:00Z')
const MINUTE = 60_000
const DAY = 86_400_000
const counts = (more: Partial<Counts> = {}): Counts => ({ ...NOTHING, known: DAY, ...more })

test('a stretch of time is cut where a day of UTC ends', () => {
  assert.deepEqual(pieces(MIDNIGHT - 5, MIDNIGHT + 5), [
    { day: '2026-11-29', from: MIDNIGHT - 5, to: MIDNIGHT },
    { day: '2026-11-30', from: MIDNIGHT, to: MIDNIGHT + 5 },
  ])
  assert.deepEqual(pieces(MIDNIGHT, MIDNIGHT), [])
})

test('what nobody looked at is not known: before the first look, after a pause, and when the clock was put back', () => {
  assert.equal(between(null, 1_000), null)
  assert.equal(between(0, GAP_MS + 1), null)
  assert.equal(between(5_000, 4_000), null)
  assert.deepEqual(between(0, GAP_MS), { from: 0, to: GAP_MS })
})

test('time is counted once, also when the clock shows it twice', () => {
  const once = counted(NOTHING, { from: 1_000, to: 6_000 }, 'major')
  assert.deepEqual([once.known, once.down, once.until], [5_000, 5_000, 6_000])
  assert.equal(counted(once, { from: 2_000, to: 5_000 }, 'operational'), once)
  const half = counted(once, { from: 4_000, to: 8_000 }, 'operational')
  assert.deepEqual([half.known, half.down], [7_000, 5_000])
})

test('whatever the clock does, no day has more known time than it has, and none is down for longer than it is known', () => {
  const states: ComponentState[] = ['operational', 'degraded', 'partial', 'major', 'maintenance', 'unknown']
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.integer({ min: -2 * DAY, max: 2 * DAY }), fc.constantFrom(...states)), {
        maxLength: 60,
      }),
      steps => {
        const days = new Map<string, Counts>()
        let now = MIDNIGHT
        for (const [step, state] of steps) {
          const last = now
          now += Math.abs(step) < DAY ? Math.round(step / 10_000) : step
          const stretch = between(last, now)
          for (const piece of stretch === null ? [] : pieces(stretch.from, stretch.to))
            days.set(piece.day, counted(days.get(piece.day) ?? NOTHING, piece, state))
        }
        for (const one of days.values()) {
          assert.ok(one.known <= DAY)
          assert.ok(one.down + one.degraded + one.maintenance <= one.known)
        }
      },
    ),
  )
})

test('uptime is of what is known and was no maintenance; of nothing known there is none', () => {
  assert.equal(uptimeOf([]), null)
  assert.equal(uptimeOf([counts({ known: 100, maintenance: 100 })]), null)
  assert.equal(uptimeOf([counts({ known: 300, maintenance: 100, down: 50 })]), 0.75)
})

test('100 % is said of nothing that was down', () => {
  assert.deepEqual([1, 0.99999999, 0.9999, 0.99989, 0].map(percent), [
    '100 %',
    '99.99 %',
    '99.99 %',
    '99.98 %',
    '0.00 %',
  ])
})

const DAYS: Array<[Partial<Counts>, ComponentState]> = [
  [{ known: 0 }, 'unknown'],
  [{ known: MINUTE }, 'operational'],
  [{ down: 15 * MINUTE, degraded: MINUTE }, 'major'],
  [{ down: 5_000, maintenance: MINUTE }, 'partial'],
  [{ degraded: 5_000, maintenance: MINUTE }, 'degraded'],
  [{ maintenance: MINUTE }, 'maintenance'],
]
for (const [day, state] of DAYS)
  test(`a day of ${JSON.stringify(day)} looks ${state}`, () => assert.equal(stateOfDay(counts(day)), state))

test('a page has 90 days, of which those that nobody knows are not green', () => {
  const now = MIDNIGHT + DAY / 2
  const days = daysOf(day => (day === dayOf(now) ? counts({ known: DAY / 4 }) : undefined), now)
  assert.deepEqual([days.length, days[0]!.day, days.at(-1)!.day], [90, '2026-09-02', '2026-11-30'])
  assert.ok(days.slice(0, -1).every(({ state, share }) => state === 'unknown' && share === 0))
  assert.deepEqual([days.at(-1)!.state, days.at(-1)!.share], ['operational', 0.5])
})
