import assert from 'node:assert/strict'
import { test } from 'node:test'
import { apiWith, peopleOf } from '../../api/api.fixture.ts'
import type { Backups } from './backups.ts'
import { backupRoutes } from './routes.ts'
import { Backups as BackupsView, type RestorePoint } from './wire.ts'

const AT = '2026-11-20T10:00:00.000Z'
const point = (name: string): RestorePoint => ({
  ...{ name, kind: 'schedule', app: 'shop', at: AT, endedAt: AT, state: 'good', reason: null },
  ...{ releases: {}, parts: [], missing: [], counted: {} },
})

test('a report is what its schema says, also when points that were written before come again or one has changed', async t => {
  const alarm = { code: 'drill.overdue', level: 'late', what: 'x', fix: 'x' } as const
  let points = [point('a')]
  const asked: unknown[] = []
  const backups = {
    async report(app: string | null, soon: boolean) {
      asked.push([app, soon])
      return { places: [], points, alarms: [] }
    },
  } as unknown as Backups
  const api = await apiWith(t, peopleOf({ vera: 'viewer' }), app =>
    backupRoutes(app, {
      backups,
      drillAlarms: async ({ soon }) => (soon ? [] : [alarm]),
      answer: () => Promise.reject(new Error('nothing is begun')),
    }),
  )
  const ask = async (query: string) =>
    BackupsView.parse((await api.inject({ url: `/api/backups${query}`, headers: { cookie: 'vera' } })).json())
  assert.deepEqual(await ask(''), { places: [], points, alarms: [alarm] })
  assert.deepEqual(await ask('?soon=true'), { places: [], points, alarms: [] })
  points = [point('b'), point('a')]
  assert.deepEqual((await ask('?app=shop')).points, points)
  assert.deepEqual(asked, [
    [null, false],
    [null, true],
    ['shop', false],
  ])
})
