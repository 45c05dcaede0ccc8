import assert from 'node:assert/strict'
import { test } from 'node:test'
import { release } from './plan.fixture.ts'
import { type SchemaNow, schemaNotices } from './schema-rule.ts'

const releases = [
  release(3, { migrations: ['003'] }),
  release(2, { migrations: ['002'] }),
  release(1, { migrations: ['001'] }),
]
const now = (r1: string[], r2: string[], r3: string[], all = ['001', '002', '003']): SchemaNow =>
  new Map(
    [r1, r2, r3].map((applied, n) => [
      `r${n + 1}`,
      { applied, pending: all.slice(0, n + 1).filter(name => !applied.includes(name)) },
    ]),
  )
const said = (to: number, schema: SchemaNow | null) =>
  schemaNotices(releases.find(r => r.number === to)!, releases, schema)

test('migrations that the database has stay; those that a restore took away are told, and those that are missing', () => {
  assert.deepEqual(said(1, now(['001'], ['001', '002'], ['001', '002', '003'])), [
    '2 migrations ran since r1 and stay: 003 (r3) and 002 (r2). r1 must be able to live with that schema.',
  ])
  assert.deepEqual(said(1, now(['001'], ['001', '002'], ['001', '002'])), [
    '1 migration ran since r1 and stays: 002 (r2). r1 must be able to live with that schema.',
    '1 migration ran since r1, and the database has it no more, as after a restore: 003 (r3).',
  ])
  assert.deepEqual(said(2, now(['001'], ['001'], ['001'])), [
    '1 migration ran since r2, and the database has it no more, as after a restore: 003 (r3).',
    'r2 would still need 002: the database does not have it, and no release step runs here. `inn deploy` of that source runs it.',
  ])
  assert.deepEqual(said(3, now(['001'], ['001'], ['001'])), [
    'r3 would still need 002 and 003: the database does not have them, and no release step runs here. `inn deploy` of that source runs it.',
  ])
})

test('a database that cannot be asked: what was noted is told as that', () => {
  assert.deepEqual(said(2, null), [
    '1 migration ran since r2 and stays: 003 (r3). r2 must be able to live with that schema. (As it was noted then: the database could not be asked.)',
  ])
  assert.deepEqual(said(3, null), [])
})
