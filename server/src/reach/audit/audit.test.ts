import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { openStore } from '../../db/db.ts'
import { sqliteJournal } from '../../engine/sqlite-journal.ts'
import { auditLog } from './audit.ts'

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

test('each entry has the hash of the one before it in its own, also what became of it later', async t => {
  const { audit, journal, store } = books(t)
  const work = await audit.write(entry(null), 'begun')
  await audit.write(entry('run-1'))
  journal.open({ id: 'run-1', plan, actor: 'anna', startedAt: 1 })
  await audit.settle()
  await audit.ended(work, 'exit code 1')
  journal.end('run-1', { outcome: 'undone', leftover: [], endedAt: 2 })
  // The keeper was killed before it wrote that down.
  await auditLog(store, () => 9).settle()
  await auditLog(store, () => 9).settle()
  assert.deepEqual(
    audit.chain(0).map(({ id, of, outcome }) => [id, of, outcome]),
    [
      [1, null, 'begun'],
      [2, null, 'begun'],
      [3, 1, 'exit code 1'],
      [4, 2, 'undone'],
    ],
  )
  assert.equal(await audit.broken(), null)
  assert.deepEqual(
    (await audit.list({ limit: 10 })).map(one => [one.id, one.outcome]),
    [
      [2, 'undone'],
      [1, 'exit code 1'],
    ],
  )
  // The journal may be changed by hand as well: what was written when the run ended stays.
  store.raw.exec("update run set outcome = 'done'")
  assert.equal((await audit.list({ limit: 10 }))[0]!.outcome, 'undone')
})

test('an entry that was changed, added or taken away is found; so is an outcome', async t => {
  const cases: Array<[sql: string, broken: number]> = [
    ["update audit set actor = 'otto' where id = 2", 2],
    ["update audit set outcome = 'done' where of is not null", 4],
    ['delete from audit where id = 2', 3],
    [
      "insert into audit (id, at, actor, action, detail, outcome, hash) values (9, 0, 'x', 'x', 'x', 'x', 'x')",
      9,
    ],
    ['update audit set app = null, hash = (select hash from audit where id = 3) where id = 3', 3],
  ]
  for (const [sql, id] of cases) {
    const { audit, store } = books(t)
    const first = await audit.write(entry(null), 'begun')
    for (let n = 0; n < 2; n++) await audit.write(entry(null))
    await audit.ended(first, 'exit code 1')
    await audit.write(entry(null))
    assert.equal(await audit.broken(), null)
    store.raw.exec(sql)
    assert.equal((await audit.broken())?.id, id, sql)
  }
})

test('text that SQLite does not keep as it is leaves the log whole', async t => {
  const { audit } = books(t)
  await audit.write({ ...entry(null, 'half a sign: \ud83d'), actor: '\udc00', app: 'a\ud800' })
  await audit.write(entry(null))
  assert.equal(await audit.broken(), null)
  assert.equal((await audit.list({ limit: 2 }))[1]!.detail, 'half a sign: \ufffd')
})

test('an entry stays when a transaction is taken back that was open meanwhile', async t => {
  const { audit, store, journal } = books(t)
  const begun = Promise.withResolvers<void>()
  const goOn = Promise.withResolvers<void>()
  const other = store.sql.transaction().execute(async sql => {
    await sql.selectFrom('audit').select('id').execute()
    begun.resolve()
    await goOn.promise
    throw new Error('taken back')
  })
  await begun.promise
  const written = audit.write(entry('run-1'))
  goOn.resolve()
  await assert.rejects(other, /taken back/)
  assert.equal(await written, 1)
  journal.open({ id: 'run-1', plan, actor: 'anna', startedAt: 1 })
  journal.end('run-1', { outcome: 'done', leftover: [], endedAt: 2 })
  await audit.settle()
  assert.deepEqual(
    audit.chain(0).map(one => [one.id, one.of]),
    [
      [1, null],
      [2, 1],
    ],
  )
})

test('entries of before there were hashes are sealed when the log is opened', async t => {
  const { store } = books(t)
  for (const id of [1, 2])
    store.raw.exec(
      `insert into audit (id, at, actor, action, detail, outcome) values (${id}, 5, 'anna', 'deploy', 'x', 'done')`,
    )
  const audit = auditLog(store, () => 9)
  await audit.write(entry(null))
  assert.equal(await audit.broken(), null)
  assert.equal(audit.chain(0).length, 3)
  assert.deepEqual(
    audit.chain(1, 1).map(one => one.id),
    [2],
  )
})
