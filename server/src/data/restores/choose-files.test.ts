import assert from 'node:assert/strict'
import { test } from 'node:test'
import { empty, first, release } from '../../apps/deploys/plan.fixture.ts'
import { readConfig } from '../../config/read.ts'
import type { Point } from '../backups/point.ts'
import { chooseFiles } from './choose-files.ts'
import { planDiscard, planRestore, planUndo } from './plan.ts'

const HOUR = 3_600_000
const part = (of: string, place: string, id: string) => ({ of, place, id, bytes: 9, addedBytes: 1 })

/** A restore point that began at hour `at` and took half an hour. */
const point = (at: number, parts: Point['parts'], more: Partial<Point> = {}): Point => ({
  name: `p${at}`,
  kind: 'schedule',
  app: 'shop',
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
  ...more,
})

const lost = { missing: [{ of: 'shop/redis', place: null, why: 'it hung' }] }
const points = [
  point(5, [part('shop/files', 'disk', 'f5')], { state: 'failed', reason: 'the disk was full' }),
  point(4, [part('shop/files', 'disk', 'f4')], lost),
  point(3, [part('shop/files', 'disk', 'f3'), part('shop/redis', 'disk', 'k3')]),
  point(2, [
    part('shop/files', 'disk', 'f2'),
    part('shop/redis', 'disk', 'k2'),
    part('shop/files', 'bucket', 'g2'),
    part('shop/redis', 'bucket', 'l2'),
  ]),
  point(1, [part('shop/releases', 'disk', 'r1')]),
]
const ids = (all: string[]): ReadonlySet<string> => new Set(all)
const all = ids(['f2', 'k2', 'f3', 'k3', 'f4', 'f5'])
const held = new Map<string, ReadonlySet<string> | null>([
  ['disk', all],
  ['bucket', ids(['g2', 'l2'])],
])
const has = { database: false, files: true, redis: true }
const choice = { app: 'shop', points, held, zone: 'UTC', parts: null, has }
const until = (hour: number) => chooseFiles({ ...choice, wanted: { kind: 'time', at: hour * HOUR } })
const named = (index: number, more = {}) =>
  chooseFiles({ ...choice, ...more, wanted: { kind: 'point', point: points[index]! } })

test('a moment takes the newest complete point that had ended, and says how much earlier it was begun', () => {
  assert.deepEqual(
    [until(3.4), until(3.5), until(9)].map(c => c.snapshots.map(({ of, id }) => `${of} ${id}`)),
    [
      ['files f2', 'redis k2'],
      ['files f3', 'redis k3'],
      ['files f3', 'redis k3'],
    ],
  )
  assert.deepEqual([until(9).place, until(9).bytes], ['disk', 18])
  assert.match(until(3.4).notices[0]!, /until then is p2, 1 h 24 min before 1970-01-01 03:24:00/)
})

test('a point brings what it has; one that lacks a part is refused, with what it has', () => {
  assert.deepEqual([named(2).says, named(2).notices], ['p3 (1970-01-01 03:00:00 +00:00)', []])
  assert.throws(() => named(1), {
    code: 'restore.part',
    why: /Redis of shop .*it hung/,
    fix: /`inn restore shop --point p4 --files`$/,
  })
  assert.throws(() => named(0), {
    code: 'restore.part',
    why: /^p5 failed \(the disk was full\), and the Redis/,
  })
  assert.throws(() => named(4), { code: 'restore.no-files', why: /p3 .*\np2 /, fix: /--point NAME/ })
  const noRedis = { has: { ...has, redis: false } }
  assert.deepEqual(named(0, noRedis).notices, [
    'p5 failed (the disk was full): that its parts are whole was never checked',
  ])
})

