import assert from 'node:assert/strict'
import { rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { BackupPlace, Backups } from '../server/src/data/backups/wire.ts'
import { makeApp, serverJs, yaml } from './kit/app.ts'
import { archived, backups, firstPoint, moment, pointsOf, sql } from './kit/data.ts'
import { failureOf, good } from './kit/proof.ts'
import { makeServer, type Server } from './kit/server.ts'

// After a restore to an earlier moment, the newest backup is of a branch that was left: from it the log leads nowhere.
const NAME = 't-branch'
const DB = 't_branch'
/** The keeper stops a server without files, which may have ended by itself before. */
const ENDED = /its server (is stopped|cannot start)/
let server: Server
let names: string[]

const rows = async () => (await sql(server, DB, 'select string_agg(name, chr(32) order by id) from guest'))[0]
const add = (name: string) => sql(server, DB, `insert into guest (name) values ('${name}')`)
const good_points = async () =>
  pointsOf(await backups(server, () => true), NAME).filter(point => point.state === 'good')

before(async () => {
  server = await makeServer({ backups: true })
  const app = await makeApp(server, NAME, {
    'innkeeper.yaml': yaml(NAME, 'database: { postgres: true }\nmigrations: { tool: sql, folder: db }\n'),
    'server.js': serverJs('v1'),
    'db/001.sql': 'create table guest (id serial primary key, name text);',
  })
  good(await app.deploy())
  await firstPoint(server)
  await add('before')
  good(await server.inn(['backup', 'now', NAME, '--wait']))
  names = (await good_points()).map(point => point.name)
  await add('left')
  good(await server.inn(['backup', 'now', NAME, '--wait']))
  good(await server.inn(['restore', NAME, '--point', names[0]!]))
  await add('after')
  await archived(server)
})
after(() => server?.remove())

test('verify finds every backup also while the files of PostgreSQL are gone', async () => {
  const data = join(server.home, 'postgres', NAME, 'data')
  const known = await good_points()
  assert.equal(await rows(), 'before after')
  await rename(data, `${data}.lost`)
  good(await server.inn(['backup', 'verify', NAME]))
  assert.deepEqual(await good_points(), known)
  await rename(`${data}.lost`, data)
})

/** Labels of the backups, newest first. */
const labels = async () =>
  (await backups(server, () => true)).places.flatMap(place => place.backups.map(({ label }) => label))

test('a recovery does not begin from a backup of what a restore left behind', async () => {
  const [left] = await labels()
  const refused = await server.inn(['recovery', 'database', NAME, '--backup', left!, '--plan'])
  assert.match(failureOf(refused, 'recover.backup').fix, /^name one of /)
})

/** The window of the place, as soon as it satisfies `wanted`; undefined: it has none. */
async function windowWhen(wanted: (window: NonNullable<BackupPlace['window']>) => boolean) {
  const windowOf = (seen: Backups) => seen.places.find(place => place.app === NAME)?.window ?? undefined
  const seen = await backups(server, all => {
    const window = windowOf(all)
    return window !== undefined && wanted(window)
  })
  return windowOf(seen)
}

test('a drill of a point that a restore left behind says so, and by itself it takes another one', async () => {
  const planned = async (...flags: string[]) => {
    const { json } = await server.inn(['drill', 'now', NAME, '--plan', ...flags])
    const { title, notices } = json as unknown as { title: string; notices: string[] }
    return { title, left: notices.some(notice => /a branch that was left/.test(notice)) }
  }
  const left = (await good_points()).find(point => !names.includes(point.name))!.name
  assert.equal((await planned('--point', left)).left, true)
  const own = await planned()
  assert.equal(own.left, false)
  assert.match(own.title, new RegExp(`to ${names[0]} `))
})

test('the cluster comes back from the backup that leads to the end of its log, again and again; what is lost is no part of the window', async () => {
  const data = join(server.home, 'postgres', NAME, 'data')
  for (const [n, name] of ['once', 'twice'].entries()) {
    const last = await moment(server)
    // PostgreSQL writes on meanwhile.
    await rm(data, { recursive: true, maxRetries: 20, retryDelay: 20 })
    // Until the recovery, the window ends with the log that is at the place.
    const { alarms } = await backups(server, seen =>
      seen.alarms.some(alarm => alarm.code === 'database.gone'),
    )
    assert.match(alarms.find(alarm => alarm.code === 'database.gone')?.what ?? '', ENDED)
    assert.equal((await server.inn(['up'])).code, 0)
    failureOf(await server.inn(['restart', NAME]), 'database.gone')
    const { parts } = await server.status()
    const part = parts.find(one => one.name === `${NAME}.postgres`)
    assert.match(`${part?.state}: ${part?.detail}`, /^down: .*inn recovery database/)
    assert.match(part?.detail ?? '', ENDED)
    assert.equal((await server.app(NAME)).state, 'degraded')
    const left = await windowWhen(() => true)
    assert.ok(left !== undefined && left.to <= last, JSON.stringify({ left, last }))
    // The second time from an older backup, as when the newest is damaged.
    const older = name === 'once' ? [] : ['--backup', (await labels()).at(-1)!]
    good(await server.inn(['recovery', 'database', NAME, ...older]))
    const lost = (await windowWhen(window => window.lost.length > n))?.lost[n]
    assert.ok(lost !== undefined && lost.from < last && lost.to > last, JSON.stringify({ lost, last }))
    const refused = await server.inn(['restore', NAME, '--to', last, '--plan'])
    assert.equal(refused.json.failure?.code, 'restore.lost', refused.text)
    await server.app(NAME, app => app.state === 'serving')
    await add(name)
    await archived(server)
  }
  assert.equal(await rows(), 'before after once twice')
})

test('right after an undo the cluster comes back with what it has then, and not with what was restored', async () => {
  const data = join(server.home, 'postgres', NAME, 'data')
  good(await server.inn(['restore', NAME, '--point', names[0]!]))
  await add('restored')
  good(await server.inn(['backup', 'now', NAME, '--wait']))
  await archived(server)
  good(await server.inn(['restore', 'undo', NAME]))
  assert.equal(await rows(), 'before after once twice')
  await rm(data, { recursive: true, maxRetries: 20, retryDelay: 20 })
  good(await server.inn(['recovery', 'database', NAME]))
  assert.equal(await rows(), 'before after once twice')
})
