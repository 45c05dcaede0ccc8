import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Point } from '../backups/point.ts'
import type { PhysicalBackup } from '../repositories/physical.ts'
import { choose, type Offer } from './choose.ts'
import type { Extent } from './choose-parts.ts'

const AT = Date.parse('2026-11-20T10:00:00Z')
const offer = (place: string, problem: string | null): Offer => ({
  place,
  backups: [],
  segments: [],
  problem,
})
const wish = (offers: Offer[]) => ({
  ...{
    app: 'shop',
    offers,
    points: [],
    branches: [],
    parts: null,
    has: { database: true, files: false, redis: false },
    zone: 'UTC',
  },
  wanted: { kind: 'time', at: AT } as const,
})

test('a place that cannot be read is named, and not taken for one that has nothing', () => {
  const disk = offer('disk', null)
  const bucket = offer('bucket', 'the place does not answer')
  assert.throws(() => choose(wish([disk])), {
    code: 'restore.target',
    why: 'there is no good backup yet',
    fix: '`inn backup now`',
  })
  assert.throws(() => choose(wish([])), { why: 'there is no good backup yet' })
  assert.throws(() => choose(wish([bucket])), {
    why: 'no place can be read now\nbucket: the place does not answer',
    fix: /make them reachable/,
  })
  assert.throws(() => choose(wish([disk, bucket])), {
    why: 'the places that can be read have no good backup yet\nbucket: the place does not answer',
    fix: /make them reachable/,
  })
  assert.throws(() => choose({ ...wish([bucket]), wanted: { kind: 'backup', label: 'x' } }), {
    code: 'backup.unknown',
    why: 'the places have none\nbucket: the place does not answer',
  })
})

test('a moment whose commits are lost is refused, with the moments around it', () => {
  const lost = { timeline: 2, since: AT + 60_000, parent: 1, moment: AT + 60_000, lost: AT - 60_000 }
  const at = (ms: number) =>
    choose({ ...wish([offer('disk', null)]), branches: [lost], wanted: { kind: 'time', at: AT + ms } })
  assert.throws(() => at(0), {
    code: 'restore.lost',
    fix: "choose a moment before or after: '2026-11-20 09:58:59 +00:00', '2026-11-20 10:01:01 +00:00'",
    facts: { from: AT - 60_000, to: AT + 60_000 },
  })
  assert.throws(() => at(-60_000), { code: 'restore.lost' })
  assert.throws(() => at(-60_001), { code: 'restore.target' })
  assert.throws(() => at(60_000), { code: 'restore.target' })
})

const SEGMENT = '000000010000000000000005'
const made: Point = {
  ...{ name: 'p', kind: 'schedule', app: 'shop', at: AT, segment: SEGMENT, state: 'good', places: ['disk'] },
  ...{ reason: null, releases: {}, missing: [], manifest: {}, endedAt: AT },
  parts: [
    { of: 'cluster', place: 'disk', id: 'b1' },
    { of: 'shop/files', place: 'disk', id: 'f1', bytes: 1, addedBytes: 1 },
  ],
}
const backup: PhysicalBackup = {
  ...{ label: 'b1', kind: 'full', prior: null, startedAt: AT - 2, endedAt: AT - 1 },
  ...{
    bytes: 1,
    storedBytes: 1,
    place: 'disk',
    firstSegment: SEGMENT,
    lastSegment: SEGMENT,
    end: 1,
    error: false,
  },
}
const disk: Offer = { place: 'disk', backups: [backup], segments: [SEGMENT], problem: null }
const FILES = { database: true, files: true, redis: false }
const point = (more: Partial<Point>, extent: Partial<Extent> = {}) =>
  choose({
    ...wish([disk]),
    has: FILES,
    ...extent,
    wanted: { kind: 'point', point: { ...made, ...more } },
  })
const failed = { state: 'failed', reason: 'the disk was full' } as const
const none = { parts: made.parts.slice(0, 1) }

test('what does not come back of a point is said first, and what it should have and lacks is refused', () => {
  assert.deepEqual(point({}).notices, [])
  assert.deepEqual(point(failed).notices, [
    'p failed (the disk was full): that its parts are whole was never checked',
  ])
  assert.deepEqual(point(none).notices, [
    'what does not come back, and stays as it is now: the files (p holds none of the files)',
  ])
  const lost = { ...none, missing: [{ of: 'shop/files', place: 'disk', why: 'gone' }] }
  for (const lacks of [lost, { ...none, ...failed }, { ...none, state: 'taking' as const }])
    assert.throws(() => point(lacks), {
      code: 'restore.part',
      fix: '`inn backup list shop` has the other points; what it has: `inn restore shop --point p --database`',
    })
  assert.deepEqual(point(lost, { parts: ['database'] }).notices, [
    'what does not come back, and stays as it is now: the files',
  ])
  assert.throws(() => point(none, { parts: ['database', 'files'] }), {
    code: 'restore.part',
    why: /^p holds none/,
  })
})

test('a place that was given up has nothing of the point beside the log: the part at another place is named', () => {
  const parts = made.parts.map(part => ({ ...part, place: 'bucket' }))
  assert.throws(() => point({ parts }), {
    code: 'restore.part',
    why: 'the files of shop are at bucket, and not at disk',
  })
})

test('a point without a moment in the log cannot come back: replay would go to the end', () => {
  for (const [state, why] of [
    ['failed', 'it failed before (the disk was full)'],
    ['taking', 'it is still being made'],
    ['good', 'shop had no cluster when it was made'],
  ] as const)
    assert.throws(() => point({ ...failed, state, segment: null }), { code: 'restore.target', why })
})
