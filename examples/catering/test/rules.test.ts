import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import { dayOf, isDay, weekdayOf } from '../src/calendar/day.ts'
import { weekOf } from '../src/calendar/week.ts'
import { allowedFrom, refusalOf, statuses } from '../src/contracts/status.ts'
import { waitAfter } from '../src/outbox/backoff.ts'
import { csv } from '../src/reports/csv.ts'
import { type Figure, isConfirmed, stated } from '../src/service-days/figure.ts'

test('a contract is paused and taken up again, and terminated once and for all', () => {
  const allowed = statuses.map(from => [from, statuses.filter(to => refusalOf(from, to) === undefined)])
  deepEqual(allowed, [
    ['active', ['paused', 'terminated']],
    ['paused', ['active', 'terminated']],
    ['terminated', []],
  ])
  deepEqual(
    allowed,
    statuses.map(from => [from, allowedFrom(from)]),
  )
  equal(refusalOf('paused', 'paused'), 'A contract that is paused can become active or terminated, not paused')
  equal(refusalOf('terminated', 'active'), 'The contract is terminated, which is final')
})

const at = new Date('2026-03-06T12:00Z')
const later = new Date('2026-03-06T15:00Z')

test('a figure is confirmed when both sides have stated the same', () => {
  const one: Figure = { portions: 38, caterer: at, customer: null }
  const both: Figure = { portions: 38, caterer: at, customer: later }
  deepEqual(stated({ portions: 40, caterer: null, customer: null }, { side: 'caterer', portions: 38, at }), one)
  deepEqual(stated(one, { side: 'customer', portions: 38, at: later }), both)
  deepEqual([isConfirmed(one), isConfirmed(both)], [false, true])
})

test('another number takes the confirmation of the other side away', () => {
  const figure = { portions: 38, caterer: at, customer: null }
  deepEqual(stated(figure, { side: 'customer', portions: 36, at: later }), {
    portions: 36,
    caterer: null,
    customer: later,
  })
})

test('what both have confirmed stays: the same again changes nothing, another number is refused', () => {
  const figure = { portions: 38, caterer: at, customer: at }
  equal(stated(figure, { side: 'caterer', portions: 38, at: later }), figure)
  equal(stated(figure, { side: 'caterer', portions: 37, at: later }), 'final')
})

test('waits double up to an hour, and end', () => {
  deepEqual([1, 2, 3, 10, 11, 15, 16].map(waitAfter), [5, 10, 20, 2560, 3600, 3600, undefined])
})

test('weeks are those of ISO 8601', () => {
  deepEqual(weekOf('2026-W12'), { from: '2026-03-16', to: '2026-03-22' })
  deepEqual(weekOf('2026-W01'), { from: '2025-12-29', to: '2026-01-04' })
  deepEqual(weekOf('2026-W53'), { from: '2026-12-28', to: '2027-01-03' })
  for (const none of ['2025-W53', '2026-W00', '2026-W54', '2026-12', '']) equal(weekOf(none), undefined, none)
})

test('days: which there are, which weekday, and what day it is where the kitchen stands', () => {
  deepEqual(['2026-02-28', '2026-02-30', '2026-2-3', 'today', '2026-03-06T12:00'].map(isDay), [
    true,
    false,
    false,
    false,
    false,
  ])
  deepEqual(['2026-03-02', '2026-03-08'].map(weekdayOf), [1, 7])
  const evening = new Date('2026-03-06T23:30Z')
  deepEqual(
    ['UTC', 'Europe/Amsterdam', 'America/New_York'].map(zone => dayOf(evening, zone)),
    ['2026-03-06', '2026-03-07', '2026-03-06'],
  )
})

test('CSV: quotes, line ends, nothing, and no formulas', () => {
  equal(
    csv([
      ['a "b", c', 1.5, null],
      ['two\nlines', '', '=1+1'],
      ['@x', '-y', -3],
    ]),
    '"a ""b"", c",1.5,\r\n"two\nlines",,\'=1+1\r\n\'@x,\'-y,-3\r\n',
  )
})
