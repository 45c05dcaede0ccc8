import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Plan } from '../../engine/plan.ts'
import { describe } from '../../kernel/failure.ts'
import {
  type Approver,
  checkApprover,
  checkOpen,
  checkProposal,
  heldTo,
  type Kept,
  neededFor,
  staleBy,
  stateOf,
} from './rule.ts'

const NOW = 1_000_000
const kept: Kept = {
  ...{ id: 'a1', app: 'shop', plan: {} as Plan, digest: 'd1', needed: 1, given: [], state: 'waiting' },
  ...{ assistant: false, role: 'operator' },
  ...{ askedBy: 'anna', askedId: 'person:1', askedAt: 0, endsAt: NOW + 1, refusedBy: null, run: null },
}
const rights = { role: 'operator', apps: {}, verbs: null } as const
const ben: Approver = { id: 'person:2', name: 'ben', digest: 'd1', ...rights }
const codeOf = (change: Partial<Kept>, who: Partial<Approver>, makers: string[] = []) => {
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

test('what an assistant asks for is approved by a person with the role, also by the one behind it', () => {
  const asked = { assistant: true, askedBy: 'assistant of anna', askedId: 'person:1' }
  assert.equal(codeOf(asked, { id: 'person:1', name: 'anna' }), null)
  assert.equal(codeOf({ ...asked, askedId: null }, { id: null, name: 'anna' }), null, 'at the server')
  assert.equal(codeOf(asked, { id: 'token:x', name: 'assistant of anna' }), 'approval.person')
  assert.equal(codeOf({ ...asked, role: 'admin' }, {}), 'access.forbidden')
  const there = { role: null, apps: { shop: 'admin' } } as const
  assert.equal(codeOf({ ...asked, role: 'admin' }, there), null)
  assert.equal(codeOf({ ...asked, app: 'bar' }, there), 'access.forbidden')
})

test('where an app asks for somebody else, it is somebody else than the person behind the assistant', () => {
  const plan = heldTo({ title: 'restart shop' } as Plan, 1)
  const asked = { assistant: true, askedBy: 'assistant of anna', askedId: 'person:1', plan }
  assert.equal(codeOf(asked, { id: 'person:1', name: 'anna' }), 'approval.own')
  assert.equal(codeOf(asked, {}), null)
  const atServer = { ...asked, askedId: null }
  assert.equal(codeOf(atServer, { id: null, name: 'carl' }), 'approval.own')
  assert.equal(codeOf(atServer, { name: 'anna' }), 'approval.own')
  assert.equal(codeOf(atServer, {}), null)
  assert.deepEqual([neededFor(plan), neededFor({}), neededFor({ approvals: 2 })], [1, 1, 2])
  assert.equal(heldTo({ approvals: 3 } as Plan, 1).approvals, 3)
})

test('an assistant asks about one app, and not without end', () => {
  const waiting = (n: number) => Array.from({ length: n }, () => ({ ...kept, assistant: true }))
  const plan = { app: 'shop', title: 'restart shop' }
  assert.doesNotThrow(() => checkProposal(plan, [...waiting(19), ...Array(50).fill(kept)]))
  assert.throws(() => checkProposal(plan, waiting(20)), { code: 'approval.many' })
  assert.throws(() => checkProposal({ ...plan, app: null }, []), { code: 'approval.app' })
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
  assert.equal(staleBy(['sleep', 'wake', 'sleep', 'wake'].map(run)), null)
  assert.equal(staleBy(['backup', 'sleep', 'wake', 'sleep'].map(run)), 'sleep shop')
})
