import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { userName } from '../server/src/apps/app/names.ts'
import { type Fixture, makeApp, serverJs, yaml } from './kit/app.ts'
import { backups, pointsOf } from './kit/data.ts'
import { commandsOf, processesOf } from './kit/processes.ts'
import { makeServer, type Server } from './kit/server.ts'
import { ask, visit } from './kit/visitors.ts'

const NAME = 't-leave'
const MORE = 'database: { postgres: true }\nmigrations: { tool: sql, folder: db }\nredis: true\n'

let server: Server
let app: Fixture
let stays: Fixture

const files = (name: string) => ({
  'innkeeper.yaml': yaml(name, MORE, '    persist: [uploads]\n'),
  'db/001.sql': 'create table guest (id int);\n',
  'uploads/photo': 'a photo',
  'server.js': serverJs('v1'),
})

before(async () => {
  server = await makeServer({ backups: true })
  app = await makeApp(server, NAME, files(NAME))
  stays = await makeApp(server, 't-stay', files('t-stay'))
  for (const one of [app, stays]) assert.equal((await one.deploy()).json.outcome, 'done')
})

after(() => server?.remove())

const names = async () => (await server.status()).apps.map(a => a.name)
const shared = () => readFile(join(server.home, 'apps', NAME, 'shared/uploads/photo'), 'utf8')

test('a plan of it removes nothing, and says what stays', async () => {
  const ended = await server.inn(['remove', NAME, '--plan'])
  assert.match(ended.text, /stay for a later deploy/)
  assert.deepEqual(await names(), [NAME, 't-stay'])
})

test('an app that is removed is gone, its data stays, and no visitor of another app notices', async () => {
  const { url } = await server.app('t-stay', a => a.state === 'serving')
  const old = await server.app(NAME)
  const visitors = visit(`${url}/`)
  const ended = await server.inn(['remove', NAME])
  assert.equal(ended.json.outcome, 'done', ended.text)
  assert.deepEqual((await visitors.leave()).failures, [])
  assert.deepEqual(await names(), ['t-stay'])
  await assert.rejects(ask(`${old.url}/`), /ECONNREFUSED/)
  assert.deepEqual(await commandsOf(await processesOf(join(server.home, 'apps', NAME))), [])
  assert.ok(!(await readdir(join(server.home, 'sv'))).some(name => name.startsWith(`${NAME}.`)))
  assert.equal(await shared(), 'a photo')
})

test('a deploy of the same name finds its data again', async () => {
  const ended = await app.deploy()
  assert.equal(ended.json.outcome, 'done', ended.text)
  const [release] = (await server.inn(['releases', NAME])).json as unknown as Array<{ migrations: string[] }>
  assert.deepEqual(release!.migrations, [], 'the table was there already')
  assert.equal(await shared(), 'a photo')
})

const hasPoint = async () =>
  pointsOf(await backups(server, s => pointsOf(s, NAME).some(point => point.state === 'good')), NAME).some(
    point => point.state === 'good',
  )

test('with --data nothing is left, and the next deploy begins afresh', async () => {
  assert.equal((await server.inn(['backup', 'now', NAME, '--wait'])).json.outcome, 'done')
  assert.ok(await hasPoint())
  const ended = await server.inn(['remove', NAME, '--data'])
  assert.equal(ended.json.outcome, 'done', ended.text)
  assert.ok(!(await readdir(join(server.home, 'apps'))).includes(NAME))
  const again = await app.deploy()
  assert.equal(again.json.outcome, 'done', again.text)
  const old = pointsOf(await backups(server, () => true), NAME)
  assert.ok(
    old.every(point => point.state !== 'good'),
    JSON.stringify(old),
  )
  assert.ok(await hasPoint(), 'the new database has a backup at once')
  const [release] = (await server.inn(['releases', NAME])).json as unknown as Array<{ migrations: string[] }>
  assert.deepEqual(release!.migrations, ['001.sql'])
})

test('what a removal kept can be deleted later, with the user that the app ran as', async () => {
  assert.equal((await server.inn(['remove', NAME])).json.outcome, 'done')
  const ended = await server.inn(['remove', NAME, '--data'])
  assert.equal(ended.json.outcome, 'done', ended.text)
  assert.ok(!(await readdir(join(server.home, 'apps'))).includes(NAME))
  assert.ok(!(await readFile('/etc/passwd', 'utf8')).includes(`${userName(server.home, NAME)}:`))
})

test('an app that is not there cannot be removed', async () => {
  const ended = await server.inn(['remove', 't-nobody'])
  assert.equal(ended.json.failure!.code, 'app.unknown')
})
