import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { z } from 'zod'
import { typed } from '../../bin/program.fixture.ts'
import { failsWith, refuses, runOf, says, streams } from '../../cli/stand-in.fixture.ts'
import { RunEvent } from '../../engine/wire.ts'
import { ChangeAnswer } from '../../engine/wire-change.ts'
import { EXIT } from '../../kernel/exit.ts'
import { CopyRequest, CopyView } from '../copies/wire.ts'
import { RestoreRequest, TableComparison, type TableDifference, TableRequest } from './wire.ts'

// No keeper's own: what is not sent would be read as UTC.
process.env['TZ'] = 'Asia/Tokyo'
const zone = 'Asia/Tokyo'
const plan = says(ChangeAnswer, { plan: { title: 'p', steps: [], cleanup: [], notices: [] } })
const begins = (path: string) => ({
  [`POST ${path}`]: says(ChangeAnswer, { run: runOf(), notices: [] }),
  'GET /api/runs/run-1/events': streams(RunEvent, { type: 'run' as const, run: runOf() }),
})
const SHOP = '/api/apps/shop'

/** What the keeper is asked for by these flags, with --plan. */
async function asked(t: Parameters<typeof typed>[0], path: string, ...flags: string[]) {
  const { calls } = await typed(t, ['restore', 'shop', ...flags, '--plan'], { [`POST ${path}`]: plan })
  assert.equal(calls[0]![0], `POST ${path}`)
  return calls[0]![1]
}

test('a restore asks for the moment in the time zone of whoever asks', async t => {
  const whole = (...flags: string[]) => asked(t, `${SHOP}/restore`, ...flags)
  assert.deepEqual(RestoreRequest.parse(await whole('--to', '10:00')), {
    plan: true,
    to: '10:00',
    zone,
    migrate: false,
  })
  assert.deepEqual(RestoreRequest.parse(await whole('--point', 'p1', '--migrate')), {
    plan: true,
    point: 'p1',
    zone,
    migrate: true,
  })
  assert.deepEqual(RestoreRequest.parse(await whole('--backup', 'F1')), {
    plan: true,
    backup: 'F1',
    zone,
    migrate: false,
  })
  const files = RestoreRequest.parse(await whole('--redis', '--files', '--to', '10:00'))
  assert.deepEqual(files.parts, ['files', 'redis'])
})

test('tables and a copy to look at are other routes, and have the same moment', async t => {
  const tables = await asked(
    t,
    `${SHOP}/restore/tables`,
    '--table',
    'guest, room',
    '--table',
    'a',
    '--merge',
    '--to',
    '1h ago',
  )
  assert.deepEqual(TableRequest.parse(tables), {
    plan: true,
    to: '1h ago',
    zone,
    tables: ['guest', 'room', 'a'],
    merge: true,
    csv: false,
  })
  const copy = await asked(t, `${SHOP}/copies`, '--into', 'look', '--for', '90m', '--point', 'p1')
  assert.deepEqual(CopyRequest.parse(copy), { plan: true, point: 'p1', zone, name: 'look', forMs: 5_400_000 })
  const day = (await asked(t, `${SHOP}/copies`, '--into', 'look')) as { forMs: number }
  assert.equal(day.forMs, 24 * 3_600_000)
})

test('flags of two ways are refused before anybody is asked: what was meant could be the opposite', async t => {
  for (const flags of [
    ['--table', 'guest', '--into', 'look'],
    ['--table', 'guest', '--migrate'],
    ['--into', 'look', '--migrate'],
    ['--table', 'guest', '--files'],
    ['--into', 'look', '--redis'],
    ['--merge'],
    ['--copy', 'x'],
    ['--csv', 'x'],
    ['--for', '1h'],
    ['--into', 'look', '--merge'],
    ['--table', 'guest', '--for', '1h'],
  ])
    await assert.rejects(typed(t, ['restore', 'shop', ...flags]), failsWith('usage.restore'), flags.join(' '))
  const copy = ['restore', 'shop', '--into', 'look', '--for', 'long']
  await assert.rejects(typed(t, copy), failsWith('usage.duration'))
})

