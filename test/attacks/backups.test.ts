import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { RestorePoint } from '../../server/src/data/backups/wire.ts'
import type { Drill } from '../../server/src/data/drills/wire.ts'
import { execOk } from '../../server/src/drivers/host/exec.ts'
import { type Fixture, makeApp, serverJs, yaml } from '../kit/app.ts'
import { backups, firstPoint, moment, pointsOf, sql } from '../kit/data.ts'
import { failureOf, good } from '../kit/proof.ts'
import { makeServer, type Server } from '../kit/server.ts'
import { asUserOf } from './kit.ts'

const MORE = `database: { postgres: true }
migrations: { tool: sql, folder: db }
`
const BAD = `create function public.refuse(anyelement) returns text language plpgsql immutable as $$
begin raise exception 'no'; end $$;
create table public.bad (id int primary key);
create function public.refused(public.bad) returns text language sql as $$ select public.refuse(1) $$;
insert into public.bad values (1);
create cast (public.bad as text) with function public.refused(public.bad) as implicit;
`

let server: Server
let sick: Fixture
let well: Fixture
/** A folder outside of the home. */
let elsewhere: string

before(async () => {
  server = await makeServer({ backups: true })
  elsewhere = await mkdtemp(join(tmpdir(), 'inn-elsewhere-'))
  well = await makeApp(server, 't-well', {
    'innkeeper.yaml': yaml('t-well', MORE),
    'server.js': serverJs('v1'),
    'db/001.sql': `create table guest (id int primary key); insert into guest select generate_series(1, 9);`,
  })
  good(await well.deploy())
  sick = await makeApp(server, 't-sick', {
    'innkeeper.yaml': yaml('t-sick', `${MORE}redis: true\n`),
    'server.js': serverJs('v1'),
    'db/001.sql': 'create table fine (id int primary key); insert into fine values (1);',
  })
  good(await sick.deploy())
  await firstPoint(server)
  // Of both, whole.
  for (const name of ['t-sick', 't-well']) good(await server.inn(['backup', 'now', name, '--wait']))
})

after(async () => {
  await server?.remove()
  await rm(elsewhere, { recursive: true, force: true })
})

const newest = async (app = 't-sick'): Promise<RestorePoint> => pointsOf(await firstPoint(server), app)[0]!

async function refusedAt(folder: string): Promise<void> {
  await well.write({
    'innkeeper.yaml': yaml('t-well', `${MORE}backups: { where: { gone: { folder: ${folder} } } }\n`),
  })
  const ended = await well.deploy()
  assert.notEqual(ended.code, 0, ended.text)
  assert.match(ended.text, /the kernel keeps no backups/)
}

/** The other app's database is lost, and comes back from a point of its own that is made now. */
async function wellComesBack(): Promise<void> {
  // A place that is away makes it done-but.
  assert.match(String((await server.inn(['backup', 'now', 't-well'])).json.outcome), /^done/)
  const { name: point } = await newest('t-well')
  await sql(server, 't_well', 'delete from guest')
  good(await server.inn(['restore', 't-well', '--point', point]))
  assert.deepEqual(await sql(server, 't_well', 'select count(*) from guest'), ['9'])
}

test('a table that cannot be counted is named, and the point is whole for everybody', async () => {
  await sick.write({ 'db/002.sql': BAD })
  good(await sick.deploy())
  good(await server.inn(['backup', 'now', 't-sick', '--wait']))
  const point = await newest()
  assert.equal(point.state, 'good')
  assert.match(point.reason!, /public\.bad of t_sick was not counted: PostgreSQL refused with P0001/)
  assert.deepEqual([point.missing, point.counted['t_sick']!.tables], [[], 2])
  await wellComesBack()
  const ended = await server.inn(['drill', 'now', 't-sick', '--point', point.name])
  const [drill] = (await server.inn(['drill', 'list'])).json as unknown as Drill[]
  assert.equal(ended.json.outcome, 'done', JSON.stringify(drill))
  assert.match(drill!.unproven.join('\n'), /the rows of public\.bad: PostgreSQL refused/)
})

test('an app that shuts its database is missing in the point, and nobody else is', async () => {
  await sql(server, 'postgres', `alter role t_sick_owner password 'changed by itself'`, 't-sick')
  const ended = await server.inn(['backup', 'now', 't-sick'])
  assert.equal(ended.json.outcome, 'done-but', ended.text)
  const point = await newest()
  assert.deepEqual(
    [point.state, point.missing.map(m => m.of), Object.keys(point.counted)],
    ['good', ['t-sick/rows'], []],
  )
  await wellComesBack()
  // The next deploy gives the role its password again.
  await sick.write({ 'server.js': serverJs('v2') })
  good(await sick.deploy())
})

