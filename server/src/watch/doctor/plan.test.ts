import assert from 'node:assert/strict'
import { test } from 'node:test'
import { apiWith, peopleOf } from '../../api/api.fixture.ts'
import { typed } from '../../bin/program.fixture.ts'
import { failsWith, says } from '../../cli/stand-in.fixture.ts'
import type { DatabaseFacts, TableFacts } from './facts.ts'
import { healthOf, open } from './open.ts'
import { planVacuum } from './plan.ts'
import { DatabaseHealth } from './wire.ts'

const table = (name: string, more: Partial<TableFacts> = {}): TableFacts => ({
  ...{ name, bytes: 50e6, indexBytes: 10e6, rows: 100_000, deadRows: 0, changedSinceAnalyze: 0 },
  ...{ vacuumedAt: 0, analyzedAt: 0, scans: 0, scannedRows: 0, indexScans: 0, hasKey: true },
  ...{ unattended: false, age: 1_000 },
  ...more,
})
const TABLES = [
  table('public.guest', { deadRows: 5_000 }),
  table('public."Odd Name"'),
  table('public.bill', { changedSinceAnalyze: 10_001 }),
  table('old.guest', { analyzedAt: null }),
]
const steps = (named: string | null) =>
  planVacuum('shop', TABLES, named).steps.map(({ does }) => does.kind === 'database.vacuum' && does.table)

test('tables that need it, the worst first, or the one that is named in any way', () => {
  assert.deepEqual(steps(null), ['public.guest', 'public.bill', 'old.guest'])
  assert.deepEqual(steps('public."Odd Name"'), ['public."Odd Name"'])
  assert.deepEqual(steps('public.Odd Name'), ['public."Odd Name"'])
  assert.deepEqual(steps('Odd Name'), ['public."Odd Name"'])
  assert.deepEqual(steps('old.guest'), ['old.guest'])
  assert.throws(() => steps('guest'), failsWith('table.unknown'))
  assert.throws(() => steps('gest; drop table guest'), failsWith('table.unknown'))
  assert.throws(() => planVacuum('shop', [table('public.room')], null), failsWith('vacuum.nothing'))
})

const FACTS: DatabaseFacts = {
  ...{ at: 0, since: null, bytes: 1e9, tables: TABLES, indexes: [], foreignKeys: [], sequences: [], age: 9 },
  ...{ connections: { used: 99, most: 100 }, blocks: { found: 3, read: 1 } },
  ...{ checkpoints: { timed: 1, requested: 0 }, temporaryBytes: 0, settings: {} },
}

test('who may see an app sees how its database is, and who may change it vacuums', async t => {
  const crowd = peopleOf({
    vera: 'viewer',
    otto: { apps: { shop: 'operator' } },
    bob: { apps: { bar: 'operator' } },
  })

  const planned: string[] = []
  const part = open({
    async knownApp() {},
    databaseWatch: { async tick() {}, alarms: async () => [] },
    doctor: {
      facts: async app => (app === 'none' ? null : FACTS),
      async vacuum() {},
      tuning: async () => null,
      async restart() {},
    },
    answer: async (_, __, plan) => {
      planned.push(plan.title)
      return { plan: { ...plan, digest: 'x' } as never }
    },
  })
  const api = await apiWith(t, crowd, app => part.routes!(app))
  const ask = async (as: string, method: 'GET' | 'POST', url: string, payload?: object) => {
    const headers = { cookie: as, host: 'keeper', origin: 'http://keeper' }
    return api.inject({ method, url, headers, ...(payload === undefined ? {} : { payload }) })
  }
  const seen = await ask('vera', 'GET', '/api/apps/shop/database')
  assert.deepEqual([seen.statusCode, seen.json().largest.length, seen.json().fromMemory], [200, 4, 0.75])
  assert.equal((await ask('vera', 'GET', '/api/apps/none/database')).json().failure.code, 'database.none')
  assert.equal((await ask('vera', 'POST', '/api/apps/shop/vacuum', {})).statusCode, 403)
  await ask('otto', 'POST', '/api/apps/shop/vacuum', { table: 'bill', plan: true })
  assert.deepEqual(planned, ['vacuum public.bill of shop'])
})

test('inn db doctor shows what is wrong with what mends it', async t => {
  const answers = { 'GET /api/apps/shop/database': says(DatabaseHealth, healthOf('shop', FACTS)) }
  const { out, code } = await typed(t, ['db', 'doctor', 'shop'], answers)
  assert.equal(code, 1)
  assert.match(out, /shop: 954 MB in 4 tables, 99 of 100 connections, 75\.0 % of its blocks from memory/)
  assert.match(out, /public\.guest +48 MB +9\.5 MB +100,000 +5,000/)
  assert.match(out, /✗ 99 of 100 connections are taken/)
  assert.match(out, /analyze old\.guest;/)
})
