import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import { typed } from '../../bin/program.fixture.ts'
import { failsWith, refuses, says, streams } from '../../cli/stand-in.fixture.ts'
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
    release('r3', { warm: true }),
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
      ['r3', 'warm', 'anna', '-', '-', '-'],
      ['r2', 'ready', 'anna', '-', '-', '-'],
      ['r1', 'pruned', 'anna', '-', '-', '-'],
    ],
  )
  assert.match(rows[1]![2]!, / ago$/)
  const document = await typed(t, ['releases', 'shop', '--json'], answers)
  assert.deepEqual(z.array(Release).parse(document.json()), all)
})

const Answer = z.union([
  z.object({ text: z.string() }),
  z.object({ code: z.number() }),
  z.object({ failure: z.any() }),
])
const PATH = 'POST /api/apps/shop/commands'

test('a command ends with its own code, and its flags stay its own', async t => {
  const answers = { [PATH]: streams(Answer, { text: 'one' }, { text: 'two\x1b[2J' }, { code: 7 }) }
  const args = [
    'run',
    '--app',
    'shop',
    '--service',
    'web',
    '--release',
    'r1',
    '--env',
    'A=1',
    '--',
    'node',
    '--json',
    '-e',
    'x y',
  ]
  const { out, code, calls } = await typed(t, args, answers)
  assert.deepEqual([out, code], ['one\ntwo\n', 7])
  assert.deepEqual(calls[0]![1], {
    argv: ['node', '--json', '-e', 'x y'],
    service: 'web',
    release: 'r1',
    env: { A: '1' },
  })
})

test('flags behind the command are its own, also without the --', async t => {
  const { calls } = await typed(t, ['run', '--app', 'shop', 'node', '--env', 'B=2'], {
    [PATH]: streams(Answer, { code: 0 }),
  })
  assert.deepEqual(calls[0]![1], { argv: ['node', '--env', 'B=2'], env: {} })
})

test('its document has the code and every line', async t => {
  const answers = { [PATH]: streams(Answer, { text: 'one' }, { text: '' }, { code: 0 }) }
  const { json, code } = await typed(t, ['run', '--json', '--app', 'shop', 'true'], answers)
  assert.deepEqual([json(), code], [{ code: 0, lines: ['one', ''] }, 0])
})

test('a command that could not be started fails as the keeper says, before or after the first line', async t => {
  const failure = { code: 'exec.timeout', what: 'it took too long', why: 'an hour', fix: 'split it' }
  const late = { [PATH]: streams(Answer, { text: 'one' }, { failure }) }
  await assert.rejects(typed(t, ['run', '--app', 'shop', 'true'], late), failsWith('exec.timeout'))
  const early = { [PATH]: refuses(404, { ...failure, code: 'app.unknown' }) }
  await assert.rejects(typed(t, ['run', '--app', 'shop', 'true'], early), failsWith('app.unknown'))
})
