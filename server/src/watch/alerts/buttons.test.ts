import assert from 'node:assert/strict'
import { test } from 'node:test'
import { handClock } from '../../kernel/clock.fixture.ts'
import type { Press } from '../messages/channel.ts'
import type { Alert } from './alert.ts'
import { createButtons } from './buttons.ts'

const HOUR = 3_600_000

function world() {
  const clock = handClock(1_000 * HOUR)
  const state = {
    alert: {
      state: 'firing',
      acked: null,
      told: { phone: { level: 'late', at: clock.now() } },
    } as unknown as Alert,
    presses: [] as string[][],
    occurrences: ['i1'] as string[] | null,
    fails: false,
  }
  const seen = { asked: 0, acked: [] as string[], answers: [] as string[], logged: [] as string[] }
  const buttons = createButtons({
    alerts: async () => [state.alert],
    async channel(name) {
      if (name !== 'phone') return null
      return {
        ...{ limits: [], digests: true, send: async () => assert.fail() },
        async pressed() {
          seen.asked++
          if (state.fails) throw new Error('Conflict: terminated by other getUpdates request')
          const [next = []] = state.presses.splice(0, 1)
          if (next.length === 0) state.alert = { ...state.alert, state: 'over' }
          return next.map(
            (key): Press => ({ key, by: 'Anna', answer: async text => void seen.answers.push(text) }),
          )
        },
      }
    },
    occurrences: async () => state.occurrences,
    async acknowledge(occurrences, by) {
      seen.acked.push(`${occurrences.join(' ')} ${by}`)
      return occurrences.includes('i1') ? [state.alert] : []
    },
    clock,
    log: (level, msg) => void seen.logged.push(`${level} ${msg}`),
  })
  const settled = () => new Promise(resolve => setImmediate(resolve))
  return {
    clock,
    state,
    seen,
    async tick() {
      await buttons.tick()
      await settled()
    },
  }
}

test('a press takes in hand all that its message told of, and whoever pressed is answered', async () => {
  const { state, seen, tick } = world()
  state.presses = [['s-1'], []]
  await tick()
  assert.deepEqual([seen.acked, seen.answers], [['i1 Anna'], ['you have 1 alert in hand']])
})

test('what is over, and what another server sent, is answered too', async () => {
  const late = world()
  late.state.presses = [['s-1'], []]
  late.state.occurrences = ['gone']
  await late.tick()
  assert.match(late.seen.answers[0]!, /over, or somebody has it/)
  const other = world()
  other.state.presses = [['x-1'], []]
  other.state.occurrences = null
  await other.tick()
  assert.match(other.seen.answers[0]!, /another server/)
  assert.deepEqual(other.seen.acked, [])
})

test('nobody waits for presses where nothing is open, where it is in hand, or where it was told a day ago', async () => {
  for (const change of [
    (alert: Alert): Alert => ({ ...alert, state: 'over' }),
    (alert: Alert): Alert => ({ ...alert, acked: { by: 'x', at: 0 } }),
    (alert: Alert): Alert => ({ ...alert, told: { phone: { level: 'late', at: 975 * HOUR - 1 } } }),
    (alert: Alert): Alert => ({ ...alert, told: { mail: { level: 'late', at: 1_000 * HOUR } } }),
  ]) {
    const { state, seen, tick } = world()
    state.alert = change(state.alert)
    await tick()
    assert.equal(seen.asked, 0)
  }
})

test('a provider that answers somebody else is said once, and asked again after a minute', async () => {
  const { state, seen, tick, clock } = world()
  state.fails = true
  await tick()
  await tick()
  assert.equal(seen.asked, 1, 'one line for each channel')
  await clock.go(60_000)
  assert.equal(seen.asked, 2)
  assert.deepEqual(seen.logged.length, 1)
  assert.match(seen.logged[0]!, /Conflict/)
  state.fails = false
  await clock.go(60_000)
  assert.equal(seen.asked, 3)
})