test('a dead Redis is its own app’s alarm: the point is kept, and does not pass for a whole one of that app', async () => {
  await execOk(
    { argv: ['sv', '-w', '20', 'down', join(server.home, 'sv/t-sick.redis')], timeoutMs: 30_000 },
    'stopping its Redis',
  )
  const ended = await server.inn(['backup', 'now', 't-sick'])
  assert.equal(ended.json.outcome, 'done-but', ended.text)
  assert.match(ended.json.leftover!.join(), /the Redis of t-sick is not at local/)
  const point = await newest()
  assert.deepEqual(
    point.missing.map(({ of, place }) => ({ of, place })),
    [{ of: 't-sick/redis', place: 'local' }],
  )
  assert.match((await server.inn(['backup', 'show', point.name])).text, /the Redis of t-sick is not at local/)
  const { alarms } = await backups(server, seen => seen.alarms.some(a => a.code === 'backup.part'))
  assert.match(alarms.find(a => a.code === 'backup.part')!.what, /the Redis of t-sick/)
  const refused = failureOf(await server.inn(['restore', 't-sick', '--point', point.name]), 'restore.part')
  assert.match(refused.why, /the Redis of t-sick is not at local/)
  await wellComesBack()
})

test('files in folders so deep that nothing reads them are one app’s alarm too, in few words', async () => {
  await sick.write({ 'innkeeper.yaml': yaml('t-sick', MORE, '    persist: [uploads]\n') })
  good(await sick.deploy())
  const uploads = join(server.home, 'apps/t-sick/shared/uploads')
  const deep = `perl -e '$d = "d" x 200; for (1..30) { mkdir $d; chdir $d } open(F, ">file")'`
  await asUserOf(server, 't-sick', `cd ${uploads} && ${deep}`)
  try {
    const ended = await server.inn(['backup', 'now', 't-sick'])
    assert.equal(ended.json.outcome, 'done-but', ended.text.slice(0, 2_000))
    assert.deepEqual(
      (await newest()).missing.map(({ of }) => of),
      ['t-sick/files'],
    )
    assert.ok(ended.text.length < 25_000, String(ended.text.length))
  } finally {
    await asUserOf(server, 't-sick', `rm -rf ${uploads}/d*`)
  }
})

test('a place in which no folder can ever be made is refused before anything depends on it', async () => {
  for (const folder of ['/proc/nowhere', '/mnt/../proc/self']) await refusedAt(folder)
})

test('a place that one app names and nobody reaches does not undo the point at the other places', async () => {
  await writeFile(join(elsewhere, 'file'), '')
  await well.write({
    'innkeeper.yaml': yaml(
      't-well',
      `${MORE}backups: { where: { local: { folder: ${join(server.home, 'backups')} }, nowhere: { folder: ${join(elsewhere, 'file/nowhere')} } } }\n`,
    ),
  })
  good(await well.deploy())
  const ended = await server.inn(['backup', 'now', 't-well'])
  assert.equal(ended.json.outcome, 'done-but', ended.text)
  const point = await newest('t-well')
  assert.equal(point.state, 'good')
  const lost = point.missing.find(m => m.of === 'place')!
  assert.match(lost.place!, /nowhere/)
  assert.deepEqual([...new Set(point.parts.map(part => part.place))], ['local'])
  await wellComesBack()
  const alone = await server.inn(['backup', 'now', 't-well', '--place', lost.place!])
  assert.equal(alone.json.outcome, 'undone', 'a point at no place at all is none')
})

test('no app is given more connections than its cluster has', async () => {
  await well.write({
    'innkeeper.yaml': yaml('t-well', MORE.replace('postgres: true', 'postgres: true, connections: 180')),
  })
  const failure = failureOf(await well.deploy(), 'database.connections')
  assert.match(failure.why, /its cluster has 177 for it/)
  await well.write({
    'innkeeper.yaml': yaml('t-well', MORE.replace('postgres: true', 'postgres: true, connections: 88')),
  })
  good(await well.deploy())
})

test('what is mended is whole again with the next point', async () => {
  await well.write({ 'innkeeper.yaml': yaml('t-well', MORE) })
  good(await well.deploy())
  await sick.write({ 'server.js': serverJs('v3') })
  good(await sick.deploy())
  good(await server.inn(['backup', 'now', 't-sick', '--wait']))
  const then = await moment(server, 't-sick')
  const { alarms } = await backups(server, seen => seen.alarms.every(a => a.code !== 'backup.part'))
  assert.ok(
    alarms.every(a => a.code !== 'backup.part'),
    then,
  )
})
