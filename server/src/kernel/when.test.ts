import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Failure } from './failure.ts'
import { showMoment } from './moments.ts'
import { clockShows, readAhead, readMoment } from './when.ts'

const BERLIN = 'Europe/Berlin'
const NOW = Date.parse('2026-11-21T14:30:00Z')
const read = (text: string, zone = BERLIN, now = NOW): string =>
  new Date(readMoment(text, { zone, now })).toISOString()

function failure(text: string, zone = BERLIN, now = NOW): Failure {
  try {
    readMoment(text, { zone, now })
  } catch (error) {
    if (error instanceof Failure) return error
    throw error
  }
  assert.fail(`'${text}' was read`)
}

test('a moment is read as people, programs and PostgreSQL write it', () => {
  const said = {
    now: '2026-11-21T14:30:00.000Z',
    '2026-11-20 10:00': '2026-11-20T09:00:00.000Z',
    ' 2026-11-20T10:00:05 ': '2026-11-20T09:00:05.000Z',
    '2026-11-20T10:00:05Z': '2026-11-20T10:00:05.000Z',
    '2026-11-20t10:00:05.250z': '2026-11-20T10:00:05.250Z',
    '2026-11-20 10:00:05.123456 UTC': '2026-11-20T10:00:05.123Z',
    '2026-11-20 10:00+02:00': '2026-11-20T08:00:00.000Z',
    '2026-11-20 10:00 +0200': '2026-11-20T08:00:00.000Z',
    '2026-11-20 10:00:00-03': '2026-11-20T13:00:00.000Z',
    '2026-11-20 10:00 -03:30': '2026-11-20T13:30:00.000Z',
    '2026-07-01 10:00': '2026-07-01T08:00:00.000Z',
    '2024-02-29 00:00': '2024-02-28T23:00:00.000Z',
    '30m ago': '2026-11-21T14:00:00.000Z',
    '1h30m ago': '2026-11-21T13:00:00.000Z',
  }
  for (const [text, moment] of Object.entries(said)) assert.equal(read(text), moment, text)
})

test('a time alone is the latest that is not in the future', () => {
  assert.equal(read('10:00'), '2026-11-21T09:00:00.000Z')
  assert.equal(read('15:30'), '2026-11-21T14:30:00.000Z')
  assert.equal(read('15:30:01'), '2026-11-20T14:30:01.000Z')
  assert.equal(read('yesterday 14:30'), '2026-11-20T13:30:00.000Z')
  assert.equal(read('10:00', 'Asia/Tokyo'), '2026-11-21T01:00:00.000Z', 'today is the 21st there')
  assert.equal(read('23:45', 'Asia/Tokyo'), '2026-11-20T14:45:00.000Z')
})

test('what is no moment is refused with examples that are', () => {
  const no =
    '|soon|10|10:0|24:00|10:60|25:00|2026-11-20|2026-02-30 10:00|2026-13-01 10:00|2026-11-20 24:00|2026-11-20 10:00 +99:00|2026-11-20 10:00 Berlin|5 bananas ago|ago|tomorrow 10:00|20.11.2026 10:00'
  for (const text of no.split('|')) assert.equal(failure(text).code, 'moment.unreadable', text)
  const examples = [...failure('soon').fix.matchAll(/'([^']+)'/g)].map(([, example]) => example!)
  assert.equal(examples.length, 7)
  for (const example of examples) read(example)
})

test('what is in the future is refused, with both times', () => {
  const refused = failure('2026-11-21 15:31')
  assert.equal(refused.code, 'moment.future')
  assert.equal(refused.why, 'it is 2026-11-21 15:31:00 +01:00, and now it is 2026-11-21 15:30:00 +01:00')
  assert.equal(failure('2026-11-21 15:30 +00:00').code, 'moment.future')
})

test('a time that clocks jumped over is refused with its neighbours', () => {
  const refused = failure('2026-03-29 02:30')
  assert.equal(refused.code, 'moment.absent')
  assert.equal(
    refused.why,
    'clocks were set forward: after 2026-03-29 01:59:59 +01:00 came 2026-03-29 03:00:00 +02:00',
  )
  assert.match(
    failure('2026-10-04 02:15', 'Australia/Lord_Howe').why,
    /01:59:59 \+10:30 came .*02:30:00 \+11:00/,
  )
  assert.match(
    failure('2011-12-30 12:00', 'Pacific/Apia').why,
    /2011-12-29 23:59:59 -10:00 came 2011-12-31 00:00:00 \+14:00/,
  )
  assert.equal(read('2026-03-29 03:00'), '2026-03-29T01:00:00.000Z')
  assert.equal(read('2026-03-29 01:59:59'), '2026-03-29T00:59:59.000Z')
})

