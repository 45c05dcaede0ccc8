import assert from 'node:assert/strict'
import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { differences } from '../server/src/data/restores/rule.ts'
import { execOk } from '../server/src/drivers/host/exec.ts'
import { withDatabase } from '../server/src/drivers/postgres/connect.ts'
import { newestMajor } from '../server/src/drivers/postgres/create.ts'
import { dumpOf } from '../server/src/drivers/postgres/dump.ts'
import { dumpFiles } from '../server/src/drivers/postgres/load.ts'
import { databasesElsewhere } from '../server/src/drivers/postgres/url.ts'
import { type Fixture, makeApp, serverJs, yaml } from './kit/app.ts'
import { backups, withOtherKey } from './kit/data.ts'
import { byRuns, killAt, momentsOf } from './kit/killer.ts'
import { makePostgres, type Postgres } from './kit/postgres.ts'
import { failureOf, good } from './kit/proof.ts'
import { underWay } from './kit/runs.ts'
import { type Ended, makeServer, type Server } from './kit/server.ts'
import { visit } from './kit/visitors.ts'

const NAME = 't-far'
const GUESTS = `create table guest (id int primary key, name text not null);
insert into guest select n, 'guest ' || n from generate_series(1, 300) n;
insert into guest values (301, 'guest 1');
create table "The (odd) one" (bits bytea, many text[]);
insert into "The (odd) one" select decode(md5(n::text), 'hex'), array[E'a\\tb\\nc', null, n::text] from generate_series(1, 50) n;
`

let managed: Postgres
let server: Server
let app: Fixture
/** Names of restore points: of all 301 guests, of whom two have the same name, and of 300. */
let twins: string
let whole: string

before(async () => {
  managed = await makePostgres()
  await managed.sql('postgres', `create role shop login createdb; create role reader login`)
  await managed.sql('postgres', 'create database shop owner shop')
  await managed.sql('postgres', `alter database shop set search_path to public, extra`)
  await managed.sql(
    'postgres',
    `revoke all on database shop from public; grant connect on database shop to reader`,
  )
  server = await makeServer({ backups: true })
  app = await makeApp(server, NAME, {
    'innkeeper.yaml': yaml(
      NAME,
      `database: { url: "${managed.url('shop', 'shop')}" }\nmigrations: { tool: sql, folder: db }\n`,
    ),
    'server.js': serverJs('v1'),
    'db/001.sql': GUESTS,
  })
  good(await app.deploy())
  twins = await point()
  await managed.sql('shop', 'delete from guest where id = 301')
  await app.write({ 'db/002.sql': 'create unique index guest_name on guest (name);\n' })
  good(await app.deploy())
  whole = await point()
})

after(async () => {
  await server?.remove()
  await managed?.remove()
})

/** Makes a restore point of now. */
async function point(): Promise<string> {
  const ended = await server.inn(['backup', 'now', '--wait'])
  good(ended)
  const { points } = await backups(server, seen => seen.points[0]?.state === 'good')
  return points[0]!.name
}

const restore = (...args: string[]) => server.inn(['restore', NAME, ...args])
const guests = async (): Promise<number> =>
  Number((await managed.sql('shop', 'select count(*) from guest'))[0])
const databases = () =>
  managed.sql('postgres', `select datname from pg_database where datname not like 'template%' order by 1`)
const ALONE = ['postgres', 'shop']

async function serves(): Promise<string> {
  const status = await server.app(NAME, a => a.state === 'serving' && a.running === null)
  assert.equal(status.state, 'serving', status.reason ?? '')
  assert.equal((await fetch(`${status.url}/`)).status, 200)
  return status.url!
}

/** Somebody else's pool, which connects again as soon as its session is ended. */
function pool() {
  let open = true
  let sessions = 0
  const going = (async () => {
    while (open)
      await withDatabase(managed.url('shop', 'shop'), async query => {
        sessions++
        while (open) await query('select pg_sleep(0.02)')
      }).catch(() => {})
  })()
  return {
    async close() {
      open = false
      await going
      return sessions
    },
  }
}

