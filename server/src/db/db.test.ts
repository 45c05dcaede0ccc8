import assert from 'node:assert/strict'
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, test } from 'node:test'
import { type Cipher, ENCRYPTED_BEGIN, isEncrypted, PLAIN } from '../kernel/cipher.ts'
import { describe } from '../kernel/failure.ts'
import { beginStopped, copyStore } from './copy.ts'
import { openStore } from './db.ts'
import { encryptAll, hasEncrypted } from './encrypt.ts'
import { isNewerStore, keepStore, putStore, storeVersion, underWay } from './file.ts'
import { migrate } from './migrations.ts'
import { keepSetting, keptSecret, readSetting } from './setting.ts'

const folder = mkdtempSync(join(tmpdir(), 'inn-db-'))
after(() => rmSync(folder, { recursive: true, force: true }))
const path = (name: string) => join(folder, name)

const version = (db: DatabaseSync): number =>
  (db.prepare('pragma user_version').get() as { user_version: number }).user_version
const shape = (db: DatabaseSync): unknown =>
  db
    .prepare(
      `select type, name, tbl_name, sql from sqlite_master where name not like 'sqlite_%' order by name`,
    )
    .all()

test('a store of every earlier version is brought to the same shape', () => {
  const fresh = new DatabaseSync(':memory:')
  migrate(fresh)
  const last = version(fresh)
  assert.ok(last > 5)
  for (let at = 1; at < last; at++) {
    const old = new DatabaseSync(':memory:')
    migrate(old, at)
    assert.equal(version(old), at)
    migrate(old)
    assert.equal(version(old), last)
    assert.deepEqual(shape(old), shape(fresh), `from version ${at}`)
    migrate(old)
    assert.equal(version(old), last, 'a second time changes nothing')
  }
})

test('a migration that fails leaves the version before it, with nothing of its own', () => {
  const has = (db: DatabaseSync, table: string): boolean =>
    db.prepare('select 1 from sqlite_master where name = ?').get(table) !== undefined
  // The migration that makes the tables copy and comparison, in this order.
  let at = 0
  for (const db = new DatabaseSync(':memory:'); !has(db, 'comparison'); at++) migrate(db, at + 1)
  const db = new DatabaseSync(':memory:')
  migrate(db, at - 1)
  db.exec('create table comparison (run text)')
  assert.throws(() => migrate(db), /comparison already exists/)
  assert.equal(version(db), at - 1)
  assert.equal(has(db, 'copy'), false, 'what it had made before it failed is gone')
  db.exec('drop table comparison')
  migrate(db)
  assert.ok(has(db, 'copy') && has(db, 'comparison'))
})

test('the file is its owner’s alone, with the side files that SQLite makes', async () => {
  const store = openStore(path('private.db'), PLAIN)
  await keepSetting(store, 'a', 'b')
  for (const side of ['', '-wal', '-shm'])
    assert.equal(statSync(path(`private.db${side}`)).mode & 0o777, 0o600, side)
  await store.close()
})

test('a setting is kept and replaced; a secret is made once', async () => {
  const store = openStore(':memory:')
  assert.equal(await readSetting(store, 'kit'), null)
  await keepSetting(store, 'kit', 'one')
  await keepSetting(store, 'kit', 'two')
  assert.equal(await readSetting(store, 'kit'), 'two')
  let made = 0
  const make = () => `secret ${++made}`
  assert.equal(await keptSecret(store, 'auth', make), 'secret 1')
  assert.equal(await keptSecret(store, 'auth', make), 'secret 1')
  assert.equal(await keptSecret(store, 'backups', make), 'secret 2')
  await store.close()
})

test('a transaction that the disk has no room for says so, and the next one works', async () => {
  const store = openStore(':memory:')
  const pages = () => Number(store.raw.prepare('pragma page_count').get()!['page_count'])
  const write = (value: string) =>
    store.sql.transaction().execute(trx =>
      trx
        .insertInto('setting')
        .values({ name: value.slice(0, 5), value })
        .execute(),
    )
  store.raw.exec(`pragma max_page_count = ${pages()}`)
  await assert.rejects(write('large'.repeat(100_000)), (error: Error) => describe(error).code === 'disk.full')
  store.raw.exec(`pragma max_page_count = ${pages() + 1_000}`)
  await write('large'.repeat(100_000))
  await store.close()
})

