import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Policy } from '../places/policy.ts'
import { givenUp, isGoodAt, lacking, partWords, sayMissing } from './missing.ts'
import { type BackupWish, planBackup, planVerify, type Subject } from './plan.ts'

const folder = (name: string) => ({ kind: 'folder', name, path: `/${name}` }) as const
const policy: Policy = {
  places: [folder('disk'), folder('far')],
  keep: { daily: 30, weekly: 12, monthly: 12 },
  schedules: [],
  receive: null,
}
const subject: Subject = {
  cluster: true,
  apps: [
    { name: 'api', files: false, redis: false, dump: false },
    { name: 'shop', files: true, redis: true, dump: true },
  ],
  policy,
  removals: [
    { place: 'disk', backups: ['F0'], snapshots: ['a'] },
    { place: 'far', backups: [], snapshots: [] },
  ],
}
const wish: BackupWish = { point: 'p', by: 'schedule', how: 'auto', places: null }
const steps = (more: Partial<Subject> = {}, asked: Partial<BackupWish> = {}) =>
  planBackup({ ...subject, ...more }, { ...wish, ...asked }).steps.map(({ does }) =>
    [does.kind, 'app' in does ? does.app : '', 'place' in does ? does.place : ''].filter(Boolean).join(' '),
  )

test('the cluster is copied before the moment is named, the rest after it, and at last all is looked up', () => {
  assert.deepEqual(steps(), [
    'point.begin',
    'places.ready',
    'backup.cluster disk',
    'backup.cluster far',
    'point.mark',
    'backup.releases api disk',
    'backup.files shop disk',
    'backup.redis shop disk',
    'backup.dump shop disk',
    'backup.releases shop disk',
    'backup.keeper disk',
    'backup.releases api far',
    'backup.files shop far',
    'backup.redis shop far',
    'backup.dump shop far',
    'backup.releases shop far',
    'backup.keeper far',
    'point.prove',
  ])
})

test('without a cluster there is none to copy; to one place nothing is written to the other', () => {
  assert.ok(!steps({ cluster: false }).some(step => step.startsWith('backup.cluster')))
  const one = planBackup(subject, { ...wish, places: ['far'] })
  assert.doesNotMatch(JSON.stringify(one), /disk/)
  assert.deepEqual(one.steps.at(-1)!.does, { kind: 'point.prove', point: 'p', places: ['far'] })
})

test('a point that breaks off is marked as failed; nothing is removed before the new one is proven', () => {
  const plan = planBackup(subject, { ...wish, how: 'full', by: 'person' })
  assert.deepEqual(plan.steps[0], {
    does: { kind: 'point.begin', point: 'p', by: 'person', places: ['disk', 'far'] },
    undo: { kind: 'point.fail', point: 'p' },
  })
  assert.ok(plan.steps.slice(1).every(({ undo }) => undo === null))
  assert.ok(!plan.steps.some(({ does }) => does.kind === 'backup.retain'))
  assert.deepEqual(plan.cleanup, [
    {
      kind: 'backup.retain',
      point: 'p',
      keep: policy.keep,
      place: 'disk',
      backups: ['F0'],
      snapshots: ['a'],
    },
    { kind: 'backup.retain', point: 'p', keep: policy.keep, place: 'far', backups: [], snapshots: [] },
    { kind: 'point.tell', point: 'p' },
  ])
  assert.deepEqual(plan.locks, ['backups'])
  const how = plan.steps.flatMap(({ does }) => (does.kind === 'backup.cluster' ? [does.how] : []))
  assert.deepEqual(how, ['full', 'full'])
})

test('a verification reads each place, and has nothing to undo', () => {
  const plan = planVerify(['disk', 'far'])
  assert.deepEqual(
    plan.steps,
    ['disk', 'far'].map(place => ({ does: { kind: 'backup.verify', place }, undo: null })),
  )
  assert.equal(plan.title, 'verify the backups at disk and far')
  assert.deepEqual([plan.locks, plan.cleanup], [['backups'], []])
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
