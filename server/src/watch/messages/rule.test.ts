import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Content, Limit } from './channel.ts'
import { budget, digest, LEASE_MS, type Next, next, type Queue, retryAt } from './rule.ts'

const NOW = 1_000_000
const MINUTE = 60_000
const FREE = { free: 5, at: NOW }
const queue = (more: Partial<Queue> = {}): Queue => ({
  open: null,
  waiting: 0,
  digests: true,
  suppressed: false,
  ...more,
})
const open = (more: object = {}) => ({ id: 7, nextAt: NOW, leaseUntil: null, ...more })

const CASES: Array<[string, Queue, typeof FREE, Next]> = [
  ['nothing waits', queue(), FREE, { do: 'rest' }],
  ['one waits', queue({ waiting: 1 }), FREE, { do: 'send', most: 1 }],
  ['as many as may go: each by itself', queue({ waiting: 5 }), FREE, { do: 'send', most: 1 }],
  ['more than may go: as one', queue({ waiting: 6 }), FREE, { do: 'send', most: 500 }],
  ['a channel without digests', queue({ waiting: 6, digests: false }), FREE, { do: 'send', most: 1 }],
  [
    'the bucket is empty',
    queue({ waiting: 9 }),
    { free: 0, at: NOW + 400 },
    { do: 'wait', until: NOW + 400 },
  ],
  ['one that failed is first', queue({ open: open(), waiting: 3 }), FREE, { do: 'retry', dispatch: 7 }],
  ['not before its time', queue({ open: open({ nextAt: NOW + 9 }) }), FREE, { do: 'wait', until: NOW + 9 }],
  [
    'somebody has it in hand',
    queue({ open: open({ leaseUntil: NOW + LEASE_MS }) }),
    FREE,
    { do: 'wait', until: NOW + LEASE_MS },
  ],
  ['whoever had it is gone', queue({ open: open({ leaseUntil: NOW }) }), FREE, { do: 'retry', dispatch: 7 }],
  [
    'the clock was put back an hour while it was in hand',
    queue({ open: open({ leaseUntil: NOW + 60 * MINUTE }) }),
    FREE,
    { do: 'retry', dispatch: 7 },
  ],
  [
    'the clock was put back three hours while it waited',
    queue({ open: open({ nextAt: NOW + 180 * MINUTE }) }),
    FREE,
    { do: 'retry', dispatch: 7 },
  ],
  ['the address takes nothing', queue({ waiting: 2, suppressed: true }), FREE, { do: 'rest' }],
]
for (const [name, given, left, expected] of CASES)
  test(`what a channel does next: ${name}`, () => assert.deepEqual(next(given, left, NOW), expected))

test('all of three limits hold, and the moment of the next request is the latest that one of them asks for', () => {
  const limits: Limit[] = [
    { scope: 'bot', most: 30, perMs: 1_000 },
    { scope: 'chat', most: 1, perMs: 1_000 },
    { scope: 'group', most: 20, perMs: MINUTE },
  ]
  const past = (of: Record<string, number[]>) => (scope: string) => of[scope] ?? []
  assert.deepEqual(budget(limits, past({}), NOW), { free: 1, at: NOW })
  assert.deepEqual(budget(limits, past({ chat: [NOW - 400] }), NOW), { free: 0, at: NOW + 600 })
  const twenty = Array.from({ length: 20 }, (_, n) => NOW - 50_000 + n * 2_000)
  assert.deepEqual(budget(limits, past({ group: twenty }), NOW), { free: 0, at: NOW + 10_000 })
  assert.deepEqual(budget(limits, past({ chat: [NOW + 5_000] }), NOW).at, NOW, 'a clock that was put back')
})

test('whatever the limits are and whenever messages come, no stretch of time has more requests than they allow', () => {
  const limit = fc.record({
    scope: fc.constantFrom('a', 'b'),
    most: fc.integer({ min: 1, max: 4 }),
    perMs: fc.integer({ min: 1, max: 50 }),
  })
  fc.assert(
    fc.property(
      fc.array(limit, { minLength: 1, maxLength: 3 }),
      fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 40 }),
      (limits, pauses) => {
        const sent: number[] = []
        let now = 100
        for (const pause of pauses) {
          now += pause
          const { at } = budget(limits, () => sent, now)
          now = at
          sent.push(now)
        }
        for (const { most, perMs } of limits)
          for (const from of sent)
            assert.ok(sent.filter(time => time >= from && time < from + perMs).length <= most)
      },
    ),
  )
})

test('pauses grow to a bound, differ by chance, and what a provider asks for is never cut short', () => {
  const later = { type: 'later', why: '', afterMs: null } as const
  const at = (tries: number, chance: number) => retryAt(later, { tries, now: 0, chance })
  assert.deepEqual([at(1, 1), at(2, 1), at(3, 1), at(60, 1)], [1_000, 2_000, 4_000, 5 * MINUTE])
  assert.deepEqual([at(1, 0), at(60, 0)], [500, 2.5 * MINUTE])
  assert.equal(retryAt({ type: 'refused', why: '' }, { tries: 60, now: 0, chance: 1 }), 15 * MINUTE)
  fc.assert(
    fc.property(
      fc.nat(3_600_000),
      fc.nat(100),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (asked, tries, chance) => {
        const when = retryAt({ ...later, afterMs: asked }, { tries, now: 5, chance })
        assert.ok(when >= 5 + asked && when <= 5 + asked + 250)
      },
    ),
  )
})

test('several messages as one: as bad as the worst, the newest lines, all incidents', () => {
  const content = (n: number): Content => ({
    level: n === 3 ? 'late' : 'over',
    title: `message ${n}`,
    text: 'more',
    incidents: [{ id: `i${n}`, event: 'begun', level: 'soon', what: 'w' }],
    link: n === 9 ? 'https://keeper' : null,
  })
  const many = digest(Array.from({ length: 40 }, (_, n) => content(n)))
  assert.deepEqual([many.level, many.incidents.length, many.link], ['late', 40, 'https://keeper'])
  assert.match(many.title, /^40 messages in one/)
  assert.deepEqual(many.text.split('\n').slice(0, 2), ['- and 25 before these', '- message 25'])
  assert.ok(many.text.endsWith('- message 39'))
  assert.deepEqual(digest([content(1)]), content(1))
})
