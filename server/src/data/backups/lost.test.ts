import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PhysicalBackup } from '../repositories/physical.ts'
import { lostBackups, lostSinceFull } from './lost.ts'

const segment = (n: number) => `00000001000000000000000${n}`
const backup = (label: string, first: number, last: number, prior: string | null = null) =>
  ({ label, prior, firstSegment: segment(first), lastSegment: segment(last) }) as PhysicalBackup
const backups = [backup('F1', 1, 2), backup('D1', 4, 6, 'F1'), backup('F2', 8, 8)]
const all = { backups, listed: ['F1', 'D1', 'F2'], segments: [1, 2, 3, 4, 5, 6, 7, 8].map(segment) }
const lost = (more: Partial<typeof all>) => Object.fromEntries(lostBackups({ ...all, ...more }))

test('what is there as a whole is not lost, also when log between two backups was removed as too old', () => {
  assert.deepEqual(lost({}), {})
  assert.deepEqual(lost({ segments: [1, 2, 4, 5, 6, 8].map(segment) }), {})
})

test('a backup whose list of files is gone takes with it what builds on it', () => {
  assert.deepEqual(lost({ listed: ['D1', 'F2'] }), {
    F1: 'its list of files is gone',
    D1: 'it builds on F1, and of that its list of files is gone',
  })
  assert.deepEqual(lost({ backups: backups.slice(1) }), { D1: 'it builds on F1, which is gone' })
})

test('a backup needs each segment from its first to its last', () => {
  for (const n of [4, 5, 6])
    assert.deepEqual(Object.keys(lost({ segments: all.segments.filter(name => name !== segment(n)) })), [
      'D1',
    ])
})

test('what is lost counts until a full backup came after it', () => {
  const kinds = (...all: string[]) =>
    all.map(label => ({ label, kind: label.startsWith('F') ? 'full' : 'diff' }) as PhysicalBackup)
  const since = (list: PhysicalBackup[], ...labels: string[]) =>
    lostSinceFull(list, new Map(labels.map(label => [label, `${label} is gone`])))?.label ?? null
  assert.equal(since(kinds('F1', 'D1')), null)
  assert.equal(since(kinds('F1', 'D1'), 'D1'), 'D1')
  assert.equal(since(kinds('F1', 'D1', 'D2'), 'D1'), 'D1', 'a differential backup alone says nothing')
  assert.equal(since(kinds('F1', 'D1', 'F2'), 'F1', 'D1'), null)
  assert.equal(since(kinds('F1', 'D1', 'F2'), 'D1', 'F2'), 'F2')
})
