import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AppStatus } from '../../../server/src/apps/app/wire.ts'
import type { BackupPlace, RestorePoint } from '../../../server/src/data/backups/wire.ts'
import { apartOf, subjectsOf, windowsOf } from './subjects.ts'

const app = (name: string, more: object = {}): AppStatus =>
  ({ name, state: 'serving', deployedAt: '2026-11-19T00:00:00Z', ...more }) as unknown as AppStatus
const point = (more: Partial<RestorePoint>): RestorePoint =>
  ({
    state: 'good',
    at: '2026-11-20T02:00:00Z',
    releases: {},
    parts: [],
    counted: {},
    ...more,
  }) as unknown as RestorePoint
const TABLES = { tables: 3, exact: true }

test('an app with a database in the last good point is a subject, also when it was removed', () => {
  const points = [
    point({ releases: { 'my-shop': 'r1', gone: 'r4' }, counted: { my_shop: TABLES, gone: TABLES } }),
  ]
  assert.deepEqual(subjectsOf([app('my-shop')], points), ['my-shop', 'gone'])
})

test('an app of which the last good point has no data at all is none, until it is deployed again', () => {
  const points = [point({ releases: { site: 'r1' } })]
  assert.deepEqual(subjectsOf([app('site')], points), [])
  assert.deepEqual(subjectsOf([app('site', { deployedAt: '2026-11-21T00:00:00Z' })], points), ['site'])
})

test('an app that no good point knows may have one; an app that was never deployed is none', () => {
  const failed = [point({ state: 'failed', releases: { shop: 'r1' } })]
  assert.deepEqual(subjectsOf([app('shop'), app('new', { state: 'new' })], failed), ['shop'])
})

test('a database elsewhere is known by its dump, an app without one by its files or its Redis', () => {
  const dump = { of: 'bot/dump', place: 'local', id: 'x', bytes: 5 }
  const points = [point({ releases: { bot: 'r1', shop: 'r1' }, parts: [dump], counted: { shop: TABLES } })]
  assert.deepEqual(
    ['bot', 'shop', 'none'].map(name => apartOf(name, points)),
    ['dumps', null, null],
  )
  const redis = { ...dump, of: 'site/redis' }
  const other = [point({ releases: { site: 'r1' }, parts: [redis] })]
  assert.deepEqual([apartOf('site', other), subjectsOf([app('site')], other)], ['files', ['site']])
  assert.deepEqual(subjectsOf([app('bot')], points), ['bot', 'shop'])
})

test('a place that has not told yet says nothing of its app', () => {
  const place = {
    app: 'shop',
    window: null,
    backups: [],
    snapshots: 0,
    seenAt: null,
  } as unknown as BackupPlace
  assert.deepEqual(windowsOf([place]), { since: null, without: [], torn: [] })
  const told = { ...place, app: 'bar', window: { from: 'x', to: 'x', lost: [] }, seenAt: 'x' } as BackupPlace
  assert.deepEqual(windowsOf([place, told]).without, [])
})

test('what is said of all databases is true of each: the latest beginning counts, and apps without any are named', () => {
  const at = (app: string, from: string | null, snapshots = 0) =>
    ({
      app,
      window: from === null ? null : { from, to: from, lost: [] },
      backups: [],
      snapshots,
    }) as unknown as BackupPlace
  assert.deepEqual(windowsOf([at('shop', '2026-01-02'), at('shop', '2026-01-01'), at('bar', '2026-01-03')]), {
    since: '2026-01-03',
    without: [],
    torn: [],
  })
  assert.deepEqual(windowsOf([at('shop', '2026-01-01'), at('bar', null), at('keeper', null)]), {
    since: '2026-01-01',
    without: ['bar'],
    torn: [],
  })
  assert.deepEqual(windowsOf([at('shop', '2026-01-01'), at('site', null, 3)]), {
    since: '2026-01-01',
    without: [],
    torn: [],
  })
  assert.deepEqual(windowsOf([at('shop', null)]), { since: null, without: [], torn: [] })
  const torn = at('shop', '2026-01-01')
  torn.window!.lost.push({ from: '2026-01-01', to: '2026-01-02' })
  assert.deepEqual(windowsOf([torn, at('bar', '2026-01-01')]).torn, ['shop'])
})