test('a copy of the store holds no lock, no open run and no point that is being taken', async () => {
  const store = openStore(path('copied.db'))
  store.raw.exec(`
    insert into run (id, kind, plan, actor, state, started_at) values ('a', 'deploy', '{}', 'anna', 'running', 7);
    insert into run (id, kind, plan, actor, state, outcome, started_at, ended_at)
      values ('b', 'deploy', '{}', 'anna', 'ended', 'done', 1, 2);
    insert into lock values ('app:shop', 'a', 7);
    insert into app (name, port, state, live, warm, scale, created_at) values ('shop', 20001, 'running', '{}', '{"api":1}', '{}', 1), ('off', 20002, 'stopped', '{}', '{}', '{}', 1);
    insert into retirement (app, service, release, colour, since, warm_until, drain_until) values ('shop', 'api', 'r1', 'blue', 1, 2, 3);
  `)
  store.raw.exec(`
    insert into point (name, kind, app, at, state, places, releases, parts, missing, manifest)
      values ('own', 'schedule', null, 5, 'taking', '["disk"]', '{}', '[]', '[]', '{}'),
             ('of-shop', 'schedule', 'shop', 5, 'taking', '["disk"]', '{}', '[]', '[]', '{}');
  `)
  copyStore(store.raw, path('copy.db'))
  const copy = new DatabaseSync(path('copy.db'))
  assert.deepEqual(
    copy
      .prepare('select id, state, outcome, ended_at from run order by id')
      .all()
      .map(row => ({ ...row })),
    [
      { id: 'a', state: 'ended', outcome: 'undone', ended_at: 7 },
      { id: 'b', state: 'ended', outcome: 'done', ended_at: 2 },
    ],
  )
  assert.equal(copy.prepare('select count(*) as n from lock').get()!['n'], 0)
  assert.equal(
    store.raw.prepare('select count(*) as n from lock').get()!['n'],
    1,
    'the store itself is as it was',
  )
  copy.close()

  const from = { point: 'own', parts: [{ of: 'keeper/state' }], endedAt: 9 }
  assert.deepEqual(beginStopped(path('copy.db'), from), ['shop'])
  const begun = new DatabaseSync(path('copy.db'))
  assert.deepEqual(
    begun
      .prepare('select name, state, reason is null as well, parts, ended_at from point order by name')
      .all()
      .map(row => Object.values(row)),
    [
      ['of-shop', 'failed', 0, '[]', null],
      ['own', 'good', 1, '[{"of":"keeper/state"}]', 9],
    ],
    'the point that all of it came from is whole',
  )
  assert.deepEqual(
    begun
      .prepare('select name, state, warm from app order by name')
      .all()
      .map(row => ({ ...row })),
    [
      { name: 'off', state: 'stopped', warm: '{}' },
      { name: 'shop', state: 'stopped', warm: '{}' },
    ],
  )
  assert.equal(begun.prepare('select count(*) as n from retirement').get()!['n'], 0)
  begun.close()
  await store.close()
})

test('a kept store comes back whole, and nothing of what was written after it', async () => {
  const [live, kept] = [path('live.db'), path('kept.db')]
  const store = openStore(live, PLAIN)
  await keepSetting(store, 'a', 'before')
  keepStore(live, kept)
  assert.equal(statSync(kept).mode & 0o777, 0o600)
  await keepSetting(store, 'a', 'after')
  store.raw.exec('pragma user_version = 1000')
  assert.deepEqual([storeVersion(live), isNewerStore(live), isNewerStore(kept)], [1000, true, false])
  // As a killed keeper leaves it: what was written last lies in the side file.
  const killed = path('killed.db')
  for (const end of ['', '-wal']) copyFileSync(`${live}${end}`, `${killed}${end}`)
  await store.close()
  putStore(kept, killed)
  assert.equal(existsSync(`${killed}-wal`), false)
  const back = openStore(killed, PLAIN)
  assert.equal(await readSetting(back, 'a'), 'before')
  await back.close()
  assert.ok(existsSync(kept))
})

test('what is under way in a store is told by its title', () => {
  const file = path('busy.db')
  const { raw } = openStore(file)
  assert.equal(underWay(file), null)
  raw.exec(
    `insert into run (id, kind, plan, actor, state, started_at) values ('1', 'deploy', '{"title":"deploy shop r2"}', 'x', 'running', 1)`,
  )
  assert.equal(underWay(file), 'deploy shop r2')
  raw.close()
})

