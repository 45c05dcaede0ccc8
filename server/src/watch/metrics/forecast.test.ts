import assert from 'node:assert/strict'
import { test } from 'node:test'
import { forecastOf, inOrder } from './forecast.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const NOW = 1_000 * DAY
/** Hourly points of so many days until now. */
const series = (days: number, of: (day: number) => number | null, labels = {}) => ({
  labels,
  points: Array.from({ length: days * 24 + 1 }, (_, n) => {
    const day = n / 24 - days
    return [NOW + day * DAY, of(day)] as const
  }),
})

test('what grows evenly has the date on which it is full', () => {
  const found = forecastOf(
    'disk',
    series(14, day => 0.8 + day * 0.01, { mountpoint: '/' }),
    NOW,
  )!
  assert.deepEqual([found.of, found.share.toFixed(2), found.perDay!.toFixed(3)], ['/', '0.80', '0.010'])
  assert.equal(Math.round((found.fullAt! - NOW) / DAY), 20)
})

test('waves of a day on a slope do not hide it, and waves alone are no direction', () => {
  const wave = (day: number) => Math.sin(day * 2 * Math.PI) * 0.01
  const up = forecastOf(
    'memory',
    series(14, day => 0.5 + day * 0.01 + wave(day)),
    NOW,
  )!
  assert.ok(Math.abs((up.fullAt! - NOW) / DAY - 50) < 3, String((up.fullAt! - NOW) / DAY))
  const level = forecastOf(
    'memory',
    series(14, day => 0.5 + wave(day)),
    NOW,
  )!
  assert.deepEqual([level.perDay, level.fullAt], [null, null])
})

test('what shrinks, stands still, is far away or is hardly known has no date', () => {
  const date = (days: number, of: (day: number) => number) =>
    forecastOf('disk', series(days, of), NOW)!.fullAt
  assert.equal(
    date(14, day => 0.5 - day * 0.01),
    null,
  )
  assert.equal(
    date(14, () => 0.5),
    null,
  )
  assert.equal(
    date(14, day => 0.5 + day * 0.0001),
    null,
  )
  const young = forecastOf(
    'disk',
    { ...series(1, day => 0.9 + day * 0.1), points: series(1, day => 0.9 + day * 0.1).points.slice(2) },
    NOW,
  )!
  assert.deepEqual([young.perDay, young.fullAt], [null, null])
  assert.equal(
    forecastOf(
      'disk',
      series(14, () => null),
      NOW,
    ),
    null,
  )
})

test('what is full already is full now', () => {
  assert.equal(
    forecastOf(
      'disk',
      series(14, day => 1.01 + day * 0.01),
      NOW,
    )!.fullAt,
    NOW,
  )
})

test('what is full soonest comes first, then what is fullest', () => {
  const one = (of: string, fullAt: number | null, share: number) => ({
    kind: 'disk' as const,
    of,
    app: null,
    share,
    perDay: 0,
    fullAt,
  })
  const all = inOrder([one('a', null, 0.2), one('b', null, 0.9), one('c', 9, 0.1), one('d', 5, 0.1)])
  assert.deepEqual(
    all.map(({ of }) => of),
    ['d', 'c', 'b', 'a'],
  )
})
