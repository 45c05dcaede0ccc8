import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PhysicalBackup } from '../repositories/physical.ts'
import { type Lost, newestOf, planRecovery } from './plan.ts'

const snapshot = (of: string, at: number) => ({ id: `${of}@${at}`, place: 'disk', of, point: 'p', at })
const lost: Lost = {
  place: 'disk',
  cluster: {
    place: 'offsite',
    backup: { label: '20261120-020001F' } as PhysicalBackup,
    segment: '000000010000000000000007',
  },
  apps: [{ name: 'shop', files: true, redisPort: 7000 }],
  snapshots: ['releases', 'files', 'redis'].flatMap(of => [1, 2].map(at => snapshot(`shop/${of}`, at))),
}
const kinds = (of: Lost) => planRecovery(of).steps.map(({ does }) => does.kind)

test('the newest of everything comes back, Redis with its keys in place', () => {
  const plan = planRecovery(lost)
  assert.deepEqual(kinds(lost), [
    'recover.cluster',
    'recover.folder',
    'recover.folder',
    'recover.folder',
    'redis.provide',
  ])
  const from = plan.steps.flatMap(({ does }) => (does.kind === 'recover.folder' ? [does.snapshot] : []))
  assert.deepEqual(from, ['shop/releases@2', 'shop/files@2', 'shop/redis@2'])
  assert.deepEqual(plan.notices, [])
  assert.deepEqual(plan.locks, ['backups', 'app:shop'])
})

test('a server without databases, and an app without anything but releases, lack nothing', () => {
  const bare = {
    ...lost,
    cluster: null,
    apps: [{ name: 'shop', files: false, redisPort: null }],
    snapshots: [snapshot('shop/releases', 1)],
  }
  assert.deepEqual(kinds(bare), ['recover.folder'])
  assert.deepEqual(planRecovery(bare).notices, [])
  assert.equal(newestOf(bare, 'shop', 'redis'), null)
})

test('what the server had and the place has not is said', () => {
  const empty = { ...lost, cluster: { place: 'offsite', backup: null, segment: null }, snapshots: [] }
  assert.deepEqual(kinds(empty), ['redis.provide'])
  const notices = planRecovery(empty).notices
  for (const [n, part] of ['PostgreSQL', 'releases', 'files', 'Redis keys'].entries())
    assert.ok(notices[n]?.includes(part), `${part}: ${notices[n]}`)
})
