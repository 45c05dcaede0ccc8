import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type Asked, decide, LOOK_BACK_MS, MADE_UP_MS, ON_TIME_MS, verdict } from './rule.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** A schedule that comes so often. */
const each = (every: number) => (after: number) => (Math.floor(after / every) + 1) * every

const asked = (more: Partial<Asked>): Asked => ({
  ...{ decidedTo: 10 * HOUR, now: 11 * HOUR + 1_000, next: each(HOUR), active: null },
  policy: { overlap: 'skip', missed: 'run-once' },
  ...more,
})

test('a moment that came is due, and none comes twice', () => {
  assert.deepEqual(decide(asked({})), {
    decidedTo: 11 * HOUR,
    decisions: [{ moment: 11 * HOUR, state: 'due', late: false }],
  })
  assert.deepEqual(decide(asked({ decidedTo: 11 * HOUR })), { decidedTo: 11 * HOUR, decisions: [] })
  assert.deepEqual(decide(asked({ next: () => null })).decisions, [])
})

test('after hours without a keeper the newest moment is made up for, and the others are missed', () => {
  const missed = { moment: 13 * HOUR, state: 'missed', first: 11 * HOUR, count: 3 }
  const now = 14 * HOUR + 5 * MINUTE
  assert.deepEqual(decide(asked({ now })), {
    decidedTo: 14 * HOUR,
    decisions: [missed, { moment: 14 * HOUR, state: 'due', late: true }],
  })
  const skip = { overlap: 'skip', missed: 'skip' } as const
  assert.deepEqual(decide(asked({ now, policy: skip })), {
    decidedTo: 14 * HOUR,
    decisions: [{ moment: 14 * HOUR, state: 'missed', first: 11 * HOUR, count: 4 }],
  })
  // Half a minute late is on time, whatever is done with missed ones.
  assert.deepEqual(decide(asked({ now: 11 * HOUR + ON_TIME_MS, policy: skip })).decisions, [
    { moment: 11 * HOUR, state: 'due', late: false },
  ])
})

test('what is more than a day late is not made up for, and what is long ago is not looked for', () => {
  const next = (after: number) => (after < 12 * HOUR ? 12 * HOUR : null)
  const late = (now: number) => decide(asked({ next, now })).decisions[0]?.state
  assert.equal(late(12 * HOUR + MADE_UP_MS), 'due')
  assert.equal(late(12 * HOUR + MADE_UP_MS + 1), 'missed')
  assert.equal(late(13 * HOUR + LOOK_BACK_MS), undefined)
})

test('a moment that meets a run is left out or waits, and one waits at the most', () => {
  const meets = (overlap: 'skip' | 'wait', waits: boolean) =>
    decide(asked({ active: { waits }, policy: { overlap, missed: 'skip' } })).decisions[0]
  const at = { moment: 11 * HOUR }
  assert.deepEqual(meets('skip', false), {
    ...at,
    state: 'skipped',
    why: 'the run before was still going on',
  })
  assert.deepEqual(meets('wait', false), { ...at, state: 'waiting', late: false })
  assert.deepEqual(meets('wait', true), { ...at, state: 'skipped', why: 'another one waited already' })
})

test('a run that failed is tried again with longer and longer pauses, and one that was stopped is not', () => {
  const ended = (how: 'exit' | 'lost' | 'stopped', code: number | null = null) => ({
    how,
    code,
    signal: null,
  })
  const after = (attempt: number) => verdict(ended('exit', 1), { attempt, retries: 9, now: 0 })
  assert.deepEqual(
    [1, 2, 3, 5, 6, 9].map(attempt => after(attempt)),
    [30_000, 60_000, 120_000, 480_000, 600_000, 600_000].map(retryAt => ({ state: 'retrying', retryAt })),
  )
  assert.deepEqual(after(10), { state: 'failed' })
  assert.deepEqual(verdict(ended('exit', 0), { attempt: 1, retries: 0, now: 0 }), { state: 'done' })
  assert.deepEqual(verdict(ended('lost'), { attempt: 1, retries: 0, now: 0 }), { state: 'failed' })
  assert.deepEqual(verdict(ended('stopped'), { attempt: 1, retries: 3, now: 0 }), { state: 'stopped' })
})

/** What the keeper lives through: looks that are so far from each other, and clocks that are set. */
const history = fc.record({
  every: fc.constantFrom(MINUTE, 7 * MINUTE, HOUR, DAY),
  overlap: fc.constantFrom('skip' as const, 'wait' as const),
  missed: fc.constantFrom('run-once' as const, 'skip' as const),
  steps: fc.array(
    fc.record({
      ms: fc.oneof(
        { weight: 6, arbitrary: fc.integer({ min: 1, max: 70_000 }) },
        { weight: 2, arbitrary: fc.integer({ min: 1, max: 3 * DAY }) },
        { weight: 1, arbitrary: fc.integer({ min: -3 * HOUR, max: -1 }) },
      ),
      /** The keeper is killed before it writes down what it decided. */
      killed: fc.boolean(),
      running: fc.boolean(),
    }),
    { maxLength: 60 },
  ),
})

test('over every history of looks, kills and clocks that are set no moment runs twice, and none is lost that the policy keeps', () => {
  fc.assert(
    fc.property(history, ({ every, overlap, missed, steps }) => {
      const rows = new Map<number, string>()
      const next = each(every)
      let now = 100 * DAY + 1
      let decidedTo = now
      for (const { ms, killed, running } of steps) {
        const before = decidedTo
        now += ms
        const active = running ? { waits: false } : null
        const made = decide({ decidedTo, now, next, policy: { overlap, missed }, active })
        if (killed) continue
        decidedTo = made.decidedTo
        for (const one of made.decisions) {
          // The store has one row for each moment.
          if (!rows.has(one.moment)) rows.set(one.moment, one.state)
          assert.ok(one.moment <= now)
        }
        assert.ok(made.decisions.filter(({ state }) => state === 'due' || state === 'waiting').length <= 1)
        // The newest moment has a row, unless nothing came.
        const newest = Math.floor(now / every) * every
        if (newest <= before || now < before) continue
        const state = rows.get(newest)
        const kept = now - newest <= (missed === 'skip' ? ON_TIME_MS : MADE_UP_MS)
        if (kept) assert.ok(state !== undefined)
        // What was decided before the clock went back stays so when its time comes again.
        const again = made.decisions.some(one => one.moment === newest && one.state !== 'missed')
        if (kept && state === 'missed' && !again)
          assert.fail(`${newest} is missed, and it came ${now - newest} ms ago`)
        // Whatever came before it is counted as missed: nothing is left out without a word.
        const first = Math.max(next(Math.max(before, now - LOOK_BACK_MS)), 0)
        const said = made.decisions.reduce((sum, one) => sum + (one.state === 'missed' ? one.count : 1), 0)
        assert.equal(said, (newest - first) / every + 1)
      }
    }),
    { numRuns: 500 },
  )
})
