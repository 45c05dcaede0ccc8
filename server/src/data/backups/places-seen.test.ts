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
      for (const end = now + ms; ; ) {
        await settle()
        const next = waiting.filter(one => one.at <= end).sort((a, b) => a.at - b.at)[0]
        if (next === undefined) break
        waiting = waiting.filter(one => one !== next)
        now = Math.max(now, next.at)
        next.wake()
      }
      now += ms
      await settle()
    },
  }
}

/** Places that answer when they are told to, or after some milliseconds of the clock. */
function world() {
  const { clock, pass } = handClock()
  const places = createPlacesSeen<string>(clock)
  const asked: string[] = []
  const ask = (key: string, { says = key, afterMs = 0, changedAt = 0 } = {}) => ({
    key,
    changedAt,
    async content() {
      asked.push(key)
      await clock.sleep(afterMs)
      if (says === '') throw new Error('no answer')
      return says
    },
  })
  return { clock, pass, places, asked, ask }
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

test('who asks for what there is soon gets what was seen before, with its time, and the asking goes on', async () => {
  const { pass, places, ask } = world()
  const of = async (says: string, afterMs: number, waitMs: number) => {
    const answer = places.of([ask('a', { says, afterMs })], { soon: true })
    await pass(waitMs)
    return (await answer)[0]!
  }
  const first = await of('old', 5_000, 5_000)
  assert.equal(first.content, 'old', 'a place that was never seen is waited for')
  assert.deepEqual(await of('new', 3_000, 250), first, 'it does not wait for the place')
  await pass(3_000)
  const third = await of('newest', 3_000, 250)
  assert.equal(third.content, 'new')
  assert.ok(third.at > first.at)
  await pass(3_000)
  assert.equal((await of('last', 100, 100)).content, 'last', 'what comes at once is shown')
})

test('one round goes on at a time, however often a page asks', async () => {
  const { pass, places, asked, ask } = world()
  const of = () => places.of([ask('a', { afterMs: 5_000 })], { soon: true })
  const first = of()
  await pass(5_000)
  await first
  const more = [of(), of(), of()]
  await pass(5_000)
  await Promise.all(more)
  assert.deepEqual(asked, ['a', 'a'])
})

test('what was seen before the last change is never shown', async () => {
  const { clock, pass, places, ask } = world()
  const of = (says: string, changedAt = 0) =>
    places.of([ask('a', { says, afterMs: 1_000, changedAt })], { soon: true })
  const first = of('before')
  await pass(1_000)
  await first
  const begun = of('in between')
  await pass(500)
  await begun
  const changed = of('after', clock.now() + 1_000)
  await pass(3_000)
  assert.equal((await changed)[0]!.content, 'after')
})

test('places that are no more are forgotten', async () => {
  const { pass, places, asked, ask } = world()
  const of = async (...keys: string[]) => {
    const answer = places.of(
      keys.map(key => ask(key)),
      { soon: true },
    )
    await pass(1_000)
    return answer
  }
  await of('a', 'b')
  places.keepOnly(new Set(['a']))
  await of('b')
  assert.deepEqual(asked, ['a', 'b', 'b'])
})