test('a dump takes the place of the database, with its owner, settings and rights, while others connect to it', async () => {
  await managed.sql('shop', 'delete from guest where id > 100')
  const others = pool()
  const visitors = visit(`${await serves()}/`)
  const ended = await restore('--point', whole)
  await visitors.leave()
  const sessions = await others.close()
  good(ended)
  assert.ok(sessions > 1, 'their sessions were ended')
  await serves()
  assert.equal(await guests(), 300)
  assert.ok(visitors.seen.failures.length > 0, 'visitors were told')
  assert.match(ended.text, /3 tables, 352 rows, all alike/)
  const set = `select pg_get_userbyid(datdba) || ' ' || datacl::text || ' ' || setconfig::text from pg_database d
    left join pg_db_role_setting s on s.setdatabase = d.oid where datname like '%shop' or datname like 't_far%'`
  const [one, other, ...none] = await managed.sql('postgres', set)
  assert.deepEqual([one, none], [other, []])
  assert.match(one!, /^shop .*reader=c.*search_path=public, extra/)
  assert.deepEqual(await managed.sql('shop', `select tableowner from pg_tables where tablename = 'guest'`), [
    'shop',
  ])
})

test('undo returns to what was there, and nothing is left beside it', async () => {
  good(await server.inn(['restore', 'undo', NAME]))
  await serves()
  assert.equal(await guests(), 100)
  assert.deepEqual(await databases(), ALONE)
  failureOf(await server.inn(['restore', 'undo', NAME]), 'restore.none')
})

test('a moment means the newest dump before it, and the plan says how much is missing; discard deletes what was there', async () => {
  const plan = await restore('--to', 'now', '--plan')
  assert.match(plan.text, new RegExp(`the newest dump until then is that of ${whole}, .* before 20`))
  good(await restore('--to', 'now'))
  assert.equal(await guests(), 300)
  assert.equal((await databases()).length, 3)
  good(await server.inn(['restore', 'discard', NAME]))
  assert.deepEqual(await databases(), ALONE)
})

test('a dump is also known by its snapshot', async () => {
  const { points } = await backups(server, () => true)
  const { id } = points.find(p => p.name === twins)!.parts.find(part => part.of === `${NAME}/dump`)!
  const older = await restore('--backup', id)
  assert.equal(older.json.outcome, 'done-but', older.text)
  assert.match(older.json.leftover!.join(), /^r2 would still need /)
  assert.equal(await guests(), 301)
  good(await server.inn(['restore', 'undo', NAME]))
  assert.equal(await guests(), 300)
})

test('what cannot be restored is said before anybody is shut out', async t => {
  const visitors = visit(`${await serves()}/`)
  const refused = async (code: string, ...args: string[]) => {
    const failure = failureOf(await restore(...args), code)
    assert.deepEqual(await databases(), ALONE)
    return failure
  }
  await t.test('a role that may not', async () => {
    await managed.sql('postgres', 'alter role shop nocreatedb')
    assert.match((await refused('restore.rights', '--point', whole)).fix, /alter role "shop" createdb/)
    await managed.sql('postgres', 'alter role shop createdb; alter database shop owner to postgres')
    await managed.sql('postgres', 'grant connect on database shop to shop')
    assert.match(
      (await refused('restore.rights', '--point', whole)).fix,
      /alter database "shop" owner to "shop"/,
    )
    await managed.sql('postgres', 'alter database shop owner to shop')
  })
  await t.test('no dump', async () => {
    const early = await refused('restore.no-dump', '--to', '2020-01-01 10:00')
    assert.ok(early.why.includes(whole), early.why)
    await refused('restore.no-dump', '--backup', 'nope')
    await refused('point.unknown', '--point', 'nope')
  })
  await t.test('backups that are away', async () => {
    const place = join(server.home, 'backups/restic')
    await rename(place, `${place}.away`)
    const ended = await restore('--point', whole)
    await rename(`${place}.away`, place)
    failureOf(ended, 'backup.place')
  })
  await t.test('a key that is not theirs', async () => {
    await withOtherKey(server, () => refused('backup.key', '--point', whole))
  })
  await t.test('a server that is down', async () => {
    await managed.stop()
    const ended = await restore('--point', whole).finally(() => managed.start())
    failureOf(ended, 'database.unreachable')
  })
  await visitors.leave()
  assert.deepEqual(visitors.seen.failures, [])
})

