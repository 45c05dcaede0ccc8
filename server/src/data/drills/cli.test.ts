import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import { typed } from '../../bin/program.fixture.ts'
import { says } from '../../cli/stand-in.fixture.ts'
import { ChangeAnswer } from '../../engine/wire-change.ts'
import { Drill, DrillRequest } from './wire.ts'

const drill: Drill = {
  id: 'shop-1',
  app: 'shop',
  point: 'p1',
  place: 'local',
  abandoned: null,
  state: 'failed',
  startedAt: '2026-11-20T10:00:00.000Z',
  endedAt: null,
  rtoMs: 65_000,
  rpoMs: null,
  levels: [
    { level: 0, name: 'objects', state: 'proven', detail: 'all there', ms: 1500 },
    { level: 1, name: 'restore', state: 'failed', detail: 'no\nspace', ms: null },
    { level: 2, name: 'start', state: 'skipped', detail: 'not reached', ms: null },
  ],
  unproven: ['mail was not sent'],
}

test('a drill is asked for at its point, or at the newest', async t => {
  const plan = says(ChangeAnswer, { plan: { title: 'p', steps: [], cleanup: [], notices: [] } })
  const asked = async (...flags: string[]) => {
    const args = ['drill', 'now', 'shop', '--plan', ...flags]
    return DrillRequest.parse((await typed(t, args, { 'POST /api/apps/shop/drill': plan })).calls[0]![1])
  }
  assert.deepEqual(await asked('--point', 'p1'), { plan: true, point: 'p1' })
  assert.deepEqual(await asked(), { plan: true })
})

test('drills are listed with what was measured, and none is said in words', async t => {
  const list = (...all: Drill[]) => ({ 'GET /api/drills': says(z.array(Drill), all) })
  const { out } = await typed(t, ['drill', 'list'], list(drill))
  assert.equal(
    out,
    'DRILL   STATE   RESTORE POINT  PLACE  RTO        RPO\nshop-1  failed  p1             local  1 min 5 s  -\n',
  )
  const left = await typed(t, ['drill', 'list'], list({ ...drill, abandoned: 'p1 was left' }))
  assert.match(left.out, /failed {2}p1, of a branch that was left {2}local/)
  assert.match((await typed(t, ['drill', 'list'], list())).out, /^no drill yet/)
  assert.deepEqual((await typed(t, ['drill', 'list', '--json'], list())).json(), [])
})

test('inn drill show: each level with its mark, and what was not shown', async t => {
  const { out } = await typed(t, ['drill', 'show', 'shop-1'], {
    'GET /api/drills/shop-1': says(Drill, { ...drill, abandoned: 'p1 is of a branch that was left' }),
  })
  assert.deepEqual(out.split('\n').slice(1), [
    'shop at the restore point p1, from local',
    'p1 is of a branch that was left',
    '✓ L0 objects  1.5 s',
    '     all there',
    '✗ L1 restore',
    '     no',
    '     space',
    '- L2 start',
    '     not reached',
    'measured: back after 1 min 5 s (RTO), at most - of writes missing (RPO)',
    'not shown:',
    '  mail was not sent',
    '',
  ])
})
