import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Point } from '../backups/point.ts'
import { chooseDump } from './choose-dump.ts'

const HOUR = 3_600_000
const part = (of: string, place: string, id: string) => ({ of, place, id, bytes: 9, addedBytes: 1 })

/** A restore point that began at hour `at` and took half an hour. */
const point = (at: number, parts: Point['parts']): Point => ({
  name: `p${at}`,
  kind: 'schedule',
  app: null,
  at: at * HOUR,
  segment: null,
  state: 'good',
  places: ['disk', 'bucket'],
  reason: null,
  releases: {},
  parts,
  missing: [],
  manifest: {},
  endedAt: at * HOUR + HOUR / 2,
})

const points = [
  point(3, [part('shop/dump', 'disk', 'd3'), part('shop/files', 'disk', 'f3')]),
  point(2, [part('shop/dump', 'disk', 'd2'), part('shop/dump', 'bucket', 'b2')]),
  point(1, [part('other/dump', 'disk', 'o1')]),
]
const held = new Map([
  ['disk', new Set(['d2', 'd3', 'f3', 'o1'])],
  ['bucket', new Set(['b2'])],
])
const choice = {
  app: 'shop',
  points,
  held,
  parts: null,
  has: { database: true, files: true, redis: false },
  zone: 'UTC',
}
const at = (hour: number) => chooseDump({ ...choice, wanted: { kind: 'time', at: hour * HOUR } })

test('a moment takes the newest dump that had ended, and says how much earlier it was begun', () => {
  assert.deepEqual([at(3.4).dump.id, at(3.5).dump.id], ['d2', 'd3'])
  assert.match(at(3.4).notices[0]!, /that of p2, 1 h 24 min before 1970-01-01 03:24:00/)
  assert.deepEqual(at(9).snapshots, [], 'files of another moment stay where they are')
  assert.match(at(9).notices[1]!, /the nearest point that has them too is p3/)
})

test('a point brings its files too, a snapshot its dump alone', () => {
  const whole = chooseDump({ ...choice, wanted: { kind: 'point', point: points[0]! } })
  assert.deepEqual([whole.dump.id, whole.snapshots, whole.notices], ['d3', [{ of: 'files', id: 'f3' }], []])
  const alone = chooseDump({ ...choice, wanted: { kind: 'backup', label: 'd3' } })
  assert.deepEqual([alone.snapshots, alone.notices.length], [[], 1])
})

test('a point that lacks the files or failed says so; what is left of it is brought by its name', () => {
  const of = (more: Partial<Point>, parts: 'database'[] | null = null) =>
    chooseDump({
      ...choice,
      parts,
      wanted: { kind: 'point', point: { ...points[1]!, ...more } },
      points: [{ ...points[1]!, ...more }],
    })
  const missing = [{ of: 'shop/files', place: null, why: 'it hung' }]
  assert.throws(() => of({ missing }), {
    code: 'restore.part',
    why: 'the files of shop is not in it: it hung',
    fix: /`inn restore shop --point p2 --database`$/,
  })
  assert.deepEqual(of({ missing }, ['database']).notices, [
    'what does not come back, and stays as it is now: the files',
  ])
  assert.match(of({ state: 'failed', reason: 'no room' }, ['database']).notices[0]!, /^p2 failed \(no room\)/)
})

test('a place that has the dump comes before one that cannot be asked; one that lost it is none', () => {
  const of = (disk: Set<string> | null, bucket: Set<string> | null) =>
    chooseDump({
      ...choice,
      held: new Map([
        ['disk', disk],
        ['bucket', bucket],
      ]),
      wanted: { kind: 'point', point: points[1]! },
    }).dump.id
  assert.deepEqual([of(null, new Set(['b2'])), of(null, new Set())], ['b2', 'd2'])
  assert.throws(() => of(new Set(), new Set()), { code: 'restore.no-dump' })
})

test('where there is none, those that there are are named', () => {
  assert.throws(() => at(1), { code: 'restore.no-dump', why: /p3 .*snapshot d3\np2 / })
  assert.throws(() => chooseDump({ ...choice, app: 'new', wanted: { kind: 'time', at: 9 * HOUR } }), {
    code: 'restore.no-dump',
    fix: '`inn backup now new`',
  })
})