test('a time that clocks showed twice is refused with both, and each can be given back', () => {
  const refused = failure('2026-10-25 02:30')
  assert.equal(refused.code, 'moment.twice')
  assert.equal(refused.fix, "say which one: '2026-10-25 02:30:00 +02:00' or '2026-10-25 02:30:00 +01:00'")
  assert.equal(read('2026-10-25 02:30:00 +02:00'), '2026-10-25T00:30:00.000Z')
  assert.equal(read('2026-10-25 02:30:00 +01:00'), '2026-10-25T01:30:00.000Z')
  assert.equal(read('2026-10-25 03:00'), '2026-10-25T02:00:00.000Z')
})

test('in a night when clocks change, a time alone is the one that has been', () => {
  const between = Date.parse('2026-10-25T00:40:00Z')
  assert.equal(read('02:30', BERLIN, between), '2026-10-25T00:30:00.000Z', 'the second has not come yet')
  assert.equal(read('2026-10-25 02:30', BERLIN, between), '2026-10-25T00:30:00.000Z')
  const again = Date.parse('2026-10-25T01:10:00Z')
  assert.equal(read('02:30', BERLIN, again), '2026-10-25T00:30:00.000Z', 'the clock shows 02:10 again')
  const afterwards = Date.parse('2026-10-25T08:00:00Z')
  assert.equal(failure('02:30', BERLIN, afterwards).code, 'moment.twice')
  const spring = Date.parse('2026-03-29T00:30:00Z')
  assert.equal(read('02:30', BERLIN, spring), '2026-03-28T01:30:00.000Z', 'it would be later today')
  assert.equal(failure('02:30', BERLIN, spring + 3_600_000).code, 'moment.absent')
})

const zones = fc.constantFrom(
  'UTC',
  BERLIN,
  'America/New_York',
  'America/St_Johns',
  'Australia/Lord_Howe',
  'Asia/Kathmandu',
  'Pacific/Apia',
  'Africa/Casablanca',
)
const seconds = fc.integer({ min: Date.parse('1975-01-01Z') / 1000, max: NOW / 1000 })

test('what is shown is read back as the same second, in every zone', () => {
  fc.assert(
    fc.property(seconds, zones, zones, (second, zone, reader) => {
      const shown = showMoment(second * 1000, zone)
      assert.match(shown, /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d [+-]\d\d:\d\d$/)
      assert.equal(readMoment(shown, { zone: reader, now: NOW }), second * 1000)
    }),
    { numRuns: 1000 },
  )
})

test('without its offset it is the same second, or one of the two that the refusal names', () => {
  fc.assert(
    fc.property(seconds, zones, (second, zone) => {
      const local = showMoment(second * 1000, zone).slice(0, 19)
      try {
        assert.equal(readMoment(local, { zone, now: NOW }), second * 1000)
      } catch (error) {
        assert.ok(error instanceof Failure && error.code === 'moment.twice', String(error))
        assert.ok(Object.values(error.facts).includes(second * 1000))
      }
    }),
    { numRuns: 1000 },
  )
})

test('a moment to come is read with a day, a weekday, a time alone, or as a wait', () => {
  // A Monday, 12:30 in Berlin.
  const here = { zone: 'Europe/Berlin', now: Date.parse('2026-11-30T11:30:00Z') }
  const read = (text: string) => new Date(readAhead(text, here)).toISOString().slice(0, 16)
  assert.equal(read('Sunday 02:00'), '2026-12-06T01:00')
  assert.equal(read('monday 12:00'), '2026-12-07T11:00')
  assert.equal(read('Monday 12:45'), '2026-11-30T11:45')
  assert.equal(read('02:00'), '2026-12-01T01:00')
  assert.equal(read('13:00'), '2026-11-30T12:00')
  assert.equal(read('tomorrow 02:00'), '2026-12-01T01:00')
  assert.equal(read('2026-12-06 02:00'), '2026-12-06T01:00')
  assert.equal(read('2026-12-06 02:00 +03:00'), '2026-12-05T23:00')
  assert.equal(read('in 2h'), '2026-11-30T13:30')
  assert.equal(read('now'), '2026-11-30T11:30')
  for (const [text, code] of [
    ['2026-11-30 12:00', 'moment.past'],
    ['today 12:00', 'moment.past'],
    ['soon', 'moment.unreadable'],
    ['Sunday', 'moment.unreadable'],
    ['2027-03-28 02:30', 'moment.absent'],
  ] as const)
    assert.throws(() => readAhead(text, here), { code }, text)
  // Clocks show it twice: the first is meant.
  assert.equal(new Date(readAhead('2027-10-31 02:30', here)).toISOString(), '2027-10-31T00:30:00.000Z')
})

test('a time on the clocks of a zone is one moment, also where they are set forward or back', () => {
  const shown = (text: string) =>
    new Date(clockShows(Date.parse(`${text}Z`), BERLIN)).toISOString().slice(0, 16)
  assert.equal(shown('2026-11-30T08:00'), '2026-11-30T07:00')
  assert.equal(shown('2026-03-29T02:30'), '2026-03-29T01:30')
  assert.equal(shown('2026-10-25T02:30'), '2026-10-25T00:30')
})