test('what puts other data in place is asked first, unless --yes or a program asks', async t => {
  const ways = [
    { args: ['restore', 'shop'], path: `${SHOP}/restore` },
    { args: ['restore', 'undo', 'shop'], path: `${SHOP}/restore/undo` },
    { args: ['restore', 'discard', 'shop'], path: `${SHOP}/restore/discard` },
    { args: ['recovery', 'database', 'shop'], path: `${SHOP}/recovery/database` },
  ]
  for (const { args, path } of ways) {
    const careful = await typed(t, args, { [`POST ${path}`]: plan })
    assert.deepEqual([careful.calls.length, careful.code], [1, EXIT.failed], args.join(' '))
    assert.equal((careful.calls[0]![1] as { plan: boolean }).plan, true)
    for (const flag of ['--yes', '--json']) {
      const [command, ...rest] = args
      // Also before the word that says what of it.
      if (flag === '--yes' && args.length === 3 && command === 'restore')
        assert.equal((await typed(t, [command!, flag, ...rest], begins(path))).calls.length, 2)
      const { calls } = await typed(t, [...args, flag], begins(path))
      assert.deepEqual(
        calls.map(([call]) => call),
        [`POST ${path}`, 'GET /api/runs/run-1/events'],
      )
      assert.equal((calls[0]![1] as { plan?: boolean }).plan, undefined)
    }
  }
})

const difference = (table: string, more: Partial<TableDifference> = {}): TableDifference => ({
  table,
  goesWith: null,
  there: 3,
  here: 2,
  key: ['id'],
  alike: false,
  differ: { onlyThere: 1, onlyHere: 0, changed: 1 },
  columns: { onlyThere: [], onlyHere: [] },
  samples: {
    onlyThere: [{ id: '7', name: 'Anna  B' }],
    onlyHere: [],
    changed: [{ key: { id: '8' }, columns: [{ name: 'name', there: 'Ben', here: null }] }],
  },
  ...more,
})
const AT = '2026-11-20T10:00:00.000Z'
const found = (...tables: TableDifference[]): TableComparison => ({
  run: 'run-1',
  app: 'shop',
  at: AT,
  moment: 'm',
  tables,
})
const compares = (...tables: TableDifference[]) => ({
  ...begins(`${SHOP}/restore/tables`),
  'GET /api/restores/tables/run-1': says(TableComparison, found(...tables)),
})
const NO_SAMPLES = { onlyThere: [], onlyHere: [], changed: [] }
const alike = difference('room', { here: 3, alike: true, differ: null, samples: NO_SAMPLES })

test('a comparison shows rows of each kind, and what can be done about it with the same moment', async t => {
  const guest = difference('guest', { columns: { onlyThere: ['old'], onlyHere: ['new'] } })
  const { out } = await typed(
    t,
    ['restore', 'shop', '--table', 'room,guest', '--to', '10:00'],
    compares(alike, guest),
  )
  assert.deepEqual(out.split('\n').slice(2), [
    'room',
    '  3 rows then, 3 now: nothing differs',
    'guest',
    '  3 rows then, 2 now: 1 only then, 0 only now, 1 changed',
    '  columns that were there: old',
    '  columns that came since: new',
    '  only then',
    '    id  name',
    '    7   Anna B',
    '  changed',
    '    id  COLUMN  THEN  NOW',
    '    8   name    Ben   null',
    'next:',
    `  inn restore shop --table room,guest --to ${AT} --merge   puts the missing rows back, and leaves all others`,
    `  inn restore shop --table guest --to ${AT} --copy NAME   makes a table of the rows as they were`,
    `  inn restore shop --table guest --to ${AT} --csv FILE   writes them to a file`,
    '',
  ])
})

test('what can be done next fits: no merge where nothing is missing, quoted for the shell, and the point that was named', async t => {
  const odd = difference("it's", { differ: { onlyThere: 0, onlyHere: 0, changed: 1 } })
  const { out } = await typed(t, ['restore', 'shop', '--table', "it's", '--point', 'p1'], compares(odd))
  assert.doesNotMatch(out, /--merge/)
  assert.ok(out.includes(`inn restore shop --table 'it'\\''s' --point p1 --copy NAME`), out)
  const same = await typed(t, ['restore', 'shop', '--table', 'room', '--to', '10:00'], compares(alike))
  assert.doesNotMatch(same.out, /next:/)
})

