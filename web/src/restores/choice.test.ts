import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Backups } from '../../../server/src/data/backups/wire.ts'
import { type Choice, firstChoice, isGrave, localField, offerOf, wantedOf } from './choice.ts'

const NOW = Date.parse('2026-11-20T12:00:00Z')
const backup = (label: string, endedAt: string, error = false) => ({
  label,
  kind: 'full',
  prior: null,
  startedAt: endedAt,
  endedAt,
  bytes: 1,
  storedBytes: 1,
  error,
})
const place = (name: string, from: string | null, backups: object[]) => ({
  name,
  kind: 'folder',
  app: 'shop',
  schedule: '0 2 * * *',
  address: '/b',
  problem: null,
  seenAt: '2026-11-20T10:00:00.000Z',
  asking: false,
  lastGood: null,
  window: from === null ? null : { from, to: '2026-11-20T11:00:00Z', lost: [] },
  backups,
  snapshots: 0,
  storedBytes: 0,
})
const point = (name: string, state: string) => ({
  name,
  kind: 'schedule',
  app: null,
  at: '2026-11-20T02:00:00Z',
  endedAt: null,
  state,
  reason: null,
  releases: {},
  parts: [],
  missing: [],
  counted: {},
})
const seen = (more: object) => Backups.parse({ places: [], points: [], alarms: [], ...more })

test('the window begins with the earliest place and ends now; a backup at two places is offered once', () => {
  const offer = offerOf(
    seen({
      places: [
        place('local', '2026-11-19T00:00:00Z', [backup('b', '2026-11-19T00:00:00Z')]),
        place('bucket', '2026-11-18T00:00:00Z', [
          backup('a', '2026-11-18T00:00:00Z'),
          backup('b', '2026-11-19T00:00:00Z'),
          backup('bad', '2026-11-19T01:00:00Z', true),
        ]),
      ],
      points: [point('p2', 'good'), point('p1', 'failed'), point('p0', 'marked')],
    }),
    NOW,
  )
  assert.deepEqual(offer.window, { from: Date.parse('2026-11-18T00:00:00Z'), to: NOW, lost: [] })
  assert.deepEqual(
    offer.backups.map(({ label }) => label),
    ['b', 'a'],
  )
  assert.deepEqual(
    offer.points.map(({ name }) => name),
    ['p2', 'p0'],
  )
})

test('five minutes ago is proposed, but never before the window begins, nor of what is lost', () => {
  const from = (ms: number, lost: Array<{ from: number; to: number }> = []) => ({
    window: { from: NOW - ms, to: NOW, lost },
    cluster: true,
    parts: [],
    points: [],
    backups: [],
  })
  assert.equal(firstChoice('shop', from(3_600_000), null).moment, localField(NOW - 300_000))
  assert.equal(firstChoice('shop', from(60_000), null).moment, localField(NOW - 59_000))
  const lost = [{ from: NOW - 400_000, to: NOW - 200_000 }]
  assert.equal(firstChoice('shop', from(3_600_000, lost), null).moment, localField(NOW - 199_000))
})

test('without a window a backup is proposed, and a named point before all', () => {
  const offer = offerOf(seen({ places: [place('local', null, [backup('a', '2026-11-18T00:00:00Z')])] }), NOW)
  assert.deepEqual(
    [firstChoice('shop', offer, null).way, firstChoice('shop', offer, null).backup],
    ['backup', 'a'],
  )
  assert.deepEqual(
    [firstChoice('shop', offer, 'p9').way, firstChoice('shop', offer, 'p9').point],
    ['point', 'p9'],
  )
})

test('without a cluster a moment is offered from the first point with data on; where only points are, one is proposed', () => {
  const at = (hour: number) => `2026-11-20T0${hour}:00:00Z`
  const of = (what: string) => ({ of: what, place: 'local', id: 'a', bytes: 5 })
  const files = (hour: number, ...parts: object[]) => ({
    ...point(`p${hour}`, 'good'),
    endedAt: at(hour),
    parts,
  })
  const points = [files(4, of('shop/redis')), files(3, of('shop/files')), files(2, of('shop/releases'))]
  const offer = offerOf(seen({ places: [place('local', null, [])], points }), NOW)
  assert.deepEqual(offer.window, { from: Date.parse(at(3)), to: NOW, lost: [] })
  assert.equal(firstChoice('shop', offer, null).way, 'moment')
  const inCluster = [files(3, of('cluster'), of('shop/files'))]
  assert.equal(offerOf(seen({ places: [place('local', null, [])], points: inCluster }), NOW).window, null)
  const alone = offerOf(seen({ points: [point('p1', 'good')] }), NOW)
  assert.deepEqual([firstChoice('shop', alone, null).way, alone.window], ['point', null])
})