/** Encrypts in a way that a test can read. */
const TURNED: Cipher = {
  encrypt: async text => `${ENCRYPTED_BEGIN}\n${[...text].reverse().join('')}`,
  decrypt: async kept =>
    isEncrypted(kept) ? [...kept.slice(ENCRYPTED_BEGIN.length + 1)].reverse().join('') : kept,
}

test('what an earlier version kept as it was is encrypted, reads the same, and is nowhere in the file', async () => {
  const file = path('encrypted.db')
  const plain = openStore(file, PLAIN)
  await keepSetting(plain, 'a', 'geheim-'.repeat(3_000))
  plain.raw.exec(`
    insert into app (name, port, state, live, warm, scale, created_at) values ('shop', 1, 'new', '{}', '{}', '{}', 1);
    insert into release (app, id, number, state, actor, source, spec, env, migrations, created_at)
      values ('shop', 'r1', 1, 'ready', 'anna', '', '{}', '{"KEY":"geheim"}', '[]', 1);
    insert into channel (name, kind, settings, secret, instead_after_ms, created_at)
      values ('ops', 'slack', '{}', 'geheim', 0, 1), ('mine', 'email', '{}', '', 0, 1)`)
  assert.equal(hasEncrypted(plain), false)
  await plain.close()
  assert.match(readFileSync(file, 'latin1'), /geheim/)
  const store = openStore(file, TURNED)
  await encryptAll(store, assert.ifError)
  assert.equal(hasEncrypted(store), true)
  assert.equal(await readSetting(store, 'a'), 'geheim-'.repeat(3_000))
  const columns = store.raw
    .prepare('select env from release union all select secret from channel order by 1')
    .all()
  assert.deepEqual(
    columns.map(({ env }) => String(env).startsWith(ENCRYPTED_BEGIN)),
    [false, true, true],
    'a channel without a secret has nothing to encrypt',
  )
  for (const end of ['', '-wal']) assert.doesNotMatch(readFileSync(`${file}${end}`, 'latin1'), /geheim/)
  await encryptAll(store, assert.ifError)
  assert.equal(await readSetting(store, 'a'), 'geheim-'.repeat(3_000))
  await store.close()
})

test('what is cut before the file is written anew, or meets a reader, leaves no plain text after the next start', async () => {
  const file = path('cut.db')
  const plain = openStore(file, PLAIN)
  await keepSetting(plain, 'a', 'geheim-'.repeat(3_000))
  await plain.close()
  const holds = (): boolean =>
    ['', '-wal'].some(end => readFileSync(`${file}${end}`).includes('geheim-geheim'))
  const failures: string[] = []
  const encrypt = async (during: { open(raw: DatabaseSync): void; close(raw: DatabaseSync): void }) => {
    const store = openStore(file, TURNED)
    store.raw.exec('pragma secure_delete = off; pragma busy_timeout = 0')
    during.open(store.raw)
    await encryptAll(store, error => failures.push(error.message))
    during.close(store.raw)
    assert.equal(await readSetting(store, 'a'), 'geheim-'.repeat(3_000))
    const left = holds()
    await store.close()
    return left
  }
  const cut = {
    open: (raw: DatabaseSync) => raw.exec('begin'),
    close: (raw: DatabaseSync) => raw.exec('commit'),
  }
  assert.equal(await encrypt(cut), true)
  const reader = new DatabaseSync(file)
  const read = { open: () => reader.exec('begin; select 1 from setting'), close: () => reader.exec('commit') }
  await encrypt(read)
  reader.close()
  assert.match(failures.join(), /^cannot VACUUM.*,another program reads the store$/)
  assert.equal(await encrypt({ open() {}, close() {} }), false)
  assert.equal(failures.length, 2)
  const store = openStore(file, TURNED)
  assert.deepEqual(
    store.raw
      .prepare('select name from setting')
      .all()
      .map(({ name }) => name),
    ['a'],
  )
  await store.close()
})

test('a store that was opened without its key refuses to read or keep a secret', async () => {
  const store = openStore(path('keyless.db'))
  await assert.rejects(keepSetting(store, 'a', 'b'), /without its key/)
  assert.equal(await readSetting(store, 'a'), null)
  await store.close()
})
