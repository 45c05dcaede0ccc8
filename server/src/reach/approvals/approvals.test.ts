import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { Rights } from '../../api/actor.ts'
import type { Asking } from '../../api/begin.ts'
import { openStore } from '../../db/db.ts'
import type { Plan } from '../../engine/plan.ts'
import { sqliteJournal } from '../../engine/sqlite-journal.ts'
import { views } from '../../engine/view.ts'
import { auditLog } from '../audit/audit.ts'
import { createApprovals } from './approvals.ts'
import { approvalStore } from './store.ts'

const restart: Plan = {
  ...{ kind: 'restart', title: 'restart shop', app: 'shop', release: null, locks: ['app:shop'] },
  ...{ steps: [], cleanup: [], notices: [] },
}
const ofAnna: Asking = { id: 'token:mcp', name: 'assistant of anna', assistant: true, role: 'operator' }
const operator: Rights = { role: 'operator', apps: {}, verbs: null }
const anna = { id: 'person:1', name: 'anna', ...operator }
const otto = { id: 'person:2', name: 'otto', ...operator }

/** Approvals on a real store. `others`: how many the app asks for; `makers`: who made the token of the assistant. */
function keeper(t: TestContext, { others = 0, makers = ['token:laptop', 'person:1'] } = {}) {
  const store = openStore(':memory:')
  t.after(() => store.close())
  const journal = sqliteJournal(store.raw)
  const audit = auditLog(store, () => 5_000)
  let n = 0
  const known = { makers }
  const begin = async (plan: Plan, actor: string): Promise<string> => {
    n++
    journal.open({ id: `run-${n}`, plan: { ...plan, locks: [] }, actor, startedAt: 10_000 + n })
    return `run-${n}`
  }
  const approvals = createApprovals({
    ...{ store: approvalStore(store), audit, begin, view: views({}) },
    clock: { now: () => 10_000, sleep: async () => {} },
    makersOf: async () => known.makers,
    othersOf: async () => others,
    random: () => `a${++n}`,
  })
  return { approvals, begin, known, journal, audit }
}

test('the plan of an assistant is kept, and begins in the name of both when its person has approved it', async t => {
  const { approvals, journal, audit } = keeper(t)
  const { id, digest, needed, assistant } = await approvals.ask(restart, ofAnna)
  assert.deepEqual([needed, assistant], [1, true])
  const { run } = await approvals.approve(id, { ...anna, digest })
  assert.equal(journal.read(run!)!.actor, 'assistant of anna, approved by anna')
  const told = (await audit.list({ limit: 10 })).map(({ actor, action }) => `${actor}: ${action}`)
  assert.deepEqual(told, [
    'assistant of anna: restart',
    'anna: approval given',
    'assistant of anna: approval asked',
  ])
})

test('where the app asks for others, its person is none of them, also when its token has ended', async t => {
  const { approvals, known } = keeper(t, { others: 1 })
  const { id, digest } = await approvals.ask(restart, ofAnna)
  known.makers = []
  await assert.rejects(approvals.approve(id, { ...anna, digest }), { code: 'approval.own' })
  assert.equal((await approvals.approve(id, { ...otto, digest })).state, 'begun')
})

test('one that was started at the server is approved elsewhere, where the app asks for others', async t => {
  const { approvals } = keeper(t, { others: 1, makers: [] })
  const { id, digest } = await approvals.ask(restart, ofAnna)
  const there = { ...operator, id: null, digest }
  for (const name of ['anna', 'otto'])
    await assert.rejects(approvals.approve(id, { ...there, name }), { code: 'approval.own' })
  assert.equal((await approvals.approve(id, { ...otto, digest })).state, 'begun')
})

test('what fits the app no more begins for nobody', async t => {
  const { approvals, begin } = keeper(t)
  const { id, digest } = await approvals.ask(restart, ofAnna)
  await begin(restart, 'otto')
  await assert.rejects(approvals.approve(id, { ...anna, digest }), { code: 'approval.stale' })
})