test('a server that goes away while the dump is loaded: what was there is served, and nothing is left', async () => {
  const url = await serves()
  const visitors = visit(`${url}/`)
  const running = restore('--point', whole)
  await underWay(server, NAME, 'restore')
  for (const end = Date.now() + 30_000; Date.now() < end; await sleep(5))
    if ((await databases()).some(name => name.includes('restored'))) break
  await managed.stop()
  await sleep(3_000)
  await managed.start()
  const ended = await running
  await visitors.leave()
  assert.equal(ended.json.outcome, 'undone', ended.text)
  assert.deepEqual(visitors.seen.failures, [])
  assert.deepEqual([await guests(), await databases()], [300, ALONE])
})

async function killedAtEachStep(calm: Ended, run: () => Promise<Ended>): Promise<number> {
  const wanted = momentsOf(calm.json.steps!.filter(step => step.state !== 'pending'))
  let killed = 0
  for (const now of byRuns(wanted)) {
    const killer = killAt(server, NAME, moment => now.includes(moment))
    const ended = await run().finally(killer.stop)
    assert.equal(ended.json.outcome, calm.json.outcome, ended.text)
    killed += killer.killed.length
  }
  assert.ok(killed > wanted.length / 2, `${killed} of ${wanted.length}`)
  return killed
}

test('the keeper killed at every step: the restore ends by itself, and the data is back', async () => {
  const run = async () => {
    await managed.sql('shop', 'delete from guest where id > 50')
    const ended = await restore('--point', whole)
    await serves()
    assert.equal(await guests(), 300, ended.text)
    good(await server.inn(['restore', 'discard', NAME]))
    assert.deepEqual(await databases(), ALONE)
    return ended
  }
  await killedAtEachStep(await run(), run)
})

test('the keeper killed at every step of a restore that fails: what was there is served', async () => {
  const run = async () => {
    const ended = await restore('--point', twins, '--migrate')
    assert.equal(ended.json.outcome, 'undone', ended.text)
    await serves()
    assert.deepEqual([await guests(), await databases()], [300, ALONE])
    return ended
  }
  await killedAtEachStep(await run(), run)
})

test('one changed row is seen; a dump of a newer server and names that nobody has are refused', async () => {
  const scratch = await mkdtemp(join(tmpdir(), 'inn-dump-'))
  const file = join(scratch, 'database.dump')
  const { argv, env } = await dumpOf(managed.url('shop', 'shop'))
  await execOk({ argv: [...argv, `--file=${file}`], env, timeoutMs: 60_000 }, 'pg_dump')
  await managed.sql('postgres', 'create database twin owner shop')
  const url = managed.url('shop', 'twin')
  const order = { url, file, scratch, signal: new AbortController().signal }
  await dumpFiles.load(order)
  const found = async () => {
    const { dump, database } = await dumpFiles.compare(order)
    return differences(dump, database)
  }
  assert.deepEqual(await found(), [])
  await managed.sql('twin', `update guest set name = 'other' where id = 7`)
  assert.deepEqual(await found(), ['public.guest has the right number of rows, and not the right rows'])
  const bytes = await readFile(file)
  bytes.write('99', bytes.indexOf(`${(await newestMajor()).major}.`))
  await writeFile(file, bytes)
  await assert.rejects(dumpFiles.fits(url, file), { code: 'restore.version' })
  await writeFile(file, bytes.subarray(0, 40))
  await assert.rejects(dumpFiles.fits(url, file), { code: 'restore.dump' })
  const names = { fresh: 'no_more', aside: 'never_was' }
  await assert.rejects(databasesElsewhere.swap(url, names), { code: 'restore.gone' })
  await managed.sql('postgres', 'drop database twin')
  await rm(scratch, { recursive: true })
})
