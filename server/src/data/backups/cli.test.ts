import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import { typed } from '../../bin/program.fixture.ts'
import { says } from '../../cli/stand-in.fixture.ts'
import { ChangeAnswer } from '../../engine/wire-change.ts'
import { PutAside } from '../restores/wire.ts'
import { type BackupPlace, BackupRequest, Backups, RestorePoint, VerifyRequest } from './wire.ts'

// Times are shown by the clock of the terminal.
process.env['TZ'] = 'Asia/Tokyo'

const AT = '2026-11-20T10:00:00.000Z'
const LATER = '2026-11-20T11:00:00.000Z'
const plan = says(ChangeAnswer, { plan: { title: 'p', steps: [], cleanup: [], notices: [] } })

const point = (name: string, more: Partial<RestorePoint> = {}): RestorePoint => ({
  name,
  kind: 'schedule',
  app: 'shop',
  at: AT,
  endedAt: AT,
  state: 'good',
  reason: null,
  releases: { shop: 'r2' },
  parts: [
    { of: 'cluster', place: 'local', id: 'F1', bytes: null },
    { of: 'shop/files', place: 'local', id: 'a1', bytes: 2048 },
    { of: 'keeper/state', place: 'local', id: 'b2', bytes: 1024 },
  ],
  missing: [],
  counted: { shop: { tables: 3, exact: true }, api: { tables: 2, exact: false } },
  ...more,
})

const place = (name: string, more: Partial<BackupPlace> = {}): BackupPlace => ({
  app: 'shop',
  schedule: '0 2 * * *',
  name,
  kind: 'folder',
  address: `/backups/${name}`,
  problem: null,
  seenAt: new Date().toISOString(),
  asking: false,
  lastGood: AT,
  window: { from: AT, to: AT, lost: [] },
  backups: [],
  snapshots: 4,
  storedBytes: 3072,
  ...more,
})

const list = (points: RestorePoint[], places: BackupPlace[] = [place('local')]) => ({
  'GET /api/backups': says(Backups, {
    places,
    points,
    alarms: [{ code: 'backup.overdue', level: 'late', what: 'no backup for 2 d', fix: 'inn backup now' }],
  }),
  'GET /api/restores': says(z.array(PutAside), [
    {
      ...{ app: 'shop', of: 'recovery', at: AT, moment: null },
      ...{ aside: 'data.before-20261120T100000', bytes: 2048 },
    },
  ]),
})

test('a backup and a verification are asked for with their flags', async t => {
  const backup = await typed(t, ['backup', 'now', 'shop', '--full', '--place', 'far', '--plan'], {
    'POST /api/backups': plan,
  })
  const asked = { plan: true, app: 'shop', place: 'far' }
  assert.deepEqual(BackupRequest.parse(backup.calls[0]![1]), { ...asked, full: true })
  const usual = await typed(t, ['backup', 'now', 'keeper', '--plan'], { 'POST /api/backups': plan })
  assert.deepEqual(BackupRequest.parse(usual.calls[0]![1]), { plan: true, app: null, full: false })
  const verify = ['backup', 'verify', 'shop', '--place', 'far', '--plan']
  const { calls } = await typed(t, verify, { 'POST /api/backups/verify': plan })
  assert.deepEqual(VerifyRequest.parse(calls[0]![1]), asked)
})

test('a place says what can be restored from it, or why it cannot be read', async t => {
  const places = [
    place('local'),
    place('new', { window: null, lastGood: null }),
    place('torn', { window: { from: AT, to: LATER, lost: [{ from: AT, to: LATER }] } }),
    place('far', { problem: 'the bucket does not answer' }),
  ]
  const { out } = await typed(t, ['backup', 'list'], list([], places))
  assert.match(
    out,
    /^shop at local {2}\/backups\/local\n {2}any moment from .* to .*\n {2}0 of the cluster \(3\.0 KB\), 4 snapshots; the last good one .* ago\n/,
  )
  assert.match(
    out,
    /\nshop at torn .*\n {2}any moment from .*\n {2}but none from .* to .*: what was committed then is lost\n {2}0 of/,
  )
  assert.match(out, /\nshop at new {2}\/backups\/new\n {2}no moment can be restored yet\n.*4 snapshots\n/)
  assert.match(
    out,
    /\nshop at far {2}\/backups\/far\n {2}the bucket does not answer\ncritical: no backup for 2 d\n {2}fix: inn backup now\nput aside .*, 2\.0 KB: inn restore discard shop\n/,
  )
  assert.match(out, /no restore point yet: inn backup now\n$/)
})

test('the backups of a place are named for --backup, the newest ones or all', async t => {
  const backup = (label: string, error = false) => ({
    ...{ label, kind: 'full' as const, prior: null, error },
    ...{ bytes: 1, storedBytes: 1, startedAt: AT, endedAt: AT },
  })
  const four = place('local', { backups: [backup('F4'), backup('F3', true), backup('F2'), backup('F1')] })
  const { out } = await typed(t, ['backup', 'list'], list([], [four]))
  assert.match(out, /\n {2}--backup F4, F3 \(damaged pages\), F2; 1 older: --all\n/)
  const all = await typed(t, ['backup', 'list', '--all'], list([], [four]))
  assert.match(all.out, /\n {2}--backup F4, F3 \(damaged pages\), F2, F1\n/)
})

test('a point says its state and what it lacks, each once; of many the twenty newest are shown', async t => {
  const missing = ['shop/redis', 'shop/redis', 'api/files'].map(of => ({ of, place: null, why: 'gone' }))
  const points = [point('p0', { missing }), point('p1', { state: 'failed', releases: {} })]
  for (let n = 2; n < 23; n++) points.push(point(`p${n}`))
  const { out } = await typed(t, ['backup', 'list'], list(points))
  const rows = out
    .split('\n')
    .filter(line => /^p\d/.test(line))
    .map(line => line.split(/ {2,}/))
  assert.equal(rows.length, 20)
  assert.deepEqual(rows[0]!.toSpliced(3, 1), [
    'p0',
    'good, without shop/redis and api/files',
    'shop',
    'schedule',
    '3.0 KB',
    'r2',
  ])
  assert.deepEqual(rows[1]!.toSpliced(3, 1), ['p1', 'failed', 'shop', 'schedule', '3.0 KB', '-'])
  assert.match(out, /\n3 older ones: inn backup list --all\n$/)
  const all = await typed(t, ['backup', 'list', '--all'], list(points))
  assert.match(all.out, /\np22 /)
  assert.doesNotMatch(all.out, /older ones/)
  const document = await typed(t, ['backup', 'list', '--json'], list(points))
  assert.equal(Backups.parse(document.json()).points.length, 23, 'a document has all of them')
})

test('inn backup show: what failed, what was counted and how, and every part with its size', async t => {
  const failed = point('p', { state: 'failed', reason: 'the disk was full' })
  const { out } = await typed(t, ['backup', 'show', 'p'], {
    'GET /api/backups/points/p': says(RestorePoint, failed),
  })
  assert.deepEqual(out.split('\n'), [
    'p  failed  2026-11-20 19:00:00 +09:00',
    'the disk was full',
    'tables counted: shop (3) and api (2, while it was written to)',
    'WHAT          PLACE  ID  SIZE',
    'cluster       local  F1  -',
    'shop/files    local  a1  2.0 KB',
    'keeper/state  local  b2  1.0 KB',
    '',
  ])
})
