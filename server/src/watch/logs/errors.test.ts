import assert from 'node:assert/strict'
import { test } from 'node:test'
import { countErrors } from './errors.ts'
import { messageOf, shapeOf } from './shape.ts'
import type { LogLine } from './wire.ts'

const BEGIN = Date.parse('2026-11-20T10:00:00Z')
const line = (second: number, text: string, more: Partial<LogLine> = {}): LogLine => ({
  at: new Date(BEGIN + second * 1000).toISOString(),
  ...{ service: 'web', release: 'r1', n: 1, level: 'error', text },
  ...more,
})

test('what says the same but for ids, times, addresses and numbers has one shape', () => {
  const cases: Array<[string, string]> = [
    ['Error: room 7 is taken', 'Error: room N is taken'],
    ['timeout after 30.5 s at 2026-11-20T10:00:01.5Z', 'timeout after N s at TIME'],
    ['no guest 0b1e5c1e-9d0f-4c7a-8a55-3f1d2e4b6a70', 'no guest ID'],
    ['mail to anna.b@example.com bounced', 'mail to ADDRESS bounced'],
    ['session 4f2a9bc01d77aa31 is gone', 'session ID is gone'],
    ['internationalization is no id', 'internationalization is no id'],
    ['connect ECONNREFUSED 127.0.0.1:5432', 'connect ECONNREFUSED N:N'],
    ['{"level":50,"msg":"order 7 failed","reqId":"x-1"}', 'order N failed'],
    [
      '{"level":50,"err":{"type":"TypeError","message":"x is null"},"msg":"x is null"}',
      'TypeError: x is null',
    ],
    ['{"level":"error","message":"no","error":{"name":"E","message":"bad 1"}}', 'no: E: bad N'],
    ['{"level":50,"reqId":12}', '{"level":N,"reqId":N}'],
    ['{not json 5', '{not json N'],
  ]
  for (const [text, shape] of cases) assert.equal(shapeOf(text), shape, text)
  assert.ok(shapeOf('x y '.repeat(1000)).length <= 201)
  assert.equal(messageOf('[1]'), null)
})

test('errors are told by kind with the most frequent first, when, of which releases; frames of a stack are no errors', () => {
  const counted = countErrors({ from: BEGIN, until: BEGIN + 48_000 })
  counted.add(line(3, 'room 2 is taken', { release: 'r2', service: 'api' }))
  counted.add(line(1, 'room 1 is taken'))
  counted.add(line(1, '    at take (/srv/a.js:1:2)'))
  counted.add(line(2, 'no bank'))
  counted.add(line(2, 'all is well', { level: 'info' }))
  counted.add(line(2, 'plain', { level: null }))
  const { groups, slots, slotMs, from, others } = counted.told()
  assert.deepEqual([from, slotMs, slots.length, others], ['2026-11-20T10:00:00.000Z', 1000, 48, 0])
  assert.deepEqual(slots[2], { error: 1, warn: 0, info: 1, debug: 0, none: 1 })
  assert.deepEqual(groups, [
    {
      ...{ shape: 'room N is taken', count: 2, example: 'room 2 is taken' },
      ...{ first: line(1, '').at, last: line(3, '').at, releases: ['r2', 'r1'], services: ['api', 'web'] },
    },
    {
      ...{ shape: 'no bank', count: 1, example: 'no bank' },
      ...{ first: line(2, '').at, last: line(2, '').at, releases: ['r1'], services: ['web'] },
    },
  ])
})

test('an app whose every error is another one fills no memory: the rest is counted', () => {
  const counted = countErrors({ from: BEGIN, until: BEGIN + 1000 })
  const word = (n: number) => [...String(n)].map(digit => 'abcdefghij'[Number(digit)]).join('')
  for (let n = 0; n < 700; n++) counted.add(line(0, `${word(n)} failed`))
  const { groups, others } = counted.told()
  assert.deepEqual([groups.length, others], [500, 200])
})
