import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { openStore } from '../../db/db.ts'
import { handClock } from '../../kernel/clock.fixture.ts'
import type { Alarm } from '../../kernel/wire-alarm.ts'
import type { Observed } from './alert.ts'
import { fingerprintOf } from './alert.ts'
import { createAlerts } from './alerts.ts'
import { alertStore } from './store.ts'

const MINUTE = 60_000
const NOW = 1_000 * MINUTE
const alarm = (code: string, level: Alarm['level'] = 'soon', more: Partial<Alarm> = {}): Alarm => ({
  ...{ code, level, what: `${code} is wrong`, fix: 'mend it' },
  ...more,
})
const pushed = (name: string, endsAt: number, more: Record<string, string> = {}): Observed => {
  const labels = { alertname: name, ...more }
  const rest = { annotations: { summary: `${name} fires` }, url: null, startsAt: null }
  return { fingerprint: fingerprintOf(labels), labels, ...rest, endsAt }
}

async function server(t: TestContext, channels = ['ops']) {
  const store = openStore(':memory:')
  t.after(() => store.close())
  const clock = handClock(NOW)
  const kept = alertStore(store)
  const state = {
    alarms: [[]] as Alarm[][],
    quiet: new Set<string>(),
    down: new Set<string>(),
    held: [] as Array<Promise<undefined>>,
    full: false,
    started: 0,
    waits: false,
    late: Promise.resolve<string[]>([]),
  }
  const logged: string[] = []
  let ids = 0
  const make = () =>
    createAlerts({
      sources: () =>
        state.alarms.map((alarms, n) => ({
          of: `noun ${n}`,
          alarms: () => (state.waits ? new Promise<Alarm[]>(() => {}) : Promise.resolve(alarms)),
        })),
      store: {
        ...kept,
        changing: work =>
          state.full ? Promise.reject(new Error('database or disk is full')) : kept.changing(work),
      },
      messages: {
        channels: async () => channels.map(name => ({ name, suppressed: null })),
        wake: async () => {},
      },
      clock,
      started: state.started,
      newId: () => `i${ids++}`,
      changing: async () => state.quiet,
      measured: async () => [{ labels: { app: 'shop' }, points: [[0, 1]] as const }],
      uses: async () => [],
      causes: app => (app === 'shop' ? [Promise.resolve(['Changed last: deploy r12']), state.late] : []),
      down: async () => (await state.held.shift()) ?? state.down,
      link: async () => 'https://keeper.example.com',
      log: (level, msg) => void logged.push(`${level} ${msg}`),
    })
  const messages = async () => {
    const rows = await store.sql.selectFrom('message').select(['channel', 'content']).orderBy('id').execute()
    return rows.map(row => ({
      channel: row.channel,
      ...(JSON.parse(row.content) as { title: string; text: string; link: string }),
    }))
  }
  const titles = async () => (await messages()).map(one => one.title)
  return { store, clock, state, logged, make, messages, titles, kept }
}

test('what begins, gets worse and is over is logged once and told once, also by a keeper that was started again', async t => {
  const { state, logged, titles, make, clock } = await server(t)
  const round = async (...alarms: Alarm[]) => {
    state.alarms = [alarms]
    await clock.go(15_000)
    await make().tick()
    await clock.go(6_000)
    return logged.splice(0)
  }
  assert.deepEqual(await round(alarm('a'), alarm('b', 'late')), ['warn a is wrong', 'error b is wrong'])
  assert.deepEqual(await round(alarm('a'), alarm('b', 'late')), [])
  assert.deepEqual(await round(alarm('a', 'late')), ['error a is wrong', 'info over: b'])
  assert.deepEqual(await round(), ['info over: a'])
  assert.deepEqual(await round(), [])
  assert.deepEqual(await titles(), [
    '2 wrong: a is wrong, …',
    '1 wrong, 1 over: a is wrong, …',
    'over: a is wrong',
  ])
})

test('the first message has the cause and one link', async t => {
  const { state, messages, make, clock } = await server(t)
  state.alarms = [[alarm('a', 'late', { app: 'shop' })]]
  await make().tick()
  await clock.go(6_000)
  const [message] = await messages()
  assert.equal(message!.title, 'shop: a is wrong')
  assert.match(message!.text, /^mend it\nsince .*\nChanged last: deploy r12\nin hand: `inn ack i0`$/)
  assert.equal(message!.link, 'https://keeper.example.com')
})