test('files alone come from the newest point that has them, and the plan begins with what stays', () => {
  const narrow = { parts: ['files'] as const, has: { ...has, database: true } }
  const files = chooseFiles({ ...choice, ...narrow, wanted: { kind: 'time', at: 9 * HOUR } })
  assert.deepEqual(files.snapshots, [{ of: 'files', id: 'f4' }])
  assert.equal(files.says, 'the files of p4 (1970-01-01 04:00:00 +00:00)')
  assert.equal(
    files.notices[0],
    'what does not come back, and stays as it is now: the database and the Redis',
  )
  assert.deepEqual(named(0, narrow).notices, [
    'p5 failed (the disk was full): that its parts are whole was never checked',
    'what does not come back, and stays as it is now: the database and the Redis',
  ])
  assert.throws(() => named(1, { ...narrow, parts: ['redis'] }), {
    code: 'restore.no-files',
    message: 'the restore point holds nothing of the Redis of shop: the Redis of shop is not in it: it hung',
    fix: /`inn restore shop --point NAME --redis`$/,
  })
  assert.throws(() => named(1, { ...narrow, parts: ['files', 'redis'] }), {
    code: 'restore.part',
    fix: /--point p4 --files`$/,
  })
  assert.throws(() => chooseFiles({ ...choice, ...narrow, wanted: { kind: 'backup', label: 'x' } }), {
    code: 'backup.unknown',
    fix: /--files/,
  })
})

test('of two places that one is taken that is known to have all of it', () => {
  const at = (disk: ReadonlySet<string> | null, bucket: ReadonlySet<string> | null) =>
    named(3, {
      held: new Map([
        ['disk', disk],
        ['bucket', bucket],
      ]),
    }).place
  assert.equal(at(all, ids(['g2', 'l2'])), 'disk')
  assert.equal(at(ids(['f2']), ids(['g2', 'l2'])), 'bucket', 'the disk lost the Redis')
  assert.equal(at(null, ids(['g2', 'l2'])), 'bucket')
  assert.equal(at(null, ids([])), 'disk')
  assert.throws(() => at(ids([]), ids([])), { code: 'restore.no-files' })
})

test('a database that the point has and the app has no more is told; a backup of a cluster is refused', () => {
  const [had] = [point(2, [{ of: 'cluster', place: 'disk', id: 'b' }, part('shop/files', 'disk', 'f2')])]
  assert.match(
    chooseFiles({ ...choice, wanted: { kind: 'point', point: had } }).notices.join(),
    /has a database too/,
  )
  assert.throws(() => chooseFiles({ ...choice, wanted: { kind: 'backup', label: 'x' } }), {
    code: 'backup.unknown',
    why: /shop has no database/,
  })
})

const config = readConfig(
  'name: shop\nredis: true\nservices:\n  api: { start: node api.js, persist: [uploads] }\n',
).config!
const names = { copy: 'c', fresh: 'new', aside: 'old', alone: true } as const

test('the plan touches no cluster: what comes back lies beside before the app stops, and is undone from there', () => {
  const plan = planRestore(first(), release(1, { config }), { chosen: until(9), names, migrate: false })
  const kinds = plan.steps.map(({ does, undo }) => [does.kind, undo?.kind ?? null])
  assert.deepEqual(kinds.slice(0, 3), [
    ['restore.check-files', 'restore.drop-fresh'],
    ['restore.files', null],
    ['restore.files', null],
  ])
  const swaps = kinds.filter(([does]) => /note|swap/.test(does!))
  assert.deepEqual(swaps, [
    ['restore.note', 'restore.forget'],
    ['restore.files-swap', 'restore.files-back'],
    ['restore.files-swap', 'restore.files-back'],
  ])
  const all = JSON.stringify(plan)
  assert.doesNotMatch(all, /copy\.remove|keep-log|"restore.swap"|database\./)
})

test('undo and discard of it touch no cluster either', () => {
  const record = { says: 'then', at: 0, snapshots: ['files', 'redis'] } as const
  const undo = planUndo(empty, release(1, { config }), { names, record })
  assert.deepEqual(
    [...undo.steps.map(s => s.does.kind), ...undo.cleanup.map(s => s.kind)],
    ['restore.forget', 'restore.files-back', 'restore.files-back', 'restore.drop-fresh'],
  )
  assert.deepEqual(planDiscard({ ...names, app: 'shop', of: 'restore', at: 0, moment: 'then' }).cleanup, [
    { kind: 'restore.discard', app: 'shop', aside: 'old', alone: true },
  ])
})
