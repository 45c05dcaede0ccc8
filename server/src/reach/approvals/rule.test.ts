import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Plan } from '../../engine/plan.ts'
import { describe } from '../../kernel/failure.ts'
import { checkApprover, checkOpen, type Kept, staleBy, stateOf } from './rule.ts'

const NOW = 1_000_000
const kept: Kept = {
  ...{ id: 'a1', app: 'shop', plan: {} as Plan, digest: 'd1', needed: 1, given: [], state: 'waiting' },
  ...{ askedBy: 'anna', askedId: 'person:1', askedAt: 0, endsAt: NOW + 1, refusedBy: null, run: null },
}
const ben = { id: 'person:2', name: 'ben', digest: 'd1' }
const codeOf = (
  change: Partial<Kept>,
  who: Partial<{ id: string | null; name: string; digest: string }>,
  makers: string[] = [],
) => {
  const one = { ...kept, ...change }
  try {
    checkApprover(one, { ...ben, ...who }, { askers: [one.askedId, ...makers], now: NOW })
    return null
  } catch (error) {
    return describe(error).code
  }
}

test('somebody else approves, and never who asked', () => {
  assert.equal(codeOf({}, {}), null)
  assert.equal(codeOf({}, { id: 'person:1', name: 'anna' }), 'approval.own')
  // Two people may have one name.
  assert.equal(codeOf({}, { name: 'anna' }), null)
})

test('a token asks for who made it, and approves nothing', () => {
  const asked = { askedId: 'token:ci', askedBy: 'ci' }
  assert.equal(codeOf(asked, {}, ['person:1']), null)
  assert.equal(codeOf(asked, {}, ['token:other', 'person:2']), 'approval.own')
  assert.equal(codeOf({}, { id: 'token:x', name: 'x' }), 'approval.person')
})

test('who asks at the server cannot be told from who approves there', () => {
  const atServer = { askedId: null, askedBy: 'root' }
  assert.equal(codeOf(atServer, { id: null, name: 'anna' }), 'approval.own')
  assert.equal(codeOf(atServer, {}), null)
  assert.equal(codeOf(atServer, { name: 'root' }), 'approval.own')
  assert.equal(codeOf({}, { id: null, name: 'anna' }), 'approval.own')
  assert.equal(codeOf({}, { id: null, name: 'root' }), null)
})

test('only the plan that was seen is approved, and only while it waits', () => {
  assert.equal(codeOf({}, { digest: 'd2' }), 'approval.changed')
  for (const change of [
    { state: 'begun' as const },
    { state: 'refused' as const, refusedBy: 'ben' },
    { endsAt: NOW },
  ])
    assert.equal(codeOf(change, {}), 'approval.closed')
  assert.equal(stateOf({ ...kept, endsAt: NOW }, NOW), 'expired')
  assert.doesNotThrow(() => checkOpen(kept, NOW))
})

test('a plan is stale when the app was changed since, and not when it was backed up', () => {
  const run = (kind: string) => ({ kind, title: `${kind} shop` })
  assert.equal(staleBy(['backup', 'retire', 'replace', 'drill'].map(run)), null)
  assert.equal(staleBy(['backup', 'scale'].map(run)), 'scale shop')
})
