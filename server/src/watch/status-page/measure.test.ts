import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { SeenInstance } from '../../apps/app/status.ts'
import type { Traffic } from '../../reach/edge/edge.ts'
import { createLook } from './measure.ts'
import { stateOf } from './rule.ts'

const NOW = Date.parse('2026-11-30T12:00:00Z')
const HOUR = 3_600_000
const counted = (failed: number): Traffic => ({
  ...{ requests: failed + 1, seconds: [], active: 0 },
  status: { '2xx': 1, '3xx': 0, '4xx': 0, '5xx': 0, failed },
})
const ready = { service: 'web', state: 'ready', colour: 'blue', n: 1 } as SeenInstance

/** How `web` is, whose instance works, by slots that began at these moments. */
function state(slots: ReadonlyArray<{ at: number; failed: number }>) {
  const seen = {
    ...{ now: NOW, instances: [ready], asleep: false, stopped: false },
    slots: slots.map(({ at, failed }) => ({ at, parts: { 'web/r1': counted(failed) } })),
  }
  return stateOf([createLook().facts(seen, { name: 'web', kind: 'web' })], false)
}

test('a component is operational while the edge counts, and not known when it says nothing any more', () => {
  assert.equal(state([{ at: NOW - 5_000, failed: 0 }]), 'operational')
  assert.equal(state([{ at: NOW - 20_000, failed: 0 }]), 'unknown')
  assert.equal(state([]), 'unknown')
})

test('what was counted before a clock was put back says neither that all is well nor that something fails', () => {
  assert.equal(state([{ at: NOW + HOUR, failed: 0 }]), 'unknown')
  const slots = [
    { at: NOW + HOUR, failed: 50 },
    { at: NOW - 5_000, failed: 0 },
  ]
  assert.equal(state(slots), 'operational')
})

test('what failed longer ago than the last minute counts no more', () => {
  const slots = [
    { at: NOW - 120_000, failed: 50 },
    { at: NOW - 5_000, failed: 0 },
  ]
  assert.equal(state(slots), 'operational')
})