const CHOICE: Choice = {
  ...{ app: 'shop', what: 'app', way: 'point', moment: '2026-10-25T02:30:00', point: 'p', backup: 'b' },
  ...{ migrate: true, tables: ' guest, billing.bill ,', rows: 'compare', newTable: 'guest_then' },
  ...{ copyName: 'monday', copyHours: '4' },
}
const wanted = (more: Partial<Choice>, exact: string | null = null) => {
  const { path, request } = wantedOf({ ...CHOICE, ...more }, exact)
  const { zone, plan, ...rest } = request
  assert.equal(zone, Intl.DateTimeFormat().resolvedOptions().timeZone)
  assert.equal(plan, false)
  return { path, request: rest }
}

test('the request names one way alone, and the exact moment where a clock showed one twice', () => {
  const asked = (way: Choice['way'], exact: string | null = null) => wanted({ way }, exact).request
  assert.deepEqual(asked('moment'), { to: '2026-10-25T02:30:00', migrate: true })
  assert.deepEqual(asked('moment', '2026-10-25T02:30:00+01:00'), {
    to: '2026-10-25T02:30:00+01:00',
    migrate: true,
  })
  assert.deepEqual(asked('point'), { point: 'p', migrate: true })
  assert.deepEqual(asked('backup'), { backup: 'b', migrate: true })
})

test('single tables are asked for by their names, with what is done with their rows', () => {
  const rows = (how: Choice['rows']) => {
    const { path, request } = wanted({ what: 'tables', rows: how })
    assert.equal(path, '/api/apps/shop/restore/tables')
    const { point, tables, ...does } = request
    assert.deepEqual([point, tables], ['p', ['guest', 'billing.bill']])
    return does
  }
  assert.deepEqual(rows('compare'), { merge: false, csv: false })
  assert.deepEqual(rows('merge'), { merge: true, csv: false })
  assert.deepEqual(rows('table'), { merge: false, csv: false, copy: 'guest_then' })
  assert.deepEqual(rows('csv'), { merge: false, csv: true })
})

test('files or Redis alone are asked for by their name, where a point has them', () => {
  assert.deepEqual(wanted({ what: 'files' }), {
    path: '/api/apps/shop/restore',
    request: { point: 'p', migrate: false, parts: ['files'] },
  })
  const of = (...parts: string[]) =>
    offerOf(
      seen({
        points: [
          {
            ...point('p', 'good'),
            parts: parts.map(what => ({ of: what, place: 'local', id: 'a', bytes: 1 })),
          },
        ],
      }),
      NOW,
    ).parts
  assert.deepEqual(of('cluster', 'shop/redis', 'shop/files'), ['files', 'redis'])
  assert.deepEqual(of('cluster', 'shop/releases'), [])
})

test('a copy has its name and goes after its hours', () => {
  assert.deepEqual(wanted({ what: 'copy' }), {
    path: '/api/apps/shop/copies',
    request: { point: 'p', name: 'monday', forMs: 4 * 3_600_000 },
  })
})

test('the name of the app is typed before anything of it changes', () => {
  const grave = (more: Partial<Choice>) => isGrave({ ...CHOICE, ...more })
  assert.deepEqual([grave({}), grave({ what: 'files' }), grave({ what: 'copy' })], [true, true, false])
  assert.deepEqual(
    (['compare', 'merge', 'table', 'csv'] as const).map(rows => grave({ what: 'tables', rows })),
    [false, true, true, false],
  )
})

test('single tables and copies are offered where a cluster is', () => {
  const of = (places: object[]) => offerOf(seen({ places }), NOW).cluster
  assert.equal(of([place('local', null, [backup('a', '2026-11-18T00:00:00Z')])]), true)
  assert.equal(of([place('local', null, [])]), false)
})
