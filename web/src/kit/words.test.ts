import assert from 'node:assert/strict'
import { test } from 'node:test'
import { aroundCommands, capital, coarse, count, duration, list, number, size } from './words.ts'

test('durations have the unit that a person would use, and at most two', () => {
  const said = [
    0, 340, 999, 1_000, 9_949, 12_400, 60_000, 190_000, 3_600_000, 7_500_000, 86_400_000, 273_600_000,
  ]
  assert.deepEqual(said.map(duration), [
    '0 ms',
    '340 ms',
    '999 ms',
    '1.0 s',
    '9.9 s',
    '12 s',
    '1 min',
    '3 min 10 s',
    '1 h',
    '2 h 5 min',
    '1 d',
    '3 d 4 h',
  ])
})

test('how long ago takes one unit, never less than nothing', () => {
  assert.deepEqual([-5_000, 0, 59_999, 60_000, 3_599_999, 3_600_000, 86_400_000, 200_000_000].map(coarse), [
    '0 s',
    '0 s',
    '59 s',
    '1 min',
    '59 min',
    '1 h',
    '1 d',
    '2 d',
  ])
})

test('sizes step at 1024, with one digit below ten', () => {
  assert.deepEqual(
    [0, 0.5, 1, 1_023, 1_024, 1_536, 10_240, 12_700, 1_048_576, 5 * 1024 ** 3, 3 * 1024 ** 5].map(size),
    ['0 B', '1 B', '1 B', '1023 B', '1 KB', '1.5 KB', '10 KB', '12 KB', '1 MB', '5 GB', '3072 TB'],
  )
})

test('numbers are as exact as they are small', () => {
  assert.deepEqual([0, 0.254, 4.24, 18.4, 1_240].map(number), ['0', '0.25', '4.2', '18', '1,240'])
})

test('nouns, lists and sentences', () => {
  assert.deepEqual([count(1, 'point'), count(0, 'point')], ['1 point', '0 points'])
  assert.deepEqual([[], ['api'], ['api', 'web'], ['api', 'web', 'bot']].map(list), [
    '',
    'api',
    'api and web',
    'api, web and bot',
  ])
  assert.deepEqual(
    [capital('the disk is full'), capital('r15 exits'), capital('')],
    ['The disk is full', 'r15 exits', ''],
  )
})

test('commands are what stands in backticks, and nothing of the words around them decides', () => {
  assert.deepEqual(aroundCommands('`inn logs shop` says why; then `inn up`'), [
    '',
    'inn logs shop',
    ' says why; then ',
    'inn up',
    '',
  ])
  assert.deepEqual(aroundCommands('inn status lists them'), ['inn status lists them'])
  assert.deepEqual(aroundCommands('one ` alone, and one\nin ` another line'), [
    'one ` alone, and one\nin ` another line',
  ])
})
