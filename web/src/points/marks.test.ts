import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BackupPlace, RestorePoint } from '../../../server/src/data/backups/wire.ts'
import { backupSays, filesOf, kindsOf, marksOf, pointBy, pointSays, pointsAt } from './marks.ts'

const point = (more: Partial<RestorePoint>): RestorePoint =>
  RestorePoint.parse({
    name: '20261120T020000Z',
    kind: 'schedule',
    app: null,
    at: '2026-11-20T02:00:00Z',
    endedAt: null,
    state: 'good',
    reason: null,
    releases: {},
    parts: [],
    missing: [],
    counted: {},
    ...more,
  })
const part = (place: string, bytes: number | null) => ({ of: 'shop/files', place, id: 'a', bytes })
const backup = (label: string, more: object = {}) => ({
  label,
  kind: 'full' as const,
  prior: null,
  startedAt: '2026-11-20T01:00:00Z',
  endedAt: '2026-11-20T01:30:00Z',
  bytes: 4_000_000,
  storedBytes: 1_000_000,
  error: false,
  ...more,
})
const place = (backups: object[]): BackupPlace =>
  BackupPlace.parse({
    app: 'shop',
    schedule: '0 2 * * *',
    name: 'local',
    kind: 'folder',
    address: '/b',
    problem: null,
    seenAt: '2026-11-20T10:00:00.000Z',
    asking: false,
    lastGood: null,
    window: null,
    backups,
    snapshots: 0,
    storedBytes: 0,
  })

test('a point is at the places where its parts are; one without parts is at all', () => {
  const here = point({ name: 'here', parts: [part('local', 1)] })
  const there = point({ name: 'there', parts: [part('bucket', 1)] })
  const nowhere = point({ name: 'nowhere', state: 'marked' })
  const names = (at: string) => pointsAt(at, [here, there, nowhere]).map(({ name }) => name)
  assert.deepEqual(names('local'), ['here', 'nowhere'])
  assert.deepEqual(names('bucket'), ['there', 'nowhere'])
})

test('marks of a place stand in the order of time, and look as what they are', () => {
  const marks = marksOf(
    place([
      backup('late', { kind: 'diff', endedAt: '2026-11-20T05:00:00Z' }),
      backup('early'),
      backup('bad', { endedAt: '2026-11-20T03:00:00Z', error: true }),
    ]),
    [point({ state: 'failed', parts: [part('local', 1)] }), point({ name: 'x', parts: [part('bucket', 1)] })],
  )
  assert.deepEqual(
    marks.map(({ key, lane, look }) => [key, lane, look]),
    [
      ['early', 'backups', 'full'],
      ['20261120T020000Z', 'points', 'failed'],
      ['bad', 'backups', 'damaged'],
      ['late', 'backups', 'part'],
    ],
  )
})

test('words say who made a point, in which state it is, and what a backup holds', () => {
  assert.equal(pointBy(point({ kind: 'deploy', app: 'shop' })), 'before a deploy of shop')
  assert.equal(pointBy(point({ kind: 'deploy' })), 'before a deploy')
  assert.equal(pointBy(point({ kind: 'person' })), 'by a person')
  assert.match(pointSays(point({ state: 'taking' })), /20261120T020000Z, being taken, by schedule, .*2026/)
  assert.match(backupSays(backup('b', { kind: 'incr' })), /^incremental backup b, 977 KB stored of 3\.8 MB, /)
  assert.match(backupSays(backup('b', { error: true })), /, damaged, /)
})

test('sums leave out what no part says, and kinds are counted', () => {
  assert.equal(filesOf(point({ parts: [part('local', 5), part('local', null), part('bucket', 7)] })), 12)
  const diff = backup('c', { kind: 'diff' }) as ReturnType<typeof backup>
  assert.equal(kindsOf([backup('a'), backup('b'), diff]), '2 full, 1 differential')
  assert.equal(kindsOf([]), '0 backups')
})
