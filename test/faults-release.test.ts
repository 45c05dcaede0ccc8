import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import pg from 'pg'
import { commit, type Fixture, makeApp, serverJs, yaml } from './kit/app.ts'
import { type Proof, prove } from './kit/proof.ts'
import { makeServer, type Server } from './kit/server.ts'

const NAME = 't-release'
const DATABASE = 'database: { postgres: true }\n'
const SQL = 'migrations: { tool: sql, folder: db }\n'
const plain = yaml(NAME, DATABASE + SQL)

/** A release command of the app's own, that is to apply what lies in db/. */
const running = (command: string[], more = SQL): string =>
  yaml(
    NAME,
    `${DATABASE}${more}release: { command: ${JSON.stringify(command)}, lockTimeout: 1s, timeout: 8s }\n`,
  )

let server: Server
let app: Fixture
let proof: Proof

before(async () => {
  server = await makeServer()
  app = await makeApp(server, NAME, {
    'innkeeper.yaml': plain,
    'server.js': serverJs('v1'),
    'db/001.sql': 'create table room (id int primary key, name text);\n',
  })
  proof = await prove(server, app)
})

after(async () => {
  await proof?.visitors.leave()
  await server?.remove()
})

async function bad(code: string, files: Record<string, string>) {
  await app.write(files)
  const failure = await proof.harmless(code, () => app.deploy())
  await app.write({
    ...Object.fromEntries(Object.keys(files).map(f => [f, null])),
    'innkeeper.yaml': plain,
  })
  return failure
}

/** The app's database as the cluster's own superuser. */
async function database<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
  const text = (name: string) => readFile(join(server.home, 'postgres', 't-release', name), 'utf8')
  const client = new pg.Client({
    host: '127.0.0.1',
    port: Number(await text('port')),
    user: 'innkeeper',
    password: (await text('password')).trim(),
    database: 't_release',
  })
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

const applied = (): Promise<string[]> =>
  database(async client =>
    (await client.query<{ name: string }>('select name from schema_migrations order by name')).rows.map(
      row => row.name,
    ),
  )

test('a command that fails', async () => {
  const failure = await bad('release.failed', {
    'innkeeper.yaml': running([
      'node',
      '-e',
      `console.error('column guest.email does not exist'); process.exit(1)`,
    ]),
  })
  assert.match(failure.why, /guest\.email/)
  assert.match(failure.why, /no migration was applied/)
})

test('a file that fails is rolled back whole', async () => {
  const failure = await bad('release.failed', {
    'db/002.sql': 'create table half (id int);\ninsert into nowhere values (1);\n',
  })
  assert.match(failure.what, /002\.sql/)
  const { rows } = await database(c => c.query(`select to_regclass('half') as half`))
  assert.equal(rows[0].half, null)
  assert.deepEqual(await applied(), ['001.sql'])
})

test('the second of two files fails: the answer says that the first one stays', async () => {
  const failure = await bad('release.failed', {
    'db/002.sql': 'create table one (id int);\n',
    'db/003.sql': 'insert into nowhere values (1);\n',
  })
  assert.match(failure.what, /003\.sql/)
  assert.match(failure.why, /002\.sql was applied and stays/)
  assert.deepEqual(failure.facts!['applied'], ['002.sql'])
  assert.deepEqual(await applied(), ['001.sql', '002.sql'])
  // What is in the database stays in the repository.
  await app.write({ 'db/002.sql': 'create table one (id int);\n' })
})

test('a command that asks something finds nobody, and does not wait for an answer', async () => {
  const asks = `require('readline').createInterface({input: process.stdin}).question('Truncate room? ', () => {}); process.stdin.on('end', () => { console.log('no answer'); process.exit(2) })`
  const failure = await bad('release.failed', { 'innkeeper.yaml': running(['node', '-e', asks]) })
  assert.match(failure.why, /Truncate room\?/)
})

test('a command that hangs is ended at its timeout', async () => {
  const failure = await bad('exec.timeout', {
    'innkeeper.yaml': running(['node', '-e', 'setInterval(() => {}, 1000)']).replace(
      'timeout: 8s',
      'timeout: 1s',
    ),
  })
  assert.match(failure.what, /was stopped/)
})

test('a lock that somebody holds: it gives up soon, and says who holds it', async () => {
  await database(async client => {
    await client.query('begin; lock table room in access exclusive mode')
    const failure = await bad('release.failed', { 'db/003.sql': 'alter table room add column floor int;\n' })
    await client.query('rollback')
    assert.match(failure.why, /session \d+ of innkeeper/)
  })
})

test('the same with a command of the app', async () => {
  await database(async client => {
    await client.query('begin; lock table room in access exclusive mode')
    const psql = [
      'sh',
      '-c',
      'psql "$DATABASE_URL" -v ON_ERROR_STOP=1 -c "alter table room add column floor int"',
    ]
    // Long enough to be seen waiting.
    const config = running(psql).replace('lockTimeout: 1s', 'lockTimeout: 3s')
    const failure = await bad('release.failed', { 'innkeeper.yaml': config })
    await client.query('rollback')
    assert.match(failure.why, /lock timeout/)
    assert.match(failure.why, /session \d+ of innkeeper/)
  })
})

test('a migration for which the app waits too long is cancelled', async () => {
  const psql = [
    'sh',
    '-c',
    'psql "$DATABASE_URL" -v ON_ERROR_STOP=1 -c "begin; lock table room; select pg_sleep(30)"',
  ]
  const config = running(psql).replace('lockTimeout: 1s', 'lockTimeout: 1s, blockTimeout: 1s')
  let over = false
  // The app asks all the time.
  const asking = (async () => {
    while (!over) await server.inn(['db', 'shell', NAME], { input: 'select count(*) from room;\n' })
  })()
  const failure = await bad('release.failed', { 'innkeeper.yaml': config })
  over = true
  await asking
  assert.match(
    failure.why,
    /it was cancelled, because 1 session of the app had waited \d s for it, at: begin; lock table room/,
  )
})

test('a command that exits 0 and applied nothing', async () => {
  const failure = await bad('release.nothing-applied', {
    'innkeeper.yaml': running(['node', '-e', `console.log('all good')`]),
    'db/004.sql': 'create table never (id int);\n',
  })
  assert.deepEqual(failure.facts!['pending'], ['004.sql'])
})

test('drizzle-kit push that asked, and then said nothing', async () => {
  await app.write({
    'node_modules/.bin/drizzle-kit': '#!/bin/sh\necho "Is the column created or renamed?"\n',
  })
  await app.write({ 'innkeeper.yaml': running(['drizzle-kit', 'push'], '') })
  await commit(app.folder)
  await bad('release.nothing-applied', {
    'node_modules/.bin/drizzle-kit': '#!/bin/sh\necho "Is it renamed?"\n',
    'innkeeper.yaml': running(['drizzle-kit', 'push'], ''),
  })
})

test('after all of these, the next good deploy works and applies what is new', async () => {
  await app.write({ 'db/003.sql': 'alter table room add column floor int;\n' })
  await commit(app.folder)
  await proof.recovers()
  assert.deepEqual(await applied(), ['001.sql', '002.sql', '003.sql'])
})
