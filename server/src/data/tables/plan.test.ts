import assert from 'node:assert/strict'
import { test } from 'node:test'
import { planTable } from './plan.ts'
import type { Wish } from './table.ts'

const chosen = {
  place: 'local',
  target: { kind: 'time', at: 5, backup: '20261120-020000F', timeline: 1 },
  at: 5,
  says: '10:00',
  snapshots: [],
  notices: [],
} as const

const planned = (wish: Wish) =>
  planTable({ app: 'shop', chosen, copy: 't1', tables: ['guest', 'room'], children: [], wish, notices: [] })
const kinds = (wish: Wish) => planned(wish).steps.map(({ does }) => does.kind)

test('nothing of the app is changed before its rows were compared, and nothing at all without a wish', () => {
  const first = ['restore.check', 'restore.fetch', 'restore.reach', 'table.load', 'table.compare']
  assert.deepEqual(kinds({ kind: 'compare' }), first)
  assert.deepEqual(kinds({ kind: 'merge' }), [...first, 'table.merge'])
  assert.deepEqual(kinds({ kind: 'csv' }), [...first, 'table.csv'])
  assert.deepEqual(kinds({ kind: 'copy', name: 'then' }), [...first, 'table.copy'])
})

test('the app is held for others meanwhile, and not stopped; nothing stays, however it ends', () => {
  const { locks, steps, cleanup } = planned({ kind: 'merge' })
  assert.deepEqual(locks, ['app:shop', 'backups:shop'])
  const undone = steps.flatMap(({ undo }) => undo?.kind ?? [])
  assert.deepEqual(undone.toReversed(), ['table.drop', 'copy.remove'])
  assert.deepEqual(
    cleanup.map(step => step.kind),
    ['table.drop', 'copy.remove'],
  )
})
