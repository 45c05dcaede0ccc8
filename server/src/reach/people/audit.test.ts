import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { openStore } from '../../db/db.ts'
import { sqliteJournal } from '../../engine/sqlite-journal.ts'
import { auditLog } from './audit.ts'
import { tokenStore } from './store.ts'

function books(t: TestContext) {
  const store = openStore(':memory:')
  t.after(() => store.close())
  let now = 1_000
  return { audit: auditLog(store, () => now++), journal: sqliteJournal(store.raw), store }
}
const entry = (run: string | null, detail = 'x') => ({
  actor: 'anna',
  action: 'deploy',
  app: 'shop',
  run,
  detail,
})
const plan = {
  kind: 'deploy',
  title: 'deploy shop',
  app: 'shop',
  release: null,
  locks: ['app:shop'],
  steps: [],
  cleanup: [],
  notices: [],
}

test('entries come newest first, with the time and who did what', async t => {
  const { audit } = books(t)
  await audit.write(entry(null, 'one'))
  const second = await audit.write({ ...entry(null, 'two'), app: null })
  const [last, first] = await audit.list({ limit: 500 })
  assert.deepEqual(last, {
    id: second,
    at: '1970-01-01T00:00:01.001Z',
    actor: 'anna',
    action: 'deploy',
    app: null,
    run: null,
    detail: 'two',
    outcome: 'done',
  })
  assert.equal(first!.detail, 'one')
  assert.equal((await audit.list({ limit: 1 })).length, 1)
})

test('only entries of an app, of a person, or before another one, are asked for', async t => {
  const { audit } = books(t)
  for (const app of ['shop', 'blog', null])
    for (const actor of ['anna', 'otto']) await audit.write({ ...entry(null), app, actor })
  const ids = async (query: object) =>
    (await audit.list({ limit: 100, ...query })).map(one => `${one.id} ${one.actor} ${one.app}`)
  assert.deepEqual(await ids({ app: 'shop' }), ['2 otto shop', '1 anna shop'])
  assert.deepEqual(await ids({ actor: 'otto' }), ['6 otto null', '4 otto blog', '2 otto shop'])
  assert.deepEqual((await ids({ actor: 'TT' })).length, 3)
  assert.deepEqual(await ids({ actor: 'otto', before: 4 }), ['2 otto shop'])
  assert.deepEqual(await ids({ app: 'blog', actor: 'nobody' }), [])
  assert.deepEqual(await ids({ limit: 1, before: 6 }), ['5 anna null'])
})

test('the outcome of a run is what became of it, as far as it is known', async t => {
  const { audit, journal } = books(t)
  const outcome = async () => (await audit.list({ limit: 500 }))[0]!.outcome
  await audit.write(entry('run-1'))
  assert.equal(await outcome(), 'begun', 'the keeper was killed before the run was in the journal')
  journal.open({ id: 'run-1', plan, actor: 'anna', startedAt: 1 })
  assert.equal(await outcome(), 'running')
  journal.end('run-1', { outcome: 'undone', leftover: [], endedAt: 2 })
  assert.equal(await outcome(), 'undone')
})

test('long work that is no run is begun, and its end is written later', async t => {
  const { audit } = books(t)
  const id = await audit.write(entry(null), 'begun')
  await audit.write(entry(null, 'another'))
  await audit.ended(id, 'exit code 1')
  assert.deepEqual(
    (await audit.list({ limit: 500 })).map(one => one.outcome),
    ['done', 'exit code 1'],
  )
})

/** Tokens by their key; `maker` is who made them. */
function tokens(t: TestContext, makers: Record<string, string | null>) {
  const { store } = books(t)
  const kept = tokenStore(store)
  for (const [key, maker] of Object.entries(makers))
    kept.add({ key, role: 'operator', maker, made_by: 'anna' })
  return kept
}

test('a token is found by its key, with its role and who made it', t => {
  const kept = tokens(t, { ci: 'person:anna' })
  assert.deepEqual(
    { ...kept.find('ci') },
    { key: 'ci', role: 'operator', maker: 'person:anna', made_by: 'anna' },
  )
  assert.equal(kept.find('none'), null)
  assert.equal(kept.all().length, 1)
})

test('with a token end those that were made with it, and with those, and no others', t => {
  const kept = tokens(t, {
    ci: 'person:anna',
    child: 'token:ci',
    grandchild: 'token:child',
    other: 'person:anna',
    root: null,
  })
  assert.deepEqual(kept.end('ci').toSorted(), ['child', 'ci', 'grandchild'])
  assert.deepEqual(
    kept
      .all()
      .map(row => row.key)
      .toSorted(),
    ['other', 'root'],
  )
  assert.deepEqual(kept.end('ci'), [], 'a second time ends nothing')
})

test('with a maker end all that they made, however far down, and nothing of somebody else', t => {
  const kept = tokens(t, {
    one: 'person:anna',
    two: 'person:anna',
    below: 'token:two',
    eves: 'person:eve',
    root: null,
  })
  assert.deepEqual(kept.endMadeBy('person:anna').toSorted(), ['below', 'one', 'two'])
  assert.deepEqual(
    kept
      .all()
      .map(row => row.key)
      .toSorted(),
    ['eves', 'root'],
  )
})

test('tokens that made each other end, and do not go on for ever', t => {
  const kept = tokens(t, { a: 'token:b', b: 'token:a' })
  assert.deepEqual(kept.end('a').toSorted(), ['a', 'b'])
})
