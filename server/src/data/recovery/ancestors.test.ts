import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PhysicalBackup } from '../repositories/physical.ts'
import { baseOfEnd } from './ancestors.ts'

const backup = (label: string, timeline: number, end: number, error = false) =>
  ({ label, end, error, lastSegment: `0000000${timeline}0000000000000009` }) as PhysicalBackup
const segment = (timeline: number) => `0000000${timeline}0000000000000012`
const of = (...at: Parameters<typeof baseOfEnd>) => baseOfEnd(...at)?.label

test('without a restore it is the newest sound backup', () => {
  const backups = [backup('a', 1, 100), backup('b', 1, 200), backup('bad', 1, 300, true)]
  assert.equal(of({ backups, segments: [segment(1)], history: [] }), 'b')
  assert.equal(of({ backups, segments: [], history: [] }), 'b')
  assert.equal(of({ backups: [], segments: [segment(1)], history: [] }), undefined)
})

test('a backup of a timeline that was left before it was taken leads nowhere', () => {
  const backups = [backup('a', 1, 100), backup('b', 1, 200)]
  const history = [{ timeline: 1, until: 150 }]
  assert.equal(of({ backups, segments: [segment(1), segment(2)], history }), 'a')
  const later = [...backups, backup('c', 2, 180)]
  assert.equal(of({ backups: later, segments: [segment(1), segment(2)], history }), 'c')
})

test('a restore to the very end of a backup has that backup in its history', () => {
  const history = [{ timeline: 1, until: 100 }]
  assert.equal(of({ backups: [backup('a', 1, 100)], segments: [segment(2)], history }), 'a')
})

test('over several restores the history of the newest timeline counts, and no other', () => {
  // 2 left 1 at 150, and 3 left 1 at 120: what was written on 2 is not in it.
  const backups = [backup('a', 1, 100), backup('b', 1, 140), backup('c', 2, 170)]
  const history = [{ timeline: 1, until: 120 }]
  assert.equal(of({ backups, segments: [segment(2), segment(3)], history }), 'a')
  assert.equal(of({ backups: [backup('c', 2, 170)], segments: [segment(3)], history }), undefined)
})
