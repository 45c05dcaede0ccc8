import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import { typed } from '../../bin/program.fixture.ts'
import { says } from '../../cli/stand-in.fixture.ts'
import { Release } from './wire.ts'

const release = (id: string, more: Partial<Release> = {}): Release => ({
  id,
  app: 'shop',
  createdAt: '2026-11-20T10:00:00.000Z',
  actor: 'anna',
  state: 'ready',
  source: 'a'.repeat(64),
  commit: null,
  built: ['web'],
  builtIn: id,
  migrations: [],
  sizeBytes: null,
  live: [],
  warm: false,
  ...more,
})

test('a release that serves is live, one that stands ready is warm, any other says its state', async t => {
  const all = [
    release('r4', {
      live: ['web'],
      warm: true,
      sizeBytes: 2048,
      migrations: ['1_a', '2_b'],
      commit: 'abc first',
    }),
    release('r3', { warm: true, sizeBytes: 9, built: [], builtIn: 'r2' }),
    release('r2'),
    release('r1', { state: 'pruned' }),
  ]
  const answers = { 'GET /api/apps/shop/releases': says(z.array(Release), all) }
  const { out } = await typed(t, ['releases', 'shop'], answers)
  const rows = out
    .trimEnd()
    .split('\n')
    .map(line => line.split(/ {2,}/))
  assert.deepEqual(
    rows.map(([id, state, , ...rest]) => [id, state, ...rest]),
    [
      ['RELEASE', 'STATE', 'BY', 'SIZE', 'MIGRATIONS', 'COMMIT'],
      ['r4', 'live', 'anna', '2.0 KB', '1_a, 2_b', 'abc first'],
      ['r3', 'warm', 'anna', 'files of r2', '-', '-'],
      ['r2', 'ready', 'anna', '-', '-', '-'],
      ['r1', 'pruned', 'anna', '-', '-', '-'],
    ],
  )
  assert.match(rows[1]![2]!, / ago$/)
  const document = await typed(t, ['releases', 'shop', '--json'], answers)
  assert.deepEqual(z.array(Release).parse(document.json()), all)
})
