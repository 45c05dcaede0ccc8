import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Branch, leadsTo, leftBy, lostSpans, timelineAt, timelineOf } from './lineage.ts'

// At 100 a restore to 50 left timeline 1; at 200 it was taken back, so timeline 1 goes on from 100 as timeline 3.
const branches: Branch[] = [
  { timeline: 2, since: 100, parent: 1, moment: 50, lost: null },
  { timeline: 3, since: 200, parent: 1, moment: 100, lost: null },
]
const backup = (timeline: number, endedAt: number) => ({
  firstSegment: `${timeline.toString(16).padStart(8, '0')}0000000000000001`,
  endedAt,
})

test('the timeline of a segment stands in its name, in hexadecimal', () => {
  assert.equal(timelineOf('0000001A0000000000000003'), 26)
})

test('each moment was on the timeline that served then', () => {
  assert.deepEqual(
    [40, 99, 100, 150, 200, 999].map(at => timelineAt(branches, at, 3)),
    [1, 1, 2, 2, 3, 3],
  )
  assert.equal(timelineAt([], 40, 7), 7, 'without a branch there is only the one of now')
})

test('a backup leads to a moment when it is part of the history of its timeline', () => {
  const leads = (timeline: number, of: ReturnType<typeof backup>) => leadsTo(branches, timeline)(of)
  assert.ok(leads(1, backup(1, 90)))
  assert.ok(leads(2, backup(1, 50)), 'before the restored moment both have one history')
  assert.ok(!leads(2, backup(1, 51)), 'what was written after it is not part of the new timeline')
  assert.ok(leads(2, backup(2, 150)))
  assert.ok(!leads(1, backup(2, 150)))
  assert.ok(leads(3, backup(1, 99)))
  assert.ok(!leads(3, backup(2, 150)), 'what was restored and taken back leads nowhere')
})

test('a timeline of a timeline has the history of both, each up to where it was left', () => {
  const deep: Branch[] = [...branches, { timeline: 4, since: 300, parent: 2, moment: 60, lost: null }]
  const leads = leadsTo(deep, 4)
  assert.ok(leads(backup(1, 50)))
  assert.ok(leads(backup(2, 60)))
  assert.ok(!leads(backup(2, 61)))
  assert.ok(!leads(backup(3, 250)))
})

test('what was written before a recovery and is in no log is lost until that recovery', () => {
  const recovered: Branch = { timeline: 4, since: 300, parent: 3, moment: 300, lost: 280 }
  assert.deepEqual(lostSpans([...branches, recovered]), [{ from: 280, to: 300 }])
})

test('a point is left by the restore that returned to an earlier moment, or by the undo of one', () => {
  const left = (timeline: number, at: number, known = branches.slice(0, 1)) =>
    leftBy(known, { segment: backup(timeline, at).firstSegment, at })?.timeline ?? null
  assert.equal(left(1, 50), null, 'the point that was restored itself')
  assert.equal(left(1, 60), 2)
  assert.equal(left(2, 150), null)
  assert.equal(left(1, 60, branches), null, 'the restore was taken back')
  assert.equal(left(2, 150, branches), 3)
  assert.equal(left(1, 60, []), null)
})
