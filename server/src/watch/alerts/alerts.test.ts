import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { openStore } from '../../db/db.ts'
import { systemClock } from '../../kernel/clock.ts'
import type { Alarm } from '../../kernel/wire-alarm.ts'
import { createAlerts } from './alerts.ts'
import { open } from './open.ts'
import { alertStore } from './store.ts'

const alarm = (code: string, level: Alarm['level'] = 'soon'): Alarm => ({
  code,
  level,
  what: `${code} is wrong`,
  fix: 'mend it',
})

/** A server whose alarms the test sets, and what the log was told. */
function server(t: TestContext) {
  const store = openStore(':memory:')
  t.after(() => store.close())
  const state = { now: 100_000, alarms: [[], []] as Alarm[][], asked: 0 }
  const told: string[] = []
  const make = () =>
    createAlerts({
      sources: () =>
        state.alarms.map((alarms, n) => ({
          of: `noun ${n}`,
          alarms: async () => {
            state.asked++
            return alarms
          },
        })),
      store: alertStore(store),
      clock: { now: () => state.now, sleep: async () => {} },
      log: (level, msg, more) => void told.push([level, msg, JSON.stringify(more)].filter(Boolean).join(' ')),
    })
  return { state, told, make, store }
}

test('the alarms of all nouns are one list, which is made anew when it is older than three seconds', async t => {
  const { state, make } = server(t)
  const alerts = make()
  state.alarms = [[alarm('a.one')], [alarm('b.two'), alarm('b.three')]]
  const codes = async () => (await alerts.now()).map(one => one.code)
  assert.deepEqual(await codes(), ['a.one', 'b.two', 'b.three'])
  state.alarms = [[], []]
  state.now += 3_000
  assert.equal((await codes()).length, 3)
  assert.equal(state.asked, 2)
  state.now += 1
  assert.deepEqual(await codes(), [])
})

test('after a run the list is made anew at once', async t => {
  const { state, make } = server(t)
  const alerts = make()
  await alerts.now()
  state.alarms = [[alarm('a.one')]]
  alerts.stale()
  assert.equal((await alerts.now()).length, 1)
})

test('what begins, gets worse and is over is told once, with its fix, also by a keeper that was started again', async t => {
  const { state, told, make } = server(t)
  const tick = async (alarms: Alarm[], alerts = make()) => {
    state.alarms = [alarms]
    state.now += 15_000
    await alerts.tick()
    return told.splice(0)
  }
  const fix = (code: string) => JSON.stringify({ code, fix: 'mend it' })
  assert.deepEqual(await tick([alarm('a.one'), alarm('b.two', 'late')]), [
    `warn a.one is wrong ${fix('a.one')}`,
    `error b.two is wrong ${fix('b.two')}`,
  ])
  assert.deepEqual(await tick([alarm('a.one'), alarm('b.two', 'late')]), [])
  assert.deepEqual(await tick([alarm('a.one', 'late')]), [
    `error a.one is wrong ${fix('a.one')}`,
    'info over: b.two',
  ])
  assert.deepEqual(await tick([]), ['info over: a.one'])
  assert.deepEqual(await tick([]), [])
})

test('what was told is kept in order of when it began', async t => {
  const { state, make, store } = server(t)
  state.alarms = [[alarm('b.two')]]
  await make().tick()
  state.now += 15_000
  state.alarms = [[alarm('a.one'), alarm('b.two')]]
  await make().tick()
  assert.deepEqual(
    (await alertStore(store).list()).map(({ code, since }) => [code, since]),
    [
      ['b.two', 100_000],
      ['a.one', 115_000],
    ],
  )
})

test('a noun that fails or hangs is an alarm itself: the others are known, and nothing is told to be over', async t => {
  const { state, told, make, store } = server(t)
  state.alarms = [[alarm('a.one'), alarm('b.two')]]
  await make().tick()
  told.length = 0
  const frozen = createAlerts({
    sources: () => [
      { of: 'backups', alarms: async () => Promise.reject(new Error('no database')) },
      { of: 'drills', alarms: () => new Promise(() => {}) },
      { of: 'apps', alarms: async () => [alarm('a.one'), alarm('c.three')] },
    ],
    store: alertStore(store),
    clock: { ...systemClock, sleep: (ms, signal) => systemClock.sleep(ms / 100, signal) },
    log: (_, msg) => void told.push(msg),
  })
  assert.deepEqual(
    (await frozen.now()).map(({ code, what }) => [code, what]),
    [
      ['alarms.unknown', 'whether backups has alarms is not known: no database'],
      ['alarms.unknown', 'whether drills has alarms is not known: it took too long: no answer in 3.0 s'],
      ['a.one', 'a.one is wrong'],
      ['c.three', 'c.three is wrong'],
    ],
  )
  await frozen.tick()
  assert.deepEqual(told, ['whether backups has alarms is not known: no database', 'c.three is wrong'])
  state.alarms = [[alarm('a.one')]]
  state.now += 15_000
  told.length = 0
  await make().tick()
  assert.deepEqual(told, ['info over: b.two', 'info over: alarms.unknown', 'info over: c.three'])
})

test('the keeper tells them four times a minute', async t => {
  const { make } = server(t)
  const [timer] = open({ alerts: make() }).timers!
  assert.deepEqual([timer!.name, timer!.everyMs], ['alerts', 15_000])
  await timer!.work()
})