test('rows that went with those of a named table are told, and offered, before and after a merge', async t => {
  const room = difference('room', { samples: NO_SAMPLES })
  const guest = difference('guest', { goesWith: 'room', samples: NO_SAMPLES })
  const asked = ['restore', 'shop', '--table', 'room', '--to', '10:00']
  const { out } = await typed(t, asked, compares(room, guest))
  assert.match(out, /^guest {2}its rows go with those of room$/m)
  assert.ok(
    out.includes(
      `  inn restore shop --table room,guest --to ${AT} --merge   with the rows of guest that went with them\n`,
    ),
    out,
  )
  const merged = await typed(t, [...asked, '--merge', '--yes'], compares(room, guest))
  assert.ok(
    merged.out.endsWith(
      `rows of guest went with them, and are not back; next:\n  inn restore shop --table guest --to ${AT} --merge   puts these back too\n`,
    ),
    merged.out,
  )
})

test('a table that is gone, and one without a key, say so', async t => {
  const gone = difference('old', { here: null, differ: null, samples: NO_SAMPLES })
  const loose = difference('log', { key: null, differ: null, samples: NO_SAMPLES })
  const { out } = await typed(t, ['restore', 'shop', '--table', 'old,log'], compares(gone, loose))
  assert.match(out, /3 rows then; it is not there any more: --copy old brings it back/)
  const back = await typed(t, ['restore', 'shop', '--table', 'old', '--copy', 'old'], compares(gone))
  assert.match(back.out, /3 rows then; it was not there any more, and is back as old/)
  assert.match(out, /3 rows then, 2 now: they differ; no key tells which/)
})

test('rows as a file: for its owner alone, whole or not at all, and the document names it', async t => {
  const folder = await mkdtemp(join(tmpdir(), 'inn-csv-'))
  t.after(() => rm(folder, { recursive: true }))
  const file = join(folder, 'guests.csv')
  const args = ['restore', 'shop', '--table', 'guest', '--csv', file, '--json']
  const csv = 'GET /api/restores/tables/run-1/csv'
  const cut = {
    ...compares(difference('guest')),
    [csv]: refuses(404, { code: 'table.gone', what: 'x', why: 'x', fix: 'x' }),
  }
  await assert.rejects(typed(t, args, cut), failsWith('table.gone'))
  await assert.rejects(readFile(file), { code: 'ENOENT' })
  await assert.rejects(readFile(`${file}.part`), { code: 'ENOENT' })
  const answers = { ...compares(difference('guest')), [csv]: says(z.string(), 'rows') }
  const { json, calls } = await typed(t, args, answers)
  assert.equal(await readFile(file, 'utf8'), '"rows"')
  assert.equal((await stat(file)).mode & 0o777, 0o600)
  assert.equal((json() as { file: string }).file, file)
  assert.equal((calls[0]![1] as { csv: boolean }).csv, true)
  const nowhere = ['restore', 'shop', '--table', 'guest', '--csv', join(folder, 'no/where.csv')]
  await assert.rejects(typed(t, nowhere, answers), failsWith('usage.csv'))
})

test('a copy to look at says its addresses and when it goes; its document has the copy', async t => {
  const copy = CopyView.parse({
    name: 'look',
    app: 'shop',
    moment: 'm',
    at: AT,
    state: 'open',
    port: 5433,
    until: AT,
    addresses: { app: 'postgres://app', owner: 'postgres://owner' },
  })
  const answers = { ...begins(`${SHOP}/copies`), 'GET /api/copies/look': says(CopyView, copy) }
  const { out } = await typed(t, ['restore', 'shop', '--into', 'look'], answers)
  assert.match(
    out,
    /\n {2}inn db shell shop --copy look {2}\(--owner: may change tables\)\n {2}for other .*\n {2}goes .*inn copies remove look\n$/,
  )
  assert.doesNotMatch(out, /postgres:/, 'no password is printed unasked')
  const listed = { 'GET /api/copies': says(CopyView.array(), [copy]) }
  assert.doesNotMatch((await typed(t, ['copies'], listed)).out, /postgres:/)
  assert.match((await typed(t, ['copies', '--url'], listed)).out, /\nlook\n {2}postgres:\/\/app\n/)
  const document = await typed(t, ['restore', 'shop', '--into', 'look', '--json'], answers)
  assert.deepEqual((document.json() as { copy: CopyView }).copy, copy)
})
