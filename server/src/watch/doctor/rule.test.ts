import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { DatabaseFacts, IndexFacts, TableFacts } from './facts.ts'
import { diagnose } from './rule.ts'

const DAY_MS = 86_400_000
const AT = Date.UTC(2026, 10, 30)

const table = (more: Partial<TableFacts> = {}): TableFacts => ({
  ...{
    name: 'public.guest',
    bytes: 50e6,
    indexBytes: 10e6,
    rows: 100_000,
    deadRows: 0,
    changedSinceAnalyze: 0,
  },
  ...{ vacuumedAt: AT, analyzedAt: AT, scans: 0, scannedRows: 0, indexScans: 0, hasKey: true },
  ...{ unattended: false, age: 1_000 },
  ...more,
})
const index = (name: string, more: Partial<IndexFacts> = {}): IndexFacts => ({
  ...{ name: `public.${name}`, table: 'public.guest', bytes: 5e6, scans: 9, valid: true, holds: false },
  ...{ shape: name, columns: [name], plain: true },
  definition: `CREATE INDEX ${name} ON public.guest USING btree (${name})`,
  ...more,
})
const facts = (more: Partial<DatabaseFacts> = {}): DatabaseFacts => ({
  ...{
    at: AT,
    since: AT - 90 * DAY_MS,
    bytes: 1e9,
    tables: [table()],
    indexes: [],
    foreignKeys: [],
    sequences: [],
  },
  ...{ age: 1_000, connections: { used: 10, most: 100 }, blocks: { found: 100e6, read: 1e6 } },
  ...{ checkpoints: { timed: 900, requested: 3 }, temporaryBytes: 0 },
  settings: { fsync: 'on', full_page_writes: 'on', autovacuum: 'on', autovacuum_freeze_max_age: '200000000' },
  ...more,
})
const found = (more: Partial<DatabaseFacts>) => diagnose(facts(more)).map(({ id, level }) => `${level} ${id}`)

test('of a database that is well nothing is found', () => {
  assert.deepEqual(diagnose(facts()), [])
})

test('what stops writes comes first', () => {
  const sequence = (last: number) => ({
    ...{ name: 'public.guest_id_seq', last, most: 2_147_483_647 },
    column: { table: 'public.guest', name: 'id', type: 'integer' },
  })
  const all = diagnose(
    facts({
      age: 1_200_000_000,
      sequences: [sequence(2_000_000_000), sequence(1_600_000_000), sequence(1_000_000_000)],
      settings: { fsync: 'off' },
      connections: { used: 97, most: 100 },
      tables: [table({ hasKey: false, age: 1_200_000_000 })],
    }),
  )
  assert.deepEqual(
    all.map(({ id, level }) => `${level} ${id}`),
    [
      'bad wraparound',
      'bad sequence',
      'bad setting.fsync',
      'bad connections',
      'warning sequence',
      'note table.keyless',
    ],
  )
  assert.deepEqual(all[0]!.sql, ['vacuum (freeze) public.guest'])
  assert.match(all[1]!.what, /public\.guest\.id has given out 93 % of its numbers/)
})

test('tables: dead rows, old statistics, switched off, read as a whole', () => {
  const of = (more: Partial<TableFacts>) => found({ tables: [table(more)] })
  assert.deepEqual(of({ deadRows: 20_001 }), ['warning table.dead-rows'])
  assert.deepEqual(of({ deadRows: 19_999 }), [])
  assert.deepEqual(of({ rows: 100, deadRows: 5_000 }), [])
  assert.deepEqual(of({ changedSinceAnalyze: 30_001 }), ['note table.stale'])
  assert.deepEqual(of({ analyzedAt: null }), ['note table.stale'])
  // A vacuum that analyzes mends both.
  assert.deepEqual(of({ deadRows: 50_000, analyzedAt: null }), ['warning table.dead-rows'])
  assert.deepEqual(of({ unattended: true }), ['warning table.unattended'])
  assert.deepEqual(of({ scans: 5_000, scannedRows: 500e6, indexScans: 100 }), ['warning table.scanned'])
  assert.deepEqual(of({ scans: 5_000, scannedRows: 500e6, indexScans: 6_000 }), [])
})

