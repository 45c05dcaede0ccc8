import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import { type Refused, typed } from '../../bin/program.fixture.ts'
import { failsWith, says, streams } from '../../cli/stand-in.fixture.ts'
import { LogErrors, LogLine, LogQuery } from './wire.ts'

// Times are shown by the clock of the terminal.
process.env['TZ'] = 'Asia/Tokyo'

const line = (text: string, level: LogLine['level'] = null): LogLine => ({
  at: '2026-11-20T10:00:01.123456Z',
  service: 'web',
  release: 'r2',
  n: 1,
  level,
  text,
})
const PATH = 'GET /api/apps/shop/logs'
const lines = (...all: LogLine[]) => ({ [PATH]: says(z.array(LogLine), all) })

/** What the keeper is asked for by these flags, as it reads it. */
async function asks(t: Parameters<typeof typed>[0], ...flags: string[]) {
  const { calls } = await typed(t, ['logs', 'shop', ...flags], lines(line('x')))
  const { searchParams } = new URL(calls[0]![0].slice(4), 'http://x')
  const field = searchParams.getAll('field')
  return LogQuery.parse({ ...Object.fromEntries(searchParams), ...(field.length === 0 ? {} : { field }) })
}

test('the last hundred lines, or all of a time that is asked for', async t => {
  assert.deepEqual(await asks(t), { lines: 100, follow: false })
  assert.deepEqual(await asks(t, '--since', '1h30m'), { lines: 10_000, sinceMs: 5_400_000, follow: false })
  assert.deepEqual(await asks(t, '--since', '10m', '-n', '5'), { lines: 5, sinceMs: 600_000, follow: false })
})

test('times are those of the terminal, and what is before a moment may be left out too', async t => {
  const from = Date.parse('2026-11-20T10:00:00Z')
  const flags = ['--since', '2026-11-20 19:00', '--until', '2026-11-20T10:05:00Z']
  assert.deepEqual(await asks(t, ...flags), { lines: 10_000, from, until: from + 300_000, follow: false })
  const before = Date.now()
  const { until } = await asks(t, '--until', '10m')
  assert.ok(until! >= before - 600_000 && until! <= Date.now() - 600_000)
})

test('values of JSON lines are asked for by name, one or several', async t => {
  assert.deepEqual((await asks(t, '--field', 'user=7')).field, ['user=7'])
  assert.deepEqual((await asks(t, '--field', 'a=1', '--field', 'req.url=/x?b=2')).field, [
    'a=1',
    'req.url=/x?b=2',
  ])
})

test('filters reach the keeper as they were typed', async t => {
  const flags = ['--level', 'warn', '--grep', 'a&b=c ü', '--service', 'web', '--release', 'r2']
  assert.deepEqual(await asks(t, ...flags), {
    lines: 100,
    follow: false,
    level: 'warn',
    grep: 'a&b=c ü',
    service: 'web',
    release: 'r2',
  })
})

test('a line says when, from which instance and release; none is said apart', async t => {
  const { out } = await typed(t, ['logs', 'shop'], lines(line('hello'), line('bad\x1b[2J', 'error')))
  assert.equal(out, '2026-11-20 19:00:01 +09:00 web.1 r2 hello\n2026-11-20 19:00:01 +09:00 web.1 r2 bad\n')
  const none = await typed(t, ['logs', 'shop'], lines())
  assert.deepEqual([none.out, none.err], ['', 'no line matches\n'])
})

test('--json is one line of JSON for each line; -f goes on with those that come', async t => {
  const parse = (out: string) =>
    out
      .trimEnd()
      .split('\n')
      .map(text => LogLine.parse(JSON.parse(text)))
  const { out } = await typed(t, ['logs', 'shop', '--json'], lines(line('a'), line('b')))
  assert.deepEqual(parse(out), [line('a'), line('b')])
  const streamed = { [PATH]: streams(LogLine, line('c'), line('d')) }
  const followed = await typed(t, ['logs', 'shop', '-f', '--json'], streamed)
  assert.deepEqual(parse(followed.out), [line('c'), line('d')])
  assert.equal(followed.calls[0]![0], `${PATH}?lines=100&follow=true`)
})

test('errors are said once for each kind, with how often and when', async t => {
  const path = 'GET /api/apps/shop/errors'
  const group = { shape: 'room N is taken', first: line('').at, services: ['web'], example: 'x' }
  const told: LogErrors = {
    ...{ from: line('').at, slotMs: 1, slots: [], others: 3 },
    groups: [
      { ...group, count: 2, last: '2026-11-20T10:05:01Z', releases: ['r1', 'r2'] },
      { ...group, shape: 'no bank', count: 1, last: line('').at, releases: ['r2'] },
    ],
  }
  const { out, err, calls } = await typed(t, ['errors', 'shop', '--service', 'web'], {
    [path]: says(LogErrors, told),
  })
  assert.equal(calls[0]![0], `${path}?sinceMs=86400000&service=web`)
  assert.equal(
    out,
    `2× room N is taken
   2026-11-20 19:00:01 +09:00 to 2026-11-20 19:05:01 +09:00, web, r1 and r2
1× no bank
   2026-11-20 19:00:01 +09:00, web, r2
`,
  )
  assert.match(err, /and 3 errors of other kinds/)
  const none = await typed(t, ['errors', 'shop'], {
    [path]: says(LogErrors, { ...told, groups: [], others: 0 }),
  })
  assert.equal(none.err, 'shop logged no error since 2026-11-20 19:00:01 +09:00\n')
})

test('what is no time, no field, no level or no count is refused before anybody is asked', async t => {
  for (const flag of ['--since', '--until'])
    await assert.rejects(typed(t, ['logs', 'shop', flag, 'yesterday']), failsWith('usage.time'))
  await assert.rejects(typed(t, ['logs', 'shop', '--field', 'user']), failsWith('usage.field'))
  for (const wrong of [
    ['--level', 'loud'],
    ['-n', '0'],
    ['-n', '100000'],
    ['--grep', 'x'.repeat(201)],
    ['--loud'],
  ])
    await assert.rejects(
      typed(t, ['logs', 'shop', ...wrong]),
      (error: Refused) => error.code === 2,
      wrong.join(' '),
    )
})
