import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Chart } from '../../../server/src/watch/metrics/wire.ts'
import {
  amounts,
  extent,
  labelled,
  memoryOf,
  requestsOf,
  said,
  shares,
  short,
  soon,
  timesOf,
  total,
} from './lines.ts'
import { vital } from './vitals.ts'

const chart = (lines: Chart['lines'], times = [0, 15_000]): Chart => ({ times, lines, left: 0, marks: [] })
const TWO = chart([
  { labels: { code: '2xx' }, values: [3, null] },
  { labels: { code: '5xx' }, values: [1, null] },
])

test('requests are all answers together, and errors those that are 5xx; a gap stays a gap', () => {
  assert.deepEqual(total(TWO), [4, null])
  const [requests, errors] = requestsOf(TWO)
  assert.deepEqual(
    [requests!.values, errors!.values],
    [
      [4, null],
      [1, null],
    ],
  )
  assert.deepEqual(total(chart([])), [null, null])
})

test('times are milliseconds, memory is MB, and shares are percent', () => {
  const seconds = chart([{ labels: {}, values: [0.25, 2] }])
  assert.deepEqual(
    timesOf({ p50: seconds, p95: seconds, p99: seconds }).map(({ name, values }) => [name, values]),
    ['p99', 'p95', 'p50'].map(name => [name, [250, 2000]]),
  )
  const [memory] = memoryOf(chart([{ labels: {}, values: [52_428_800, null] }]))
  assert.deepEqual([memory!.values, memory!.show(50)], [[50, null], '50 MB'])
  const many = chart(Array.from({ length: 9 }, (_, n) => ({ labels: { at: `/${n}` }, values: [0.5, 1] })))
  const lines = shares(many, labels => labels['at']!)
  assert.deepEqual(
    lines.map(({ name }) => name),
    ['/0', '/1', '/2', '/3'],
  )
  assert.deepEqual(lines[0]!.values, [50, 100])
})

test('a chart is told in words, too', () => {
  const [requests] = requestsOf(TWO)
  assert.equal(said(requests!), 'now 4.0 /s, at most 4.0 /s')
  assert.equal(said({ ...requests!, values: [null] }), 'nothing')
})

test('series of any kind are named by their labels, and their numbers have four digits', () => {
  const [first] = amounts(TWO, labelled)
  assert.deepEqual([first!.name, first!.values], ['code=2xx', [3, null]])
  assert.equal(labelled({}), 'value')
  assert.deepEqual([short(123_456.7), short(0.000_123_46), short(null)], ['123,500', '0.0001235', '–'])
  assert.deepEqual(extent([null, 4, 1, null]), { now: 1, least: 1, most: 4 })
  assert.deepEqual(extent([null]), { now: null, least: null, most: null })
})

test('a day is near within a month, and urgent within a week', () => {
  const day = (n: number) => new Date(n * 86_400_000).toISOString()
  assert.deepEqual([soon(day(6), 0), soon(day(29), 0), soon(day(31), 0)], ['bad', 'warn', null])
})

test('what visitors felt is said in units of its own', () => {
  const said = [
    vital({ name: 'lcp', p75: 2.14 }),
    vital({ name: 'inp', p75: 0.2 }),
    vital({ name: 'cls', p75: 0.1 }),
  ]
  assert.deepEqual(said, ['2.1 s', '200 ms', '0.10'])
  assert.equal(vital({ name: 'lcp', p75: null }), '–')
})
