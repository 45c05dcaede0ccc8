import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Release } from '../server/src/apps/releases/wire.ts'
import type { PutAside } from '../server/src/data/restores/wire.ts'
import { execOk } from '../server/src/drivers/host/exec.ts'
import type { Run, RunSummary } from '../server/src/engine/wire.ts'
import { makeApp, serverJs, yaml } from './kit/app.ts'
import { archived, firstPoint, sql } from './kit/data.ts'
import { killAt, type Moment } from './kit/killer.ts'
import { emptied } from './kit/lost.ts'
import { kill, powerCut } from './kit/processes.ts'
import { good } from './kit/proof.ts'
import { type Ended, makeServer, readPid, type Server } from './kit/server.ts'

const NAME = 't-lost'
/** Its folders come back after the Redis of the other. */
const LATER = 't-lost-later'
/** Runs that are of no app. */
const ALL = null as unknown as string
const MENU = 'soup\n'.repeat(2_000)

let server: Server
/** A disk that outlives the machine. */
let disk: string
/** What there was before the machine was lost. */
let world: World

const kit = () => join(disk, 'kit.txt')
const place = () => join(disk, 'backups')
const at = (...path: string[]) => join(server.home, ...path)
const recover = () => server.inn(['recover', '--kit', kit()])

before(async () => {
  disk = await mkdtemp(join(tmpdir(), 'inn-disk-'))
  // PostgreSQL's user must be able to pass.
  await chmod(disk, 0o711)
  server = await makeServer({ backups: true })
  const where = `backups: { where: { disk: { folder: ${place()} } } }\n`
  const lost = await makeApp(server, NAME, {
    'innkeeper.yaml': yaml(
      NAME,
      `database: { postgres: true }\nredis: true\nmigrations: { tool: sql, folder: db }\n${where}`,
      '    persist: [uploads]\n',
    ),
    'server.js': serverJs('v1'),
    'db/001.sql': `create table guest (id int primary key, name text not null);
      insert into guest select n, md5(n::text) from generate_series(1, 3000) n;`,
  })
  const later = await makeApp(server, LATER, {
    'innkeeper.yaml': yaml(LATER, where, '    persist: [notes]\n'),
    'server.js': serverJs('v1'),
  })
  good(await lost.deploy())
  good(await later.deploy())
  await firstPoint(server)
  await writeFile(at('apps', NAME, 'shared/uploads/menu.txt'), MENU)
  await writeFile(at('apps', LATER, 'shared/notes/note.txt'), 'later')
  for (let n = 0; n < 5; n++) assert.equal(await redis('set', `key:${n}`, `value ${n}`), 'OK')
  assert.equal((await server.inn(['backup', 'now', '--all', '--wait'])).code, 0)
  await sql(server, 't_lost', `insert into guest values (3001, 'after the last backup')`)
  await archived(server)
  assert.equal((await server.inn(['recovery', 'kit', '--save', kit()])).code, 0)
  world = await look()
})

after(async () => {
  await server?.remove()
  await rm(disk, { recursive: true, force: true })
})

/** One command to the Redis of the app, at the address that the app itself has. */
async function redis(...command: string[]): Promise<string> {
  const { url } = await server.app(NAME, a => a.state === 'serving')
  const env = (await (await fetch(`${url}/env`)).json()) as Record<string, string>
  const { port, password } = new URL(env['REDIS_URL']!)
  const argv = ['redis-cli', '-p', port, ...command]
  const done = await execOk({ argv, env: { REDISCLI_AUTH: password }, timeoutMs: 10_000 }, 'redis-cli')
  return done.stdout.trim()
}

type World = Awaited<ReturnType<typeof look>>

/** All that visitors left, and all that serves them. */
async function look() {
  const keys = ['key:0', 'key:1', 'key:2', 'key:3', 'key:4']
  const releases = await Promise.all(
    [NAME, LATER].map(name => server.client.get<Release[]>(`/api/apps/${name}/releases`)),
  )
  return {
    states: (await server.status()).apps.map(app => [app.name, app.state]),
    rows: await sql(server, 't_lost', `select md5(string_agg(id || name, ',' order by id)) from guest`),
    menu: await readFile(at('apps', NAME, 'shared/uploads/menu.txt'), 'utf8'),
    note: await readFile(at('apps', LATER, 'shared/notes/note.txt'), 'utf8'),
    keys: (await redis('mget', ...keys)).split('\n'),
    releases: releases.flat().map(({ app, id, state }) => [app, id, state]),
    files: await Promise.all([NAME, LATER].map(name => readdir(at('apps', name, 'releases')))),
  }
}

async function whole(ended: Ended): Promise<void> {
  assert.equal(ended.code, 0, ended.text)
  for (const name of [NAME, LATER]) await server.app(name, a => a.state === 'serving' && a.running === null)
  assert.deepEqual(await look(), world)
  const left = (await readdir(server.home)).filter(name => name.startsWith('recovering'))
  assert.deepEqual(left, [])
}

/** The command until it is killed at the first moment that satisfies, or ended. */
async function killedWhen(reached: () => unknown): Promise<Ended> {
  const { child, ended } = server.begin(['recover', '--kit', kit()])
  while (child.exitCode === null && !(await reached())) await sleep(5)
  child.kill('SIGKILL')
  return ended
}

const runsOf = async (kind: string): Promise<RunSummary[]> =>
  (await server.client.get<RunSummary[]>('/api/runs').catch(() => [])).filter(run => run.kind === kind)

