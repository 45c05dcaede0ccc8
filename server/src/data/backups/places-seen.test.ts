import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Clock } from '../../kernel/clock.ts'
import { createPlacesSeen } from './places-seen.ts'

/** A clock that goes on by `pass` alone. */
function handClock() {
  let now = 1_000_000
  let waiting: Array<{ at: number; wake: () => void }> = []
  const clock: Clock = {
    now: () => now,
    sleep: ms => new Promise(wake => void waiting.push({ at: now + ms, wake })),
  }
  const settle = () => new Promise(resolve => setImmediate(resolve))
  return {
    clock,
    async pass(ms: number) {
      const end = now + ms
      for (;;) {
        await settle()
        const next = waiting.filter(one => one.at <= end).sort((a, b) => a.at - b.at)[0]
        if (next === undefined) break
        waiting = waiting.filter(one => one !== next)
        now = Math.max(now, next.at)
        next.wake()
      }
      now = end
      await settle()
    },
  }
}

/** Places that answer when they are told to, or after some milliseconds of the clock. */
function world() {
  const { clock, pass } = handClock()
  const places = createPlacesSeen<string>(clock)
  const asked: string[] = []
  const ask = (key: string, { says = key, afterMs = 0, changedAt = 0, address = key } = {}) => ({
    key,
    address,
    changedAt,
    async content() {
      asked.push(key)
      await clock.sleep(afterMs)
      if (says === '') throw new Error('no answer')
      return says
    },
  })
  type Asks = Array<ReturnType<typeof ask>>
  /** What a page gets, without any time that passes. */
  const soon = (...asks: Asks) => places.of(asks, { soon: true })
  return { clock, pass, places, asked, ask, soon }
}

test('each place is asked, and what does not answer is told with its reason', async () => {
  const { pass, places, ask } = world()
  const all = places.of([ask('a'), ask('b', { says: '' }), ask('c', { afterMs: 60_000 })], { soon: false })
  await pass(12_000)
  const [one, two, three] = await all
  assert.deepEqual([one!.content, one!.problem], ['a', null])
  assert.match(two!.problem!, /no answer/)
  assert.match(three!.problem!, /does not answer: nothing came within 12 s/)
})

test('a page never waits: it gets what was seen last, when that was, and whether the place is being asked', async () => {
  const { clock, pass, ask, soon } = world()
  const of = async (says: string) => (await soon(ask('a', { says, afterMs: 1_000 })))[0]
  assert.deepEqual(await of('old'), { at: null, content: null, problem: null, asking: true })
  const begun = clock.now()
  await pass(1_000)
  const old = { at: begun, content: 'old', problem: null }
  assert.deepEqual(await of('new'), { ...old, asking: false })
  await pass(30_000)
  assert.deepEqual(await of('new'), { ...old, asking: true })
  await pass(1_000)
  assert.deepEqual(await of('newest'), { ...old, at: begun + 31_000, content: 'new', asking: false })
})

test('what changed since it was seen is asked again at once', async () => {
  const { clock, pass, asked, ask, soon } = world()
  await soon(ask('a', { afterMs: 1_000 }))
  // The change comes while the place tells: what it tells may be of before.
  await pass(500)
  const changedAt = clock.now()
  await pass(500)
  assert.equal((await soon(ask('a', { says: 'after', changedAt })))[0]!.asking, true)
  await pass(1)
  assert.equal((await soon(ask('a', { changedAt })))[0]!.content, 'after')
  assert.deepEqual(asked, ['a', 'a'])
})

test('each place is asked once at a time, three of them together, however often a page asks', async () => {
  const { pass, asked, ask, soon } = world()
  const all = ['a', 'b', 'c', 'd'].map(key => ask(key, { afterMs: 1_000 }))
  for (let n = 0; n < 3; n++) await soon(...all)
  assert.deepEqual(asked, ['a', 'b', 'c'])
  await pass(1_000)
  assert.deepEqual(asked, ['a', 'b', 'c', 'd'])
  await pass(1_000)
  assert.ok((await soon(...all)).every(({ content, asking }) => content !== null && !asking))
})

test('an address that does not answer leaves room for the others, and is not asked again by more and more programs', async () => {
  const { pass, asked, ask, soon } = world()
  const silent = (key: string) => ask(key, { afterMs: 100_000, address: 'bucket' })
  const all = [silent('a'), silent('b'), silent('c'), ask('d'), ask('e')]
  await soon(...all)
  await pass(10)
  assert.deepEqual(asked, ['a', 'b', 'd', 'e'])
  await pass(12_000)
  const seen = await soon(...all)
  assert.deepEqual([seen[0]!.asking, seen[2]!.asking], [false, true])
  assert.match(seen[0]!.problem!, /does not answer/)
  await pass(40_000)
  await soon(...all)
  await pass(1)
  assert.deepEqual(
    asked.filter(key => 'abc'.includes(key)),
    ['a', 'b', 'c'],
    'their programs still try',
  )
  await pass(100_000)
  await soon(...all)
  assert.equal(asked.filter(key => key === 'a').length, 2)
})

test('places that are no more are forgotten', async () => {
  const { pass, places, ask, soon } = world()
  await soon(ask('a'), ask('b'))
  await pass(1)
  places.keepOnly(new Set(['a']))
  assert.deepEqual(
    (await soon(ask('a'), ask('b'))).map(({ content }) => content),
    ['a', null],
  )
})
