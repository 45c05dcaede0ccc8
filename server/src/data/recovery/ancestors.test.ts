import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PhysicalBackup } from '../repositories/physical.ts'
import { baseOfEnd, endOfLog, mayBegin } from './ancestors.ts'

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

test('a named backup must be there, be sound, and have the log to the end; the others are named', () => {
  const at = (n: number, timeline = 1) => `0000000${timeline}00000000000000${n}`
  const one = (label: string, n: number, end: number, error = false) =>
    ({ label, end, error, prior: null, firstSegment: at(n), lastSegment: at(n) }) as PhysicalBackup
  // At 150 a restore left timeline 1. Segment 12 is gone.
  const place = {
    backups: [one('gap', 11, 50), one('a', 13, 100), one('b', 14, 120), one('left', 16, 200)],
    segments: [at(11), at(13), at(14), at(15), at(16), at(15, 2)],
    history: [{ timeline: 1, until: 150 }],
  }
  const empty = { backups: [], segments: [], history: [] }
  assert.equal(mayBegin('a', [empty, place])(place), true)
  assert.equal(mayBegin('a', [empty, place])(empty), false)
  const bad = { ...place, backups: [...place.backups, one('bad', 14, 130, true)] }
  for (const label of ['left', 'gap', 'bad'])
    assert.throws(() => mayBegin(label, [bad]), { code: 'recover.backup', fix: 'name one of a and b' }, label)
  assert.throws(() => mayBegin('none', [place]), { code: 'backup.unknown', why: /gap, a, b and left/ })
})

test('right after a restore was taken back, the timeline that serves has no log of its own at the place', () => {
  // 2 is what was restored, and left 1 at 150; 3 goes on from the end of 1, at segment 5.
  const at = (timeline: number, n: number) =>
    `0000000${timeline}00000000000000${n.toString().padStart(2, '0')}`
  const bytes = (n: number) => n * 16 * 1024 ** 2
  const segments = [at(1, 4), at(1, 5), at(2, 4), at(2, 5), at(2, 6), at(2, 7)]
  const history = [
    { timeline: 1, until: bytes(5) + 100 },
    { timeline: 3, until: Number.POSITIVE_INFINITY },
  ]
  assert.equal(endOfLog({ segments, history }), at(1, 5))
  const backups = [backup('a', 1, bytes(4)), backup('restored', 2, bytes(6))]
  assert.equal(of({ backups, segments, history }), 'a')
  assert.equal(endOfLog({ segments: [...segments, at(3, 5)], history }), at(3, 5))
  assert.equal(endOfLog({ segments, history: [] }), at(2, 7))
  assert.equal(endOfLog({ segments: [], history: [] }), undefined)
})
