import assert from 'node:assert/strict'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { PutAside } from '../server/src/data/restores/wire.ts'
import { exec } from '../server/src/drivers/host/exec.ts'
import { type Fixture, makeApp, serverJs, yaml } from './kit/app.ts'
import { backups, firstPoint, moment, pointsOf, sql } from './kit/data.ts'
import { failureOf } from './kit/proof.ts'
import { makeServer, type Server } from './kit/server.ts'
import { visit } from './kit/visitors.ts'

const NAME = 't-back'
const MORE = `database: { postgres: true }
redis: true
migrations: { tool: sql, folder: db }
`
const GUESTS = `create table guest (id serial primary key, name text not null);
insert into guest (name) select 'guest ' || n from generate_series(1, 500) n;
`

let server: Server
let app: Fixture
let other: Fixture
/** What was told to be bad while the apps were new. */
const raised = new Set<string>()

async function listen(until: AbortSignal): Promise<void> {
  for (; !until.aborted; await sleep(500))
    for (const { level, what } of (await server.status()).alarms) if (level === 'late') raised.add(what)
}

const heard = new AbortController()
let listening: Promise<void>

before(async () => {
  server = await makeServer({ backups: true })
  listening = listen(heard.signal)
  app = await makeApp(server, NAME, {
    'innkeeper.yaml': yaml(NAME, MORE, '    persist: [uploads]\n'),
    'server.js': serverJs('v1'),
    'db/001.sql': GUESTS,
  })
  assert.equal((await app.deploy()).json.outcome, 'done')
  other = await makeApp(server, 't-other', {
    'innkeeper.yaml': yaml(
      't-other',
      'database: { postgres: true }\nmigrations: { tool: sql, folder: db }\n',
    ),
    'server.js': serverJs('v1'),
    'db/001.sql': GUESTS,
  })
  assert.equal((await other.deploy()).json.outcome, 'done')
})

after(async () => {
  heard.abort()
  await server?.remove()
})

const guests = async (): Promise<number> =>
  Number((await sql(server, 't_back', 'select count(*) from guest'))[0])
const upload = () => join(server.home, 'apps', NAME, 'shared/uploads/menu.txt')

async function redis(...args: string[]): Promise<string> {
  const conf = await readFile(join(server.home, 'apps', NAME, 'settings/redis.conf'), 'utf8')
  const value = (key: string) => new RegExp(`^${key} (.*)$`, 'm').exec(conf)![1]!
  const argv = ['redis-cli', '-p', value('port'), ...args]
  return (await exec({ argv, env: { REDISCLI_AUTH: value('requirepass') }, timeoutMs: 10_000 })).stdout.trim()
}

const restore = (...args: string[]) => server.inn(['restore', NAME, ...args])

test('the first restore point comes by itself, and a check of every byte finds nothing wrong', async () => {
  const { points, places, alarms } = await backups(server, seen =>
    pointsOf(seen, NAME).some(p => p.state === 'good'),
  )
  assert.equal(pointsOf({ points }, NAME)[0]?.state, 'good', JSON.stringify({ points, alarms }))
  heard.abort()
  await listening
  assert.deepEqual([...raised], [], 'a new app raises no alarm')
  assert.ok(
    places.find(place => place.app === NAME)!.window !== null,
    'any moment since then can be restored',
  )
  const verified = await server.inn(['backup', 'verify', NAME])
  assert.equal(verified.json.outcome, 'done', verified.text)
})

test('a moment comes back, whatever the time zone of who asks; the data of others is not touched', async () => {
  const before = await moment(server, NAME)
  await sql(server, 't_back', 'delete from guest where id > 100')
  await sql(server, 't_other', 'delete from guest where id > 400')
  const { url } = await server.app('t-other')
  const visitors = visit(`${url}/`)
  const asked = new Date(Date.parse(before) + 3_600_000).toISOString().replace('Z', '+01:00')
  const ended = await restore('--to', asked)
  assert.equal(ended.json.outcome, 'done', ended.text)
  await visitors.leave()
  assert.equal(await guests(), 500)
  assert.deepEqual(await sql(server, 't_other', 'select count(*) from guest'), ['400'])
  assert.deepEqual(visitors.seen.failures, [])
  assert.equal((await server.app(NAME, a => a.state === 'serving')).state, 'serving')
  const own = await sql(server, 't_back', `select tableowner from pg_tables where tablename = 'guest'`)
  assert.deepEqual(own, ['t_back_owner'], 'owners come back too')
})

test('undo returns to what was there, and there is nothing left to take back', async () => {
  await sql(server, 't_back', `insert into guest (name) values ('after')`)
  const undone = await server.inn(['restore', 'undo', NAME])
  assert.equal(undone.json.outcome, 'done', undone.text)
  assert.equal(await guests(), 100)
  failureOf(await server.inn(['restore', 'undo', NAME]), 'restore.none')
})

