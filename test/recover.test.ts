import assert from 'node:assert/strict'
import { mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { exec } from '../server/src/drivers/host/exec.ts'
import type { PlanView } from '../server/src/engine/wire.ts'
import { type Fixture, makeApp, serverJs, yaml } from './kit/app.ts'
import { archived, firstPoint, sql } from './kit/data.ts'
import { emptied } from './kit/lost.ts'
import { failureOf, good } from './kit/proof.ts'
import { type Ended, makeServer, readPid, type Server } from './kit/server.ts'

const NAME = 't-gone'
let server: Server
let app: Fixture
/** Where the server is not: a disk that outlives it. */
let elsewhere: string
const kit = () => join(elsewhere, 'kit.txt')

before(async () => {
  elsewhere = await mkdtemp(join(tmpdir(), 'inn-disk-'))
  // PostgreSQL's user must be able to pass.
  await exec({ argv: ['chmod', '711', elsewhere], timeoutMs: 5_000 })
  server = await makeServer({ backups: true })
  const where = `backups: { where: { disk: { folder: ${join(elsewhere, 'backups')} } } }`
  app = await makeApp(server, NAME, {
    'innkeeper.yaml': yaml(
      NAME,
      `database: { postgres: true }\nredis: true\nmigrations: { tool: sql, folder: db }\n${where}\n`,
      '    persist: [uploads]\n',
    ),
    'server.js': serverJs('v1'),
    'db/001.sql': 'create table guest (id serial primary key, name text);\n',
  })
  good(await app.deploy())
  await writeFile(join(server.home, 'apps', NAME, 'shared/uploads/menu.txt'), 'soup')
  await firstPoint(server)
})

after(async () => {
  await server?.remove()
  await rm(elsewhere, { recursive: true, force: true })
})

const recover = () => server.inn(['recover', '--kit', kit()])

/** What `--plan` shows: all of it, from the disk. */
async function planned(): Promise<PlanView> {
  const { code, json, text } = await server.inn(['recover', '--kit', kit(), '--plan'])
  assert.equal(code, 0, text)
  const seen = json as unknown as { place: string; plan: PlanView } & Record<string, unknown>
  assert.equal(seen.place, 'disk')
  assert.match(
    JSON.stringify(seen['apps']),
    /"backup":"\d{8}-\d{6}F.*"segment":"[0-9A-F]{24}","reaches":"20\d\d-/,
  )
  assert.match(JSON.stringify(seen['apps']), /t-gone.*releases.*"id".*files.*"id".*redis.*"id"/)
  assert.ok(
    seen.plan.steps.some(step =>
      /restore the PostgreSQL of t-gone from disk.* files and Redis keys of t-gone from disk/.test(
        step.title,
      ),
    ),
  )
  return seen.plan
}

test('until a person has the kit there is a reminder, and the kit is saved once, readable by its owner alone', async () => {
  const saved = await server.inn(['recovery', 'kit', '--save', kit()])
  assert.equal(saved.code, 0, saved.text)
  assert.notEqual(
    (await server.inn(['recovery', 'kit', '--save', kit()])).code,
    0,
    'an older kit is not written over',
  )
  assert.equal((await server.inn(['recovery', 'kept'])).code, 0)
  const text = await readFile(kit(), 'utf8')
  assert.match(text, /inn recover --kit/)
})

test('the commands of the kit bring the database back with the stock tools alone', async () => {
  await sql(server, 't_gone', `insert into guest (name) select 'by hand' from generate_series(1, 40)`)
  await archived(server)
  const text = await readFile(kit(), 'utf8')
  const target = join(elsewhere, 'by-hand')
  const script = text
    .split('== disk\n')[1]!
    .split('# Files')[0]!
    .replaceAll('/var/lib/postgresql/restored', target)
    .replaceAll('/etc/innkeeper-restore.conf', join(elsewhere, 'restore.conf'))
    .replaceAll('/tmp/innkeeper-restore', join(elsewhere, 'work'))
    .replaceAll('-p 5432 -k /tmp', `-p 5432 -k ${elsewhere} -c listen_addresses=`)
    .replaceAll('-h /tmp', `-h ${elsewhere}`)
  await exec({ argv: ['chmod', '777', elsewhere], timeoutMs: 5_000 })
  const done = await exec({ argv: ['sh', '-e', '-c', script], timeoutMs: 60_000 })
  assert.equal(done.code, 0, done.tail)
  const password = (await readFile(join(server.home, 'postgres', NAME, 'password'), 'utf8')).trim()
  const bin = (
    await exec({ argv: ['sh', '-c', 'ls -d /usr/lib/postgresql/*/bin | tail -1'], timeoutMs: 5_000 })
  ).stdout.trim()
  const asked = await exec({
    argv: [
      'psql',
      '-h',
      elsewhere,
      '-p',
      '5432',
      '-U',
      'innkeeper',
      '-Atc',
      'select count(*) from guest',
      't_gone',
    ],
    env: { PGPASSWORD: password },
    timeoutMs: 10_000,
  })
  await exec({
    argv: ['su', 'postgres', '-s', '/bin/sh', '-c', `${bin}/pg_ctl -D ${target} -m immediate stop`],
    timeoutMs: 20_000,
  })
  assert.equal(asked.stdout.trim(), '40', asked.tail)
})

test('files are there for restic alone', async () => {
  const text = await readFile(kit(), 'utf8')
  const into = join(elsewhere, 'files')
  const script = text
    .split('# Files')[1]!
    .split('----- BEGIN')[0]!
    .split('\n')
    .slice(1)
    .join('\n')
    .replace('--target /tmp/restored', `--target ${into}`)
  const done = await exec({ argv: ['sh', '-e', '-c', script], env: { HOME: elsewhere }, timeoutMs: 60_000 })
  assert.equal(done.code, 0, done.tail)
  const found = await exec({ argv: ['grep', '-r', 'soup', into], timeoutMs: 5_000 })
  assert.equal(found.code, 0, `${done.tail}\n${found.tail}`)
})

test('on an empty machine everything comes back, to the last archived moment', async () => {
  await sql(server, 't_gone', `insert into guest (name) select 'late' from generate_series(1, 77)`)
  await archived(server)
  failureOf(await recover(), 'recover.not-empty')
  assert.match((await planned()).notices.join(), /in use/)
  assert.equal((await server.inn(['down', '--yes'])).code, 0)
  const source = join(elsewhere, 'source')
  await rename(join(server.home, 'source'), source)
  await emptied(server.home, elsewhere)
  assert.deepEqual((await planned()).notices, [])
  assert.deepEqual(await readdir(server.home), ['runtimes'])
  const ended = await recover()
  assert.equal(ended.code, 0, ended.text)
  assert.match(String(ended.json['moment']), /last commit in it is of/)
  await rename(source, join(server.home, 'source'))
  const status = await server.app(NAME, a => a.state === 'serving')
  assert.equal(status.state, 'serving', status.reason ?? '')
  assert.equal((await fetch(`${status.url}/`)).status, 200)
  assert.deepEqual(await sql(server, 't_gone', 'select count(*) from guest'), ['117'])
  assert.equal(await readFile(join(server.home, 'apps', NAME, 'shared/uploads/menu.txt'), 'utf8'), 'soup')
})

test('afterwards it is a server like any other: deploys, backups, moments', async () => {
  await app.write({ 'server.js': serverJs('v2') })
  good(await app.deploy())
  good(await server.inn(['backup', 'now', '--wait']))
  good(await server.inn(['backup', 'verify']))
  await sql(server, 't_gone', 'truncate guest')
  good(await server.inn(['restore', NAME, '--to', '1s ago']))
})

test('the files of PostgreSQL are gone: no empty one takes their place, and they come back', async () => {
  await sql(server, 't_gone', `insert into guest (name) select 'kept' from generate_series(1, 33)`)
  const [rows] = await sql(server, 't_gone', 'select count(*) from guest')
  await archived(server)
  await rm(join(server.home, 'postgres', NAME, 'data'), { recursive: true, force: true })
  const pid = await readPid(join(server.home, `sv/${NAME}.postgres/supervise/pid`))
  if (pid !== null) process.kill(pid, 'SIGKILL')
  failureOf(await app.deploy(), 'database.gone')
  // PostgreSQL itself would take this for the end of the log.
  const unread = await lastSegment()
  await exec({ argv: ['chmod', '000', unread], timeoutMs: 5_000 })
  failureOf(await server.inn(['recovery', 'database']), 'restore.unrecovered')
  await exec({ argv: ['chmod', '640', unread], timeoutMs: 5_000 })
  good(await server.inn(['recovery', 'database']))
  assert.deepEqual(await sql(server, 't_gone', 'select count(*) from guest'), [rows])
  good(await app.deploy())
  good(await server.inn(['backup', 'now', '--wait']))
})

test('a wrong kit and a place that is not there are told apart', async () => {
  const wrong = join(elsewhere, 'wrong.txt')
  await writeFile(wrong, 'no kit')
  failureOf(await server.inn(['recover', '--kit', wrong]), 'kit.unreadable')
  const text = await readFile(kit(), 'utf8')
  const home = await mkdtemp(join(tmpdir(), 'inn-empty-'))
  try {
    const other = text.replaceAll(server.home, home)
    await writeFile(wrong, other.replaceAll(join(elsewhere, 'backups'), join(elsewhere, 'nowhere')))
    const env = { INNKEEPER_HOME: home }
    failureOf(await recoverIn(env, wrong), 'recover.nothing')
    await writeFile(wrong, other.replace(/"passphrase": ".*"/, '"passphrase": "wrong"'))
    assert.match(failureOf(await recoverIn(env, wrong), 'recover.nothing').why, /key/)
  } finally {
    await rm(home, { recursive: true, force: true })
  }
})

async function lastSegment(): Promise<string> {
  const archive = join(elsewhere, 'backups/pgbackrest/archive', NAME)
  const names = await readdir(archive, { recursive: true })
  const segments = names.filter(name => /\/[0-9A-F]{24}-[0-9a-f]{40}/.test(name)).sort()
  return join(archive, segments.at(-1)!)
}

async function recoverIn(env: Record<string, string>, file: string): Promise<Ended> {
  const inn = join(import.meta.dirname, '../server/src/bin/inn.js')
  const done = await exec({
    argv: [
      process.execPath,
      '--disable-warning=ExperimentalWarning',
      inn,
      'recover',
      '--kit',
      file,
      '--json',
    ],
    env,
    timeoutMs: 60_000,
  })
  return { code: done.code ?? -1, json: JSON.parse(done.stdout) as Ended['json'], text: done.tail }
}
