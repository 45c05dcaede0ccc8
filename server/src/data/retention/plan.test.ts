import assert from 'node:assert/strict'
import { test } from 'node:test'
import { planRestore, planRun } from './plan.ts'
import type { Archive, Named } from './retention.ts'

const rule: Named = {
  ...{
    name: 'old',
    table: 'orders',
    olderThan: 1,
    by: 'created_at',
    do: 'archive',
    schedule: '0 0 * * *',
    batch: 1,
  },
}
const archive: Archive = {
  ...{
    id: 'old-1',
    app: 'shop',
    rule: 'old',
    run: 'r',
    table: 'orders',
    at: 0,
    state: 'done',
    rows: 5,
    bytes: 1,
  },
  ...{ sha256: '', parts: [], left: [2] },
}

test('the rules go in their order, then it is said whether one failed, and at last old archives go', () => {
  const plan = planRun({ app: 'shop', rules: [rule, { ...rule, name: 'b', do: 'delete' }], expired: ['x'] })
  assert.deepEqual(
    plan.steps.map(({ does, undo }) => [does.kind, undo]),
    ['retention.rule', 'retention.rule', 'retention.end'].map(kind => [kind, null]),
  )
  assert.deepEqual(plan.locks, ['app:shop'])
  assert.deepEqual(plan.cleanup, [{ kind: 'retention.expire', app: 'shop', archives: ['x'] }])
  assert.ok(plan.notices.some(text => text.includes('read back')))
  const deletes = planRun({ app: 'shop', rules: [{ ...rule, do: 'delete' }], expired: [] })
  assert.equal(deletes.steps.length, 2)
  assert.ok(!deletes.notices.some(text => text.includes('read back')))
})

test('rows come back into their table, with a word about the next run, or into one beside, which can be undone', () => {
  const into = planRestore('shop', archive, { copy: null, rule })
  assert.equal(into.title, 'put 4 rows of old-1 back into orders')
  assert.equal(into.steps[0]!.undo, null)
  assert.ok(into.notices.some(text => text.includes('due again')))
  const beside = planRestore('shop', archive, { copy: 'back', rule })
  assert.deepEqual(beside.steps[0]!.undo, {
    kind: 'retention.uncopy',
    app: 'shop',
    archive: 'old-1',
    copy: 'back',
  })
  assert.ok(!beside.notices.some(text => text.includes('due again')))
})