test('indexes: invalid ones are made anew, and of two only what holds nothing goes', () => {
  const broken = index('a', {
    valid: false,
    definition: 'CREATE UNIQUE INDEX a ON public.guest USING btree (a)',
  })
  const [first] = diagnose(facts({ indexes: [broken] }))
  assert.deepEqual(first!.sql, [
    'drop index concurrently public.a',
    'CREATE UNIQUE INDEX concurrently a ON public.guest USING btree (a)',
  ])
  const of = (...indexes: IndexFacts[]) => diagnose(facts({ indexes })).map(({ id, sql }) => [id, sql[0]])
  const key = index('key', { shape: 'same', holds: true })
  assert.deepEqual(of(key, index('b', { shape: 'same' }), index('c', { shape: 'same' })), [
    ['index.duplicate', 'drop index concurrently public.b'],
    ['index.duplicate', 'drop index concurrently public.c'],
  ])
  assert.deepEqual(of(key, { ...key, name: 'public.other' }), [])
  const wide = index('wide', { columns: ['b', 'day'] })
  assert.deepEqual(of(wide, index('b')), [['index.covered', 'drop index concurrently public.b']])
  assert.deepEqual(of(wide, index('day')), [])
  assert.deepEqual(of(wide, index('b', { holds: true })), [])
  assert.deepEqual(of(wide, index('b', { plain: false })), [])
})

test('what reindexing left behind is dropped, and not made', () => {
  const left = index('day_ccnew1', { valid: false })
  const odd = index('"Day_ccold"', { valid: false })
  assert.deepEqual(
    diagnose(facts({ indexes: [left, odd] })).map(({ sql }) => sql),
    [['drop index concurrently public.day_ccnew1'], ['drop index concurrently public."Day_ccold"']],
  )
})

test('whoever runs each statement still has an index', () => {
  const drops = (...indexes: IndexFacts[]) =>
    diagnose(facts({ indexes })).flatMap(({ sql }) => sql.map(text => text.split(' ').at(-1)))
  const one = (name: string, scans: number) => index(name, { shape: 'same', columns: ['day'], scans })
  assert.deepEqual(drops(one('a', 0), one('b', 9)), ['public.b'])
  assert.deepEqual(drops(one('a', 0), index('wide', { columns: ['day', 'room'], scans: 0 })), ['public.a'])
})

test('many thousand indexes are looked at in a moment', () => {
  const indexes = Array.from({ length: 20_000 }, (_, n) => index(`i${n}`, { table: `public.t${n % 7_000}` }))
  const began = performance.now()
  diagnose(facts({ indexes }))
  assert.ok(performance.now() - began < 1_000)
})

test('an index that nobody uses is told of only when it was counted for long enough', () => {
  const idle = index('idle', { scans: 0 })
  assert.deepEqual(found({ indexes: [idle] }), ['note index.unused'])
  assert.deepEqual(found({ indexes: [idle], since: AT - 29 * DAY_MS }), [])
  assert.deepEqual(found({ indexes: [idle], since: null }), [])
  assert.deepEqual(
    found({
      indexes: [
        { ...idle, holds: true },
        { ...idle, bytes: 8_192, shape: 'other', columns: ['other'] },
      ],
    }),
    [],
  )
})

test('foreign keys, memory and checkpoints', () => {
  const key = { name: 'guest_room', table: 'public.guest', columns: ['room', '"Bed"'], indexed: false }
  const [first] = diagnose(facts({ foreignKeys: [key] }))
  assert.deepEqual(first!.sql, ['create index concurrently on public.guest (room, "Bed")'])
  assert.deepEqual(found({ foreignKeys: [{ ...key, indexed: true }] }), [])
  assert.deepEqual(found({ foreignKeys: [key], tables: [table({ rows: 100 })] }), [])
  assert.deepEqual(
    found({
      blocks: { found: 80e6, read: 20e6 },
      checkpoints: { timed: 50, requested: 50 },
      temporaryBytes: 91 * 1024 ** 3,
    }),
    ['note memory.cache', 'note checkpoints', 'note memory.sorts'],
  )
})

test('a thousand of the same are not a thousand lines', () => {
  const tables = Array.from({ length: 1_000 }, (_, n) => table({ name: `public.t${n}`, hasKey: false }))
  const all = diagnose(facts({ tables }))
  assert.deepEqual([all.length, all.at(-1)!.what], [21, '980 more like the 20 before'])
})
