import assert from 'node:assert/strict'
import { test } from 'node:test'
import { resolved } from './incidents.fixture.ts'
import { monthsOf } from './months.ts'

test('the medians of each month, without what is not over', () => {
  const of = (opened: string, more: object = {}) => {
    const openedAt = Date.parse(opened)
    const { acked = null, resolvedAfter = 600_000 } = more as { acked?: null; resolvedAfter?: number }
    return resolved(openedAt + resolvedAfter, { beganAt: openedAt - 60_000, openedAt, acked })
  }
  const open = { ...of('2026-10-09T00:00:00Z'), resolved: null }
  const held = {
    ...of('2026-11-03T00:00:00Z'),
    acked: { by: 'anna', at: Date.parse('2026-11-03T00:05:00Z') },
  }
  assert.deepEqual(
    monthsOf([of('2026-11-30T23:59:59Z', { resolvedAfter: 0 }), held, of('2026-09-01T00:00:00Z'), open]),
    [
      { month: '2026-11', incidents: 2, detectMs: 60_000, acknowledgeMs: 300_000, recoverMs: 360_000 },
      { month: '2026-09', incidents: 1, detectMs: 60_000, acknowledgeMs: null, recoverMs: 660_000 },
    ],
  )
})