async function isAt(step: string): Promise<boolean> {
  const [run] = await runsOf('recover')
  const seen = run && (await server.client.get<Run>(`/api/runs/${run.id}`).catch(() => null))
  return seen?.steps.some(s => s.state === 'running' && s.kind === step) ?? false
}

/** What the state is made of, in the order in which it is put in its place. */
const STATE = [
  'settings.json',
  ...['password', 'port', 'major'].map(record => `postgres/${NAME}/${record}`),
  'recovering.json',
  'keeper.db',
]
/** Its name while it is not in its place yet. */
const half = (name: string) => name.replace(/^postgres\/([^/]+)\//, 'cluster.$1.')
const taken = () => existsSync(at('keeper.db'))

test('the command killed in its first part, also with the state half in its place: it is taken anew', async t => {
  await emptied(server.home, disk)
  let kills = 0
  for (let ms = 300; !taken(); ms += 400, kills++) {
    const until = Date.now() + ms
    await killedWhen(() => Date.now() > until)
  }
  t.diagnostic(`${kills} times before it was in its place`)
  await powerCut(server.home)
  const contents = () => Promise.all(STATE.slice(0, 4).map(name => readFile(at(name), 'utf8')))
  const first = await contents()
  // So many are in their place: one, all that is copied as it is, all but what says that the home is in use.
  for (const n of [1, 4, 5]) {
    await mkdir(at('recovering'), { recursive: true })
    for (const name of STATE.slice(n)) await rename(at(name), at('recovering', half(name)))
    await writeFile(at('recovering', 'half'), '')
    await killedWhen(taken)
    await powerCut(server.home)
    assert.deepEqual(await contents(), first)
    assert.ok(!existsSync(at('recovering', 'half')))
  }
})

test('the command killed while the keeper works: called again it follows, and nothing is done twice', async () => {
  const moments: Array<() => unknown> = [
    () => existsSync(at('run/tree.pid')),
    () => isAt('recover.data'),
    async () => (await runsOf('recover'))[0]?.outcome === 'done',
    async () => (await runsOf('start')).length > 0,
  ]
  for (const moment of moments) assert.equal((await killedWhen(moment)).code, -1)
  await whole(await recover())
  assert.equal((await runsOf('recover')).length, 1)
})

test('the keeper killed at every step: it goes on by itself, and all is back', async t => {
  await emptied(server.home, disk)
  const killer = killAt(server, ALL, () => true)
  await whole(await recover().finally(killer.stop))
  t.diagnostic(killer.killed.join(' '))
  assert.ok(killer.killed.length >= 2)
})

test('the keeper killed while much is under way at once: what was whole stays, and the rest is begun anew', async () => {
  await emptied(server.home, disk)
  const recovering = recover()
  while (!(await isAt('recover.data'))) await sleep(50)
  await sleep(700)
  await server.killKeeper()
  await whole(await recovering)
})

test('the place goes away in the middle and comes back: the same command ends it, and Redis keeps what it is told', async () => {
  await emptied(server.home, disk)
  const [there, away] = [join(place(), 'restic'), join(disk, 'away')]
  const recovering = recover()
  while (!(await isAt('recover.data'))) await sleep(50)
  await rename(there, away)
  assert.notEqual((await recovering).code, 0)
  await rename(away, there)
  await whole(await recover())
  assert.equal(await redis('set', 'new', 'kept'), 'OK')
  // It writes its file out each second.
  await sleep(1_500)
  const pid = (await readPid(at('sv', `${NAME}.redis`, 'supervise/pid')))!
  kill(pid)
  for (const end = Date.now() + 10_000; Date.now() < end; await sleep(100))
    if ((await redis('ping').catch(() => '')) === 'PONG') break
  assert.equal(await redis('get', 'new'), 'kept')
})

test('the keeper killed at every step of bringing PostgreSQL back, and of giving that up', async t => {
  await archived(server)
  const data = at('postgres', NAME, 'data')
  await rm(join(data, 'global'), { recursive: true })
  kill((await readPid(at(`sv/${NAME}.postgres/supervise/pid`)))!)
  const under = join(place(), 'pgbackrest/archive', NAME)
  const names = (await readdir(under, { recursive: true })).filter(name => /\/[0-9A-F]{24}-/.test(name))
  const newest = join(under, names.sort().at(-1)!)
  const torn = async (wanted: (moment: Moment) => boolean) => {
    const killer = killAt(server, NAME, wanted)
    const ended = await server.inn(['recovery', 'database', NAME]).finally(killer.stop)
    t.diagnostic(killer.killed.join(' '))
    return { ended, killed: killer.killed }
  }
  await chmod(newest, 0)
  const failed = await torn(() => true)
  assert.equal(failed.ended.json.outcome, 'undone', failed.ended.text)
  for (const moment of ['steps.0.running', 'steps.0.undoing'])
    assert.ok(failed.killed.includes(moment), moment)
  assert.ok(
    existsSync(join(data, 'PG_VERSION')) && !existsSync(join(data, 'global')),
    'what was left is back',
  )
  await chmod(newest, 0o640)
  const worked = await torn(moment => moment === 'steps.1.running')
  good(worked.ended)
  assert.equal(worked.killed.length, 1)
  await whole({ ...worked.ended, code: 0 })
  const asides = () => server.client.get<PutAside[]>('/api/restores')
  const [left, ...others] = await asides()
  assert.deepEqual([left?.app, left?.of, others], [NAME, 'recovery', []])
  assert.ok((left?.bytes ?? 0) > 1_000_000, 'what was left of its files is measured')
  good(await server.inn(['restore', 'discard', NAME]))
  assert.deepEqual(await asides(), [])
})
