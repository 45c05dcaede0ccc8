import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Policy } from '../places/policy.ts'
import { givenUp, isGoodAt, lacking, partWords, sayMissing } from './missing.ts'
import { type BackupWish, planBackup, planKeeper, planVerify, type Subject } from './plan.ts'

const folder = (name: string) => ({ kind: 'folder', name, path: `/${name}` }) as const
const policy: Policy = {
  places: [folder('disk'), folder('far')],
  on: true,
  keep: { daily: 30, weekly: 12, monthly: 12 },
  schedule: '0 2 * * *',
  receive: null,
}
const subject: Subject = {
  app: 'shop',
  cluster: true,
  files: true,
  redis: true,
  dump: true,
  policy,
  removals: [
    { place: 'disk', backups: ['F0'], snapshots: ['a'] },
    { place: 'far', backups: [], snapshots: [] },
  ],
}
const wish: BackupWish = { point: 'p', by: 'schedule', how: 'auto', places: null }
const steps = (more: Partial<Subject> = {}, asked: Partial<BackupWish> = {}) =>
  planBackup({ ...subject, ...more }, { ...wish, ...asked }).steps.map(({ does }) =>
    [does.kind, 'place' in does ? does.place : ''].filter(Boolean).join(' '),
  )

test('the cluster is copied before the moment is named, the rest after it, and at last all is looked up', () => {
  assert.deepEqual(steps(), [
    'point.begin',
    'places.ready',
    'backup.cluster disk',
    'backup.cluster far',
    'point.mark',
    'backup.files disk',
    'backup.redis disk',
    'backup.dump disk',
    'backup.releases disk',
    'backup.files far',
    'backup.redis far',
    'backup.dump far',
    'backup.releases far',
    'point.prove',
  ])
})

test('without a cluster there is none to copy; to one place nothing is written to the other', () => {
  assert.ok(!steps({ cluster: false }).some(step => step.startsWith('backup.cluster')))
  assert.deepEqual(steps({ files: false, redis: false, dump: false }).slice(5), [
    'backup.releases disk',
    'backup.releases far',
    'point.prove',
  ])
  const one = planBackup(subject, { ...wish, places: ['far'] })
  assert.doesNotMatch(JSON.stringify(one), /disk/)
  assert.deepEqual(one.steps.at(-1)!.does, { kind: 'point.prove', app: 'shop', point: 'p', places: ['far'] })
})

test('a point that breaks off is marked as failed; nothing is removed before the new one is proven', () => {
  const plan = planBackup(subject, { ...wish, how: 'full', by: 'person' })
  const of = { app: 'shop', point: 'p' }
  assert.deepEqual(plan.steps[0], {
    does: { kind: 'point.begin', ...of, by: 'person', places: ['disk', 'far'] },
    undo: { kind: 'point.fail', ...of },
  })
  assert.ok(plan.steps.slice(1).every(({ undo }) => undo === null))
  assert.ok(!plan.steps.some(({ does }) => does.kind === 'backup.retain'))
  const { keep } = policy
  assert.deepEqual(plan.cleanup, [
    { kind: 'backup.retain', ...of, keep, place: 'disk', backups: ['F0'], snapshots: ['a'] },
    { kind: 'backup.retain', ...of, keep, place: 'far', backups: [], snapshots: [] },
    { kind: 'point.tell', ...of },
  ])
  const how = plan.steps.flatMap(({ does }) => (does.kind === 'backup.cluster' ? [does.how] : []))
  assert.deepEqual(how, ['full', 'full'])
})

test('backups of two apps, and of the keeper, do not wait for each other', () => {
  const keeper = planKeeper(
    { places: ['disk'], keep: policy.keep, removals: [] },
    { point: 'k', by: 'schedule' },
  )
  const locks = [planBackup(subject, wish), planBackup({ ...subject, app: 'bar' }, wish), keeper].map(
    plan => plan.locks,
  )
  assert.deepEqual(locks, [['backups:shop'], ['backups:bar'], ['backups:keeper']])
})

test("the keeper's own state goes to every place, is looked up there, and only then older ones go", () => {
  const removals = [{ place: 'far', backups: [], snapshots: ['x'] }]
  const plan = planKeeper(
    { places: ['disk', 'far'], keep: policy.keep, removals },
    { point: 'k', by: 'person' },
  )
  assert.deepEqual(
    plan.steps.map(({ does }) => [does.kind, 'place' in does ? does.place : ''].join(' ').trim()),
    ['keeper.begin', 'keeper.keep disk', 'keeper.keep far', 'keeper.prove'],
  )
  assert.deepEqual(plan.cleanup, [{ kind: 'keeper.retain', point: 'k', keep: policy.keep, ...removals[0] }])
})

test('a verification reads each place, and has nothing to undo', () => {
  const plan = planVerify('shop', ['disk', 'far'])
  assert.deepEqual(
    plan.steps,
    ['disk', 'far'].map(place => ({ does: { kind: 'backup.verify', app: 'shop', place }, undo: null })),
  )
  assert.equal(plan.title, 'verify the backups of shop at disk, far')
  assert.deepEqual([plan.locks, plan.cleanup], [['backups:shop'], []])
  const own = planVerify(null, ['disk'])
  assert.deepEqual(own.steps, [{ does: { kind: 'keeper.verify', place: 'disk' }, undo: null }])
  assert.deepEqual(own.locks, ['backups:keeper'])
})

const missing = [
  { of: 'place', place: 'far', why: 'away' },
  { of: 'shop/redis', place: null, why: 'no answer' },
  { of: 'shop/files', place: 'disk', why: 'no room' },
]

test('a point is good at every place that was not given up; what an app lacks does not make it bad', () => {
  assert.deepEqual([...givenUp({ missing })], ['far'])
  const good = (state: 'good' | 'failed' | 'marked', place: string) => isGoodAt({ state, missing }, place)
  assert.deepEqual([good('good', 'disk'), good('good', 'far')], [true, false])
  assert.deepEqual([good('failed', 'disk'), good('marked', 'disk')], [false, false])
  assert.deepEqual([...givenUp({ missing: [{ of: 'place', place: null, why: 'x' }] })], [])
})

test('what lacks at a place is what lacks there and everywhere, never the place itself', () => {
  const of = (place: string | null) => lacking({ missing }, place).map(m => m.of)
  assert.deepEqual(of('disk'), ['shop/redis', 'shop/files'])
  assert.deepEqual(of('far'), ['shop/redis'])
  assert.deepEqual(of(null), ['shop/redis', 'shop/files'])
})

test('what lacks is said in words; a part that has none keeps its name', () => {
  assert.deepEqual(missing.map(sayMissing), [
    'nothing of it is at far: away',
    'the Redis of shop is not in it: no answer',
    'the files of shop is not at disk: no room',
  ])
  assert.equal(partWords('shop/other'), 'shop/other')
})