test('a restore point brings database, files and Redis back, and discard deletes what was there', async () => {
  await writeFile(upload(), 'soup')
  await redis('set', 'table', '7')
  const taken = await server.inn(['backup', 'now', NAME])
  assert.equal(taken.json.outcome, 'done', taken.text)
  const [point] = pointsOf(await firstPoint(server), NAME)
  await writeFile(upload(), 'nothing')
  await redis('set', 'table', '8')
  await sql(server, 't_back', 'truncate guest')
  const now = async () => [await readFile(upload(), 'utf8'), await redis('get', 'table'), await guests()]
  const planned = await restore('--files', '--point', point!.name, '--plan')
  const { notices } = planned.json as unknown as { notices: string[] }
  assert.equal(notices[0], 'what does not come back, and stays as it is now: the database and the Redis')
  const files = await restore('--files', '--point', point!.name)
  assert.equal(files.json.outcome, 'done', files.text)
  assert.deepEqual(await now(), ['soup', '8', 0], 'the database and the Redis stay')
  assert.equal((await server.inn(['restore', 'undo', NAME])).json.outcome, 'done')
  assert.deepEqual(await now(), ['nothing', '8', 0])
  const ended = await restore('--point', point!.name)
  assert.equal(ended.json.outcome, 'done', ended.text)
  assert.deepEqual(await now(), ['soup', '7', 100])
  const aside = async () => ({
    clusters: (await readdir(join(server.home, 'postgres', NAME))).filter(name => name.startsWith('t_back_'))
      .length,
    folders: (await readdir(join(server.home, 'apps', NAME, 'closed'))).filter(name => name.includes('.'))
      .length,
  })
  assert.deepEqual(await aside(), { clusters: 1, folders: 2 })
  const [kept] = await server.client.get<PutAside[]>('/api/restores')
  assert.ok(kept?.of === 'restore' && (kept.bytes ?? 0) > 1_000_000, JSON.stringify(kept))
  assert.equal((await server.inn(['restore', 'discard', NAME])).json.outcome, 'done')
  assert.deepEqual(await server.client.get('/api/restores'), [])
  assert.deepEqual(await aside(), { clusters: 0, folders: 0 })
})

test('before a release step there is a point to return to, and the restore says what the release still needs', async () => {
  await app.write({ 'db/002.sql': `update guest set name = 'lost'; alter table guest add email text;\n` })
  const deployed = await app.deploy()
  assert.equal(deployed.json.outcome, 'done', deployed.text)
  const point = (await firstPoint(server)).points.find(p => p.kind === 'deploy' && p.app === NAME)!
  const plain = await restore('--point', point.name)
  assert.equal(plain.json.outcome, 'done-but', plain.text)
  assert.match(plain.json.leftover!.join(), /^r2 would still need 002\.sql: /)
  assert.match(plain.text, /would still need 002\.sql/)
  const back = (await server.inn(['rollback', NAME, '--plan'])).json as unknown as { notices: string[] }
  assert.match(back.notices.join('\n'), /1 migration ran since r1, and the database has it no more.*002\.sql/)
  assert.deepEqual(await sql(server, 't_back', `select count(*) from guest where name = 'lost'`), ['0'])
  const migrated = await restore('--point', point.name, '--migrate')
  assert.equal(migrated.json.outcome, 'done', migrated.text)
  assert.deepEqual(await sql(server, 't_back', `select count(*) from guest where name = 'lost'`), ['100'])
})

test('what cannot be restored is said before anybody is shut out', async () => {
  const { url } = await server.app(NAME)
  const visitors = visit(`${url}/`)
  const early = failureOf(await restore('--to', '2020-01-01 10:00'), 'restore.target')
  assert.match(early.why, /local: from 20\d\d/, 'it names the window')
  failureOf(await restore('--to', '2099-01-01 10:00'), 'moment.future')
  failureOf(await restore('--to', 'tea time'), 'moment.unreadable')
  failureOf(await restore('--point', 'nope'), 'point.unknown')
  failureOf(await restore('--backup', 'nope'), 'backup.unknown')
  failureOf(await restore(), 'restore.what')
  await visitors.leave()
  assert.deepEqual(visitors.seen.failures, [])
})

test('of two who restore at once, the second is told of the first', async () => {
  const to = await moment(server, NAME)
  const [a, b] = await Promise.all([restore('--to', to), restore('--to', to)])
  const [won, lost] = a.json.outcome === 'done' ? [a, b] : [b, a]
  assert.equal(won.json.outcome, 'done', won.text)
  assert.match(failureOf(lost, 'run.locked').why, /restore t-back/)
})
