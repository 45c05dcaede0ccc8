import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { createServer, type Server as Stranger } from 'node:net'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Fixture, makeApp, serverJs, yaml } from './kit/app.ts'
import { firstPoint, moment, sql } from './kit/data.ts'
import { good } from './kit/proof.ts'
import { makeServer, type Server } from './kit/server.ts'
import { visit } from './kit/visitors.ts'

const MORE = 'database: { postgres: true }\nmigrations: { tool: sql, folder: db }\n'
const [ONE, TWO, NEXT] = ['t-one', 't-two', 't-next'] as const
let server: Server
const apps = new Map<string, Fixture>()

before(async () => {
  server = await makeServer({ backups: true })
  for (const name of [ONE, TWO, NEXT]) {
    const app = await makeApp(server, name, {
      'innkeeper.yaml': yaml(name, MORE),
      'server.js': serverJs('v1'),
      'db/001.sql':
        'create table guest (id int primary key); insert into guest select generate_series(1, 200);',
    })
    apps.set(name, app)
    good(await app.deploy())
  }
  await firstPoint(server)
})

after(() => server?.remove())

const rows = async (name: string): Promise<number> =>
  Number((await sql(server, name.replace('-', '_'), 'select count(*) from guest'))[0])
/** Resolves when the database of the app takes connections again: what the stranger kept from starting recovers first. */
const ready = async (name: string): Promise<void> => {
  for (const end = Date.now() + 20_000; ; await sleep(100)) {
    const refusal = await rows(name).then(
      () => null,
      (error: Error) => error,
    )
    if (refusal === null) return
    if (Date.now() > end) throw refusal
  }
}
const served = async (name: string): Promise<number> =>
  (await fetch(`${(await server.app(name, app => app.state === 'serving')).url}/`)).status

test('two apps are restored at once while a third is deployed: no visitor of the third notices', async () => {
  const to = await moment(server, ONE)
  for (const name of [ONE, TWO]) await sql(server, name.replace('-', '_'), 'delete from guest where id > 50')
  const { url } = await server.app(NEXT)
  const visitors = visit(`${url}/`)
  await apps
    .get(NEXT)!
    .write({ 'server.js': serverJs('v2'), 'db/002.sql': 'alter table guest add name text;' })
  const ended = await Promise.all([
    ...[ONE, TWO].map(name => server.inn(['restore', name, '--to', to])),
    apps.get(NEXT)!.deploy(),
  ])
  for (const one of ended) good(one)
  await visitors.leave()
  assert.deepEqual(visitors.seen.failures, [])
  assert.ok(visitors.seen.requests > 100)
  for (const name of [ONE, TWO]) {
    assert.equal(await rows(name), 200)
    assert.equal(await served(name), 200)
  }
})

/** Takes a port as soon as it is free, and gives it back after this time. */
async function taken(port: number, ms: number): Promise<void> {
  for (;;) {
    const stranger = await new Promise<Stranger | null>(resolve => {
      const listener = createServer(socket => socket.destroy())
      listener.once('error', () => resolve(null))
      listener.listen({ port, host: '127.0.0.1', exclusive: true }, () => resolve(listener))
    })
    if (stranger === null) {
      await sleep(1)
      continue
    }
    await sleep(ms)
    return void (await new Promise(resolve => stranger.close(resolve)))
  }
}

test('a stranger takes the port of the database in the middle of a restore: it waits, and the data is back', async () => {
  const to = await moment(server, ONE)
  await sql(server, 't_one', 'delete from guest where id > 100')
  const port = Number(await readFile(join(server.home, 'postgres', ONE, 'port'), 'utf8'))
  const [ended] = await Promise.all([server.inn(['restore', ONE, '--to', to]), taken(port, 6_000)])
  good(ended)
  assert.equal(await rows(ONE), 200)
  assert.equal(await served(ONE), 200)
})

test('a stranger who keeps the port: it says who to look for, and all is back when it is gone', async () => {
  const to = await moment(server, TWO)
  await sql(server, 't_two', 'delete from guest where id > 100')
  const port = Number(await readFile(join(server.home, 'postgres', TWO, 'port'), 'utf8'))
  const stranger = taken(port, 40_000)
  const ended = await server.inn(['restore', TWO, '--to', to])
  assert.equal(ended.json.outcome, 'stuck', ended.text)
  assert.equal(ended.json.failure!.code, 'database.port-taken')
  assert.match(ended.json.leftover!.join(), new RegExp(`sport = :${port}`))
  await stranger
  good(await server.inn(['start', TWO]))
  await ready(TWO)
  assert.equal(await rows(TWO), 100, 'what was there before the restore')
  assert.equal(await served(TWO), 200)
})
