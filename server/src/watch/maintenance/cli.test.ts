import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import { typed } from '../../bin/program.fixture.ts'
import { failsWith, says } from '../../cli/stand-in.fixture.ts'
import { MaintenanceView } from './wire.ts'

const planned: MaintenanceView = {
  ...{
    id: 3,
    app: 'shop',
    state: 'planned',
    text: 'New rooms',
    allow: [],
    commands: [],
    by: 'anna',
    run: null,
  },
  ...{ beginsAt: '2026-12-06T01:00:00.000Z', endsAt: '2026-12-06T03:00:00.000Z' },
}
const PLAN = 'POST /api/apps/shop/maintenance'

test('inn maintenance plan reads the moment by the zone, and says what comes', async t => {
  const answers = { [PLAN]: says(MaintenanceView, planned) }
  const words = [
    'maintenance',
    'plan',
    'shop',
    '--at',
    '2099-12-06 02:00',
    '--for',
    '2h',
    '--zone',
    'Europe/Berlin',
  ]
  const { calls, out } = await typed(
    t,
    [...words, '--allow', '192.0.2.1', '--run', 'npm run vacuum'],
    answers,
  )
  assert.deepEqual(calls.at(-1)![1], {
    ...{ beginsAt: '2099-12-06T01:00:00.000Z', lasts: 7_200_000, text: null },
    ...{ allow: ['192.0.2.1'], commands: ['npm run vacuum'] },
  })
  assert.match(out, /visitors of shop are kept out from .* until .*; channels are told/)
  const on = await typed(t, ['maintenance', 'plan', 'shop', '--at', 'now', '--for', '1h'], {
    [PLAN]: says(MaintenanceView, { ...planned, state: 'on' }),
  })
  assert.match(on.out, /kept out until/)
  const refused = (at: string, lasts: string, code: string, ...more: string[]) =>
    assert.rejects(
      typed(t, ['maintenance', 'plan', 'shop', '--at', at, '--for', lasts, ...more], answers),
      failsWith(code),
    )
  await refused('yesterday', '2h', 'moment.unreadable')
  await refused('2020-01-01 02:00', '2h', 'moment.past')
  await refused('now', '30s', 'usage.duration')
  await refused('now', '2h', 'usage.zone', '--zone', 'Mars')
})

test('inn maintenance lists, and ends', async t => {
  const { out } = await typed(t, ['maintenance'], {
    'GET /api/maintenance': says(z.array(MaintenanceView), [planned]),
  })
  assert.match(out, /3 +shop +planned .* 2 h +anna +New rooms/)
  const none = await typed(t, ['maintenance'], { 'GET /api/maintenance': says(z.array(MaintenanceView), []) })
  assert.match(none.out, /inn maintenance plan/)
  const end = (state: MaintenanceView['state']) =>
    typed(t, ['maintenance', 'end', '3'], {
      'POST /api/maintenance/3/end': says(MaintenanceView, { ...planned, state }),
    })
  assert.equal((await end('cancelled')).out, 'maintenance 3 of shop is cancelled\n')
  assert.equal((await end('over')).out, 'visitors of shop get in again\n')
  await assert.rejects(typed(t, ['maintenance', 'end', 'shop'], {}), failsWith('usage.number'))
})
