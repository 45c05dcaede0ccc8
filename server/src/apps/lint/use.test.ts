import assert from 'node:assert/strict'
import { test } from 'node:test'
import { loadModule } from 'libpg-query'
import { openStore } from '../../db/db.ts'
import { usesIn } from '../../drivers/libpg-query/program.ts'
import { useStore } from './store.ts'
import { createUse } from './use.ts'

await loadModule()
const TEXTS = new Map([
  ['1', 'select name from guest'],
  ['2', 'select old from guest'],
  ['3', 'select (('],
])

test('what the release that serves asks is told from what an earlier one asked', async () => {
  const state = { now: 1_000, release: 'r1', calls: new Map<string, number>() as Map<string, number> | null }
  const use = createUse({
    store: useStore(openStore(':memory:')),
    parser: { uses: async texts => texts.map(usesIn) },
    clock: { now: () => state.now } as Parameters<typeof createUse>[0]['clock'],
    serving: async () => [{ app: 'shop', release: state.release }],
    calls: async () => state.calls,
    texts: async (_, ids) => new Map([...TEXTS].filter(([id]) => ids.includes(id))),
  })
  const later = (calls: Record<string, number>) => {
    state.now += 1_000
    state.calls = new Map(Object.entries(calls))
  }
  const asked = async () =>
    (await use.served('shop'))?.statements.map(({ text, lastAsked }) => [text, lastAsked])

  assert.deepEqual(await asked(), [])
  later({ 1: 4, 2: 1 })
  assert.deepEqual(await asked(), [
    ['select name from guest', 2_000],
    ['select old from guest', 2_000],
  ])
  // The next release asks one of them no more. What was asked before anybody knew of it is nobody's.
  state.release = 'r2'
  later({ 1: 5, 2: 2 })
  assert.deepEqual(await use.served('shop'), { release: 'r2', since: 3_000, statements: [], unread: 0 })
  later({ 1: 6, 2: 2, 3: 1 })
  await use.tick()
  later({ 1: 6, 2: 2, 3: 1 })
  const served = (await use.served('shop'))!
  assert.deepEqual(
    [served.statements.map(({ text, columns }) => [text, columns]), served.unread],
    [[['select name from guest', ['name']]], 1],
  )
  // PostgreSQL forgets statements, and counts anew.
  later({ 1: 1 })
  assert.deepEqual(await asked(), [['select name from guest', 6_000]])
  state.calls = null
  assert.equal(await use.served('shop'), null)
  assert.equal(await use.served('other'), null)
})
