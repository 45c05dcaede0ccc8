import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Backups, RestorePoint } from '../../../server/src/data/backups/wire.ts'
import { backupsOf, pointsOf } from './owner.ts'

const points = ['shop', null, 'bar'].map(app => ({ app }) as unknown as RestorePoint)

test('a point without an app is of the keeper', () => {
  assert.deepEqual([pointsOf('shop', points), pointsOf('keeper', points)], [[points[0]], [points[1]]])
})

test('the backups of an app are its places and its points', () => {
  const places = ['shop', 'bar', 'shop'].map((app, n) => ({ app, name: `p${n}` }))
  const seen = backupsOf('shop', { places, points, alarms: [] } as unknown as Backups)
  assert.deepEqual([seen.places, seen.points], [[places[0], places[2]], [points[0]]])
})
