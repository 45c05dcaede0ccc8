import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ofEnds, ofVisitors, type Visited } from './rule.ts'

const web = (requests: number, errors: number): Visited => ({ service: 'web', requests, errors })

test('requests decide: a few failures among many, or a handful, do not; a tenth does, and nine tenths are down', () => {
  const table: Array<[Visited[], string | null]> = [
    [[], null],
    [[web(0, 0)], null],
    [[web(4, 4)], null],
    [[web(5, 5)], 'degraded: 100 % of 5 requests to web failed in the last minute'],
    [[web(9, 9)], 'degraded: 100 % of 9 requests to web failed in the last minute'],
    [[web(10, 10)], 'down: 100 % of 10 requests to web failed in the last minute'],
    [[web(412, 157)], 'degraded: 38 % of 412 requests to web failed in the last minute'],
    [[web(1000, 99)], null],
    [[web(1000, 100)], 'degraded: 10 % of 1000 requests to web failed in the last minute'],
    [[web(1000, 899)], 'degraded: 90 % of 1000 requests to web failed in the last minute'],
    [[web(1000, 900)], 'down: 90 % of 1000 requests to web failed in the last minute'],
    [
      [
        web(100, 20),
        { service: 'api', requests: 50, errors: 20 },
        { service: 'bot', requests: 9, errors: 4 },
      ],
      'degraded: 40 % of 50 requests to api failed in the last minute',
    ],
  ]
  for (const [all, wanted] of table) {
    const found = ofVisitors(all)
    assert.equal(found && `${found.state}: ${found.reason}`, wanted, JSON.stringify(all))
  }
})

test('an instance that ends three times in two minutes does not stay up', () => {
  const ends = (...all: number[]) => ofEnds(all.map((n, i) => ({ instance: `web ${i + 1}`, ends: n })))
  assert.equal(ends(), null)
  assert.equal(ends(0, 2), null)
  assert.deepEqual(ends(3, 9), {
    state: 'degraded',
    reason: 'web 2 ended or was replaced 9 times in the last two minutes',
  })
})
