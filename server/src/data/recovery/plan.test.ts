import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sentence } from '../../engine/plan.ts'
import type { PhysicalBackup } from '../repositories/physical.ts'
import { type Lost, type LostApp, newestOf, planDatabase, planRecovery } from './plan.ts'
import { type RecoveryStep, recoverySentences } from './step.ts'

const snapshot = (of: string, at: number) => ({ id: `${of}@${at}`, place: 'disk', of, point: 'p', at })
const shop: LostApp = {
  name: 'shop',
  files: true,
  redisPort: 7000,
  pooler: null,
  cluster: {
    place: 'offsite',
    backup: { label: '20261120-020001F' } as PhysicalBackup,
    segment: '000000010000000000000007',
    reaches: null,
  },
  place: 'disk',
  snapshots: ['releases', 'files', 'redis'].flatMap(of => [1, 2].map(at => snapshot(`shop/${of}`, at))),
}
const lost: Lost = { place: 'disk', apps: [shop] }
const kinds = (of: Lost) => planRecovery(of).steps.map(({ does }) => does.kind)

test('the newest of everything comes back, Redis with its keys in place', () => {
  const plan = planRecovery(lost)
  assert.deepEqual(kinds(lost), ['recover.data', 'redis.provide'])
  const does = plan.steps[0]!.does as RecoveryStep & { kind: 'recover.data' }
  const from = does.folders.map(({ snapshot }) => snapshot)
  assert.equal(
    sentence(recoverySentences, does),
    'restore the PostgreSQL of shop from offsite and the releases, files and Redis keys of shop from disk, databases to the last archived moment',
  )
  assert.deepEqual(from, ['shop/releases@2', 'shop/files@2', 'shop/redis@2'])
  assert.deepEqual(plan.notices, [])
  assert.deepEqual(plan.locks, ['backups:keeper', 'app:shop', 'backups:shop'])
})

test('all clusters come back in one step, each from its own place', () => {
  const bar = { ...shop, name: 'bar', cluster: { ...shop.cluster!, place: 'disk' } }
  const [first] = planRecovery({ place: 'disk', apps: [shop, bar] }).steps
  assert.deepEqual((first!.does as RecoveryStep & { kind: 'recover.data' }).clusters, [
    { app: 'shop', place: 'offsite', backup: '20261120-020001F' },
    { app: 'bar', place: 'disk', backup: '20261120-020001F' },
  ])
})

test('an app without anything but releases lacks nothing', () => {
  const bare = {
    ...shop,
    cluster: null,
    files: false,
    redisPort: null,
    snapshots: [snapshot('shop/releases', 1)],
  }
  assert.deepEqual(kinds({ place: 'disk', apps: [bare] }), ['recover.data'])
  assert.deepEqual(planRecovery({ place: 'disk', apps: [bare] }).notices, [])
  assert.equal(newestOf(bare, 'redis'), null)
})

test('what an app had and no place has is said', () => {
  const none = {
    ...shop,
    cluster: { place: 'offsite', backup: null, segment: null, reaches: null },
    snapshots: [],
  }
  const empty = { place: 'disk', apps: [none] }
  assert.deepEqual(kinds(empty), ['redis.provide'])
  const notices = planRecovery(empty).notices
  for (const [n, part] of ['PostgreSQL', 'releases', 'files', 'Redis keys'].entries())
    assert.ok(notices[n]?.includes(part), `${part}: ${notices[n]}`)
})

test('the cluster of one app is put aside before it comes back, and put back when it does not', () => {
  const plan = planDatabase({ app: 'shop', backup: '20261120-000000F', place: 'disk' }, '/pg/shop/aside')
  assert.deepEqual(plan.steps[0]!.undo, { kind: 'recover.back', app: 'shop', aside: '/pg/shop/aside' })
  assert.deepEqual(plan.locks, ['app:shop', 'backups:shop'])
})
