import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Alarm } from '../../kernel/wire-alarm.ts'
import { type Alert, reduce } from './rule.ts'

const alarm = (code: string, level: Alarm['level'] = 'soon'): Alarm => ({
  code,
  level,
  what: `${code} is wrong`,
  fix: 'mend it',
})
const told = ({ events }: ReturnType<typeof reduce>) =>
  events.map(event => `${event.type} ${event.type === 'over' ? event.alert.code : event.alarm.code}`)

test('an alarm is told once, and again when it got worse, and when it is over', () => {
  const first = reduce([], [alarm('disk')], 10)
  assert.deepEqual(told(first), ['raised disk'])
  const second = reduce(first.alerts, [alarm('disk')], 20)
  assert.deepEqual(told(second), [])
  const third = reduce(second.alerts, [alarm('disk', 'late')], 30)
  assert.deepEqual(told(third), ['worse disk'])
  assert.deepEqual(
    third.alerts,
    [{ ...alarm('disk', 'late'), since: 10 }],
    'since it began, not since it got worse',
  )
  assert.deepEqual(told(reduce(third.alerts, [alarm('disk')], 40)), [], 'better is not over')
  assert.deepEqual(told(reduce(third.alerts, [], 50)), ['over disk'])
})

test('what an alarm says may change without being told again', () => {
  const { alerts } = reduce([], [alarm('lag')], 1)
  const next = reduce(alerts, [{ ...alarm('lag'), what: 'lag of 12 min' }], 2)
  assert.deepEqual(told(next), [])
  assert.equal(next.alerts[0]!.what, 'lag of 12 min')
})

test('alarms of one code are one alert, and the worst stands for them', () => {
  const { alerts, events } = reduce([], [alarm('gap'), alarm('gap', 'late'), alarm('gap')], 1)
  assert.deepEqual([alerts.length, events.length, alerts[0]!.level], [1, 1, 'late'])
})

test('whatever comes and goes, everything that was raised is over when nothing is wrong', () => {
  const alarms = fc.array(
    fc.record({
      code: fc.constantFrom('a', 'b', 'c'),
      level: fc.constantFrom('soon' as const, 'late' as const),
    }),
    { maxLength: 5 },
  )
  fc.assert(
    fc.property(fc.array(alarms, { maxLength: 8 }), rounds => {
      let known: Alert[] = []
      const open = new Set<string>()
      const round = (now: Alarm[], at: number) => {
        const { alerts, events } = reduce(known, now, at)
        for (const event of events) {
          if (event.type === 'raised') assert.ok(!open.has(event.alarm.code), 'raised twice')
          if (event.type === 'over') assert.ok(open.delete(event.alert.code), 'over without being raised')
          else open.add(event.alarm.code)
        }
        known = alerts
        assert.deepEqual(new Set(alerts.map(alert => alert.code)), open)
      }
      for (const [at, now] of rounds.entries())
        round(
          now.map(a => alarm(a.code, a.level)),
          at,
        )
      round([], rounds.length)
      assert.equal(open.size, 0)
    }),
  )
})
