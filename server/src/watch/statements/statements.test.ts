import assert from 'node:assert/strict'
import { test } from 'node:test'
import { typed } from '../../bin/program.fixture.ts'
import { says } from '../../cli/stand-in.fixture.ts'
import { type Counted, viewOf } from './statements.ts'
import { Statements } from './wire.ts'

const COUNTED: Counted = {
  since: Date.UTC(2026, 10, 30, 9),
  totalMs: 1_000,
  statements: [
    {
      text: `select *\n  from booking b ${'join room r on r.id = b.room '.repeat(6)}where b.day = $1`,
      ...{ calls: 4, rows: 10, totalMs: 940, longestMs: 600 },
      blocks: { found: 90, read: 10 },
    },
    {
      ...{ text: 'select $1', calls: 0, rows: 0, totalMs: 0, longestMs: 0 },
      blocks: { found: 0, read: 0 },
    },
  ],
}

test('shares and means are made of what was counted', () => {
  const [first, second] = viewOf('shop', COUNTED).statements
  assert.deepEqual(
    [first!.share, first!.meanMs, first!.rowsPerCall, first!.fromMemory],
    [0.94, 235, 2.5, 0.9],
  )
  assert.deepEqual([second!.share, second!.meanMs, second!.rowsPerCall, second!.fromMemory], [0, 0, 0, null])
  const nothing = viewOf('shop', { since: null, totalMs: 0, statements: [] })
  assert.deepEqual(nothing, { app: 'shop', since: null, statements: [] })
})

test('inn db slow shows each statement in a line, and as JSON whole', async t => {
  const view = viewOf('shop', COUNTED)
  const answers = { 'GET /api/apps/shop/statements': says(Statements, view) }
  const { out } = await typed(t, ['db', 'slow', 'shop'], answers)
  assert.match(out, /94 % +4 +235 ms +600 ms +3 +select \* from booking b join .*…/)
  assert.match(out, /0\.0 % +0 +0\.00 ms/)
  assert.deepEqual((await typed(t, ['db', 'slow', '--app', 'shop', '--json'], answers)).json(), view)
  const nothing = {
    'GET /api/apps/shop/statements': says(Statements, { app: 'shop', since: null, statements: [] }),
  }
  assert.match((await typed(t, ['db', 'slow', 'shop'], nothing)).out, /nothing yet/)
})
