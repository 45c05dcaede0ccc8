import assert from 'node:assert/strict'
import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { makeApp, yaml } from './kit/app.ts'
import { backups } from './kit/data.ts'
import { good } from './kit/proof.ts'
import { makeServer, type Server } from './kit/server.ts'

// An app that keeps its data in SQLite, and writes without a pause: every transaction moves money, and none makes any.
const NAME = 't-lite'
const SERVER = `
const { DatabaseSync } = require('node:sqlite')
const db = new DatabaseSync('data/app.db')
db.exec("pragma journal_mode = wal; pragma synchronous = normal; create table if not exists account (id integer primary key, sum int not null, filler blob); create index if not exists by_sum on account (sum)")
if (db.prepare('select count(*) n from account').get().n === 0)
  for (let id = 0; id < 2000; id++) db.prepare('insert into account values (?, 100, zeroblob(500))').run(id)
const old = new DatabaseSync('data/old.sqlite')
old.exec('pragma journal_mode = delete; create table if not exists log (n int)')
const any = () => Math.floor(Math.random() * 2000)
function move() {
  for (let n = 0; n < 20; n++) {
    const sum = any()
    db.exec('begin')
    db.prepare('update account set sum = sum - ?, filler = randomblob(500) where id = ?').run(sum, any())
    db.prepare('update account set sum = sum + ?, filler = randomblob(500) where id = ?').run(sum, any())
    db.exec('commit')
  }
  try { old.exec('insert into log values (1)') } catch {}
  setTimeout(move, 2)
}
move()
require('node:http').createServer((_, response) => response.end('{"ready":true}')).listen(process.env.PORT, '127.0.0.1')
`
const BROKEN = Buffer.concat([Buffer.from('SQLite format 3\0'), Buffer.alloc(2_000, 'no database')])

let server: Server
const data = (name: string) => join(server.home, 'apps', NAME, 'shared/data', name)

before(async () => {
  server = await makeServer({ backups: true })
  const app = await makeApp(server, NAME, {
    'innkeeper.yaml': yaml(NAME, '', '    persist: [data]\n'),
    'server.js': SERVER,
  })
  good(await app.deploy())
  await writeFile(data('photo.jpg'), 'a photo')
  await writeFile(data('sent by a visitor.db'), BROKEN)
})
after(() => server?.remove())

const ask = (name: string, sql: string): unknown => {
  const db = new DatabaseSync(data(name))
  try {
    return Object.values(db.prepare(sql).get()!)[0]
  } finally {
    db.close()
  }
}

test('databases of SQLite that are written to all the time come back sound, from every point', async () => {
  const names: string[] = []
  for (let n = 0; n < 2; n++) {
    // The keeper's own first backup may be under way.
    good(await server.inn(['backup', 'now', NAME, '--wait']))
    const { points } = await backups(server, seen => seen.points[0]?.state === 'good')
    names.push(points.find(point => point.app === NAME)!.name)
  }
  for (const name of names) {
    good(await server.inn(['restore', NAME, '--point', name]))
    good(await server.inn(['stop', NAME]))
    assert.equal(ask('app.db', 'pragma integrity_check'), 'ok')
    assert.equal(ask('app.db', 'select sum(sum) from account'), 200_000)
    assert.equal(ask('old.sqlite', 'pragma integrity_check'), 'ok')
    assert.equal(await readFile(data('photo.jpg'), 'utf8'), 'a photo')
    assert.deepEqual(await readFile(data('sent by a visitor.db')), BROKEN)
    good(await server.inn(['start', NAME]))
    good(await server.inn(['restore', 'discard', NAME]))
  }
})

test('the copy belongs to the app as before, and nothing is left of the making', async () => {
  const [own, photo] = await Promise.all([stat(data('app.db')), stat(join(data('photo.jpg'), '..'))])
  assert.equal(own.uid, photo.uid)
  await sleep(500)
  const left = await readdir(join(server.home, 'cache/backups')).catch(() => [])
  assert.deepEqual(left, [])
})