test('a cause that comes late is left out, and the others are told', async t => {
  const { state, messages, make, clock } = await server(t)
  state.alarms = [[alarm('a', 'late', { app: 'shop' })]]
  state.late = new Promise(() => {})
  await make().tick()
  await clock.go(10_000)
  assert.match((await messages())[0]!.text, /Changed last: deploy r12\n/)
})

test('alarms with one code are one alert for each app, and the worst stands for them', async t => {
  const { state, make } = await server(t)
  state.alarms = [[alarm('gap'), alarm('gap', 'late')], [alarm('gap', 'soon', { app: 'shop' })]]
  const alerts = make()
  await alerts.tick()
  const all = (await alerts.list()).map(({ labels }) => `${labels['app'] ?? 'server'} ${labels['severity']}`)
  assert.deepEqual(all.sort(), ['server critical', 'shop warning'])
})

test('a noun that hangs is an alarm itself, and nothing is over while it is not known', async t => {
  const { state, make, clock } = await server(t)
  state.alarms = [[alarm('a')]]
  const alerts = make()
  await alerts.tick()
  state.waits = true
  await clock.go(15_000)
  const ticked = alerts.tick()
  await clock.go(4_000)
  await ticked
  const firing = (await alerts.list())
    .filter(one => one.state === 'firing')
    .map(one => one.labels['alertname'])
  assert.deepEqual(firing.sort(), ['a', 'alarms.unknown'])
})

test('what Prometheus pushes is in the store when it is answered, told once, and swept when it stops', async t => {
  const { make, clock, titles, state, kept } = await server(t)
  const alerts = make()
  await alerts.push('prometheus', [pushed('Slow', clock.now() + 4 * MINUTE)])
  assert.equal((await kept.list()).length, 1)
  for (let n = 0; n < 5; n++) {
    await clock.go(75_000)
    await alerts.push('prometheus', [pushed('Slow', clock.now() + 4 * MINUTE)])
    await alerts.tick()
  }
  assert.deepEqual(await titles(), ['Slow fires'])
  state.down = new Set(['prometheus'])
  await clock.go(10 * MINUTE)
  await alerts.tick()
  assert.equal((await kept.list())[0]!.state, 'firing', 'the sweep rests while the source is down')
  state.down = new Set()
  await alerts.tick()
  await clock.go(6_000)
  assert.match((await titles())[1]!, /nobody knows, because its source stopped reporting it: Slow fires/)
})

test('during a change of its app nothing is told, and at its end what is still wrong, at once', async t => {
  const { make, clock, titles, state } = await server(t)
  state.quiet = new Set(['shop'])
  const alerts = make()
  await alerts.push('prometheus', [pushed('Errors', clock.now() + 60 * MINUTE, { app: 'shop' })])
  await clock.go(MINUTE)
  assert.deepEqual(await titles(), [])
  state.quiet = new Set()
  await clock.go(3_000)
  assert.deepEqual(await titles(), ['shop: Errors fires'])
})

test('an acknowledgement is told to whoever was told of it, and kept', async t => {
  const { make, clock, titles } = await server(t)
  const alerts = make()
  await alerts.push('prometheus', [pushed('Slow', clock.now() + 60 * MINUTE)])
  await clock.go(6_000)
  const [one] = await alerts.list()
  assert.equal(
    (await alerts.acknowledge(({ occurrence }) => occurrence === one!.occurrence, 'anna')).length,
    1,
  )
  assert.equal((await alerts.acknowledge(() => true, 'olga')).length, 0, 'anna has it')
  assert.deepEqual(await titles(), ['Slow fires', 'anna has it in hand: Slow fires'])
  assert.equal((await make().list())[0]!.acked?.by, 'anna')
})

