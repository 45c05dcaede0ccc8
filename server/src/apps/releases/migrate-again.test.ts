import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { Failure } from '../../kernel/failure.ts'
import type { MigrationList } from '../databases/migrations.ts'
import { cancelledFor, guarding, tryAgain, type Waited } from './migrate-again.ts'

const list = (more: Partial<MigrationList> = {}): MigrationList => ({
  ...{ applied: [], pending: ['1'], broken: [], edited: [], table: null, locked: null },
  ...more,
})
const failed = (why: string, facts: Record<string, unknown> = {}) =>
  new Failure('release.failed', 'x', { why, fix: 'y', facts })
const LOCK = failed('error: canceling statement due to lock timeout')
const one = { failure: LOCK, cancelled: false, tool: 'sql' as const, before: list(), after: list(), tries: 1 }

test('what waited for a lock in vain, or was cancelled, is tried again twice, where it left nothing', () => {
  assert.deepEqual(
    [1, 2, 3].map(tries => tryAgain({ ...one, tries })),
    [2_000, 6_000, null],
  )
  const cancelled = { ...one, failure: failed('canceling statement due to user request'), cancelled: true }
  assert.equal(tryAgain(cancelled), 2_000)
  const never = [
    { ...one, failure: failed('syntax error') },
    { ...one, failure: failed('lock timeout', { statements: { kept: [1], failed: 2, of: 2 } }) },
    { ...one, after: list({ broken: ['1'] }) },
    { ...one, after: list({ locked: 'knex migrate:unlock' }) },
    { ...one, after: null },
    { ...one, tool: 'prisma' as const },
    { ...one, tool: 'sequelize' as const },
    { ...one, tool: null },
  ]
  assert.deepEqual(
    never.map(tryAgain),
    never.map(() => null),
  )
  const kept = failed('lock timeout', { statements: { kept: [], failed: 1, of: 2 } })
  assert.equal(tryAgain({ ...one, failure: kept }), 2_000)
})

test('a session for which others wait too long is cancelled once', async () => {
  const cancelled: number[] = []
  const waited: Waited = { pid: 7, sessions: 3, ms: 900, statement: 'alter table guest' }
  const guard = guarding({
    mostMs: 1_000,
    async waited() {
      waited.ms += 200
      return { ...waited }
    },
    cancel: async pid => void cancelled.push(pid),
  })
  await sleep(1_800)
  guard.stop()
  assert.deepEqual(cancelled, [7])
  const said = cancelledFor(failed('57014'), { ...guard.cancelled()!, ms: 10_400 })
  assert.match(
    said.why,
    /^it was cancelled, because 3 sessions of the app had waited 10 s for it, at: alter table guest\n57014$/,
  )
  assert.deepEqual(said.facts['waited'], { sessions: 3, ms: 10_400 })
})