test('a message of several names them for taking, and what is told to be over and begins again is taken by nobody', async t => {
  const { make, clock, messages } = await server(t)
  const alerts = make()
  const ends = () => clock.now() + 60 * MINUTE
  await alerts.push('prometheus', [pushed('Slow', ends()), pushed('Full', ends()), pushed('Hot', ends())])
  await clock.go(6_000)
  assert.match((await messages())[0]!.text, /\nin hand: `inn ack i0 i1 i2`$/)
  await alerts.acknowledge(({ occurrence }) => occurrence !== 'i1', 'anna')
  const taken = async () => (await alerts.list()).map(one => one.acked?.by ?? null)
  assert.deepEqual((await taken()).sort(), ['anna', 'anna', null])
  await alerts.push('prometheus', [pushed('Slow', clock.now() - 1)])
  await clock.go(6_000)
  await alerts.push('prometheus', [pushed('Slow', ends())])
  await clock.go(6_000)
  const [last] = (await messages()).slice(-1)
  assert.deepEqual([last!.title, /inn ack i0`/.test(last!.text)], ['again: Slow fires', true])
  assert.deepEqual((await taken()).sort(), ['anna', null, null])
})

test('on a full disk a push is refused, so that it comes again, and what could not be decided is decided later', async t => {
  const { make, clock, titles, state } = await server(t)
  const alerts = make()
  state.full = true
  await assert.rejects(alerts.push('prometheus', [pushed('Slow', clock.now() + 60 * MINUTE)]), /full/)
  state.full = false
  await alerts.push('prometheus', [pushed('Slow', clock.now() + 60 * MINUTE)])
  state.full = true
  await clock.go(20_000)
  assert.deepEqual(await titles(), [])
  state.full = false
  await clock.go(6_000)
  assert.deepEqual(await titles(), ['Slow fires'])
})

test('too many at once are refused with what Prometheus takes for a failure', async t => {
  const { make, clock } = await server(t)
  const alerts = make()
  const all = await Promise.allSettled(
    Array.from({ length: 80 }, (_, n) => alerts.push('prometheus', [pushed(`a${n}`, clock.now() + MINUTE)])),
  )
  const refused = all.flatMap(one => (one.status === 'rejected' ? [one.reason.code] : []))
  assert.deepEqual([refused.length, new Set(refused)], [16, new Set(['alerts.down'])])
})

test('a clock that is stepped an hour, either way, neither repeats nor forgets', async t => {
  const { make, clock, titles, state } = await server(t)
  state.alarms = [[alarm('a')]]
  const alerts = make()
  await alerts.tick()
  await clock.go(6_000)
  for (const hours of [1, -1, -1, 1]) {
    clock.step(hours * 60 * MINUTE)
    await alerts.tick()
    await clock.go(70_000)
  }
  assert.deepEqual(await titles(), ['a is wrong'])
  state.alarms = [[]]
  alerts.stale()
  await alerts.tick()
  await clock.go(10_000)
  assert.deepEqual(await titles(), ['a is wrong', 'over: a is wrong'])
})

test('a keeper that was started again ends nothing of before until it can be certain, and what began since at once', async t => {
  const { make, state, clock, titles } = await server(t)
  state.alarms = [[alarm('a')]]
  await make().tick()
  await clock.go(6_000)
  state.started = clock.now()
  state.alarms = [[alarm('b')]]
  const again = make()
  await again.tick()
  await clock.go(20_000)
  state.alarms = [[]]
  await again.tick()
  await clock.go(20_000)
  // The keeper of before goes on in this test, and tells what it sees, too.
  assert.deepEqual(new Set(await titles()), new Set(['a is wrong', 'b is wrong', 'over: b is wrong']))
  await clock.go(150_000)
  await again.tick()
  await clock.go(6_000)
  assert.equal((await titles()).at(-1), 'over: a is wrong')
})

test('what was seen earlier and comes later ends nothing', async t => {
  const { make, state } = await server(t)
  const alerts = make()
  let release = () => {}
  state.held = [new Promise<undefined>(resolve => (release = () => resolve(undefined)))]
  const early = alerts.tick()
  await new Promise(setImmediate)
  state.alarms = [[alarm('a')]]
  alerts.stale()
  await alerts.tick()
  release()
  await early
  assert.deepEqual(
    (await alerts.list()).map(one => one.state),
    ['firing'],
  )
})

test('alarms are asked for once in three seconds, and at once after a run', async t => {
  const { make, state } = await server(t)
  const alerts = make()
  assert.deepEqual(await alerts.now(), [])
  state.alarms = [[alarm('a')]]
  assert.deepEqual(await alerts.now(), [])
  alerts.stale()
  assert.equal((await alerts.now()).length, 1)
})
