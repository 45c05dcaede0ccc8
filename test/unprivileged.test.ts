import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, before, test } from 'node:test'
import { execOk } from '../server/src/drivers/host/exec.ts'
import { type Fixture, makeApp, serverJs, yaml } from './kit/app.ts'
import { makeServer, type Server } from './kit/server.ts'
import { ask } from './kit/visitors.ts'

const NAME = 't-plain'
const NOBODY = 65534

let server: Server
let app: Fixture

before(async () => {
  server = await makeServer({ uid: NOBODY })
  app = await makeApp(server, NAME, {
    'innkeeper.yaml': yaml(
      NAME,
      'database: { postgres: true }\nmigrations: { tool: sql, folder: db }\nredis: true\n',
    ),
    'db/001.sql': 'create table guest (id int);\n',
    'server.js': serverJs('v1'),
  })
  await execOk({ argv: ['chown', '-R', String(NOBODY), server.home], timeoutMs: 20_000 }, 'chown')
})

after(() => server?.remove())

test('without root everything runs from one folder, as whoever started it', async () => {
  const first = await app.deploy()
  assert.equal(first.json.outcome, 'done', first.text)
  await app.write({ 'server.js': serverJs('v2') })
  const second = await app.deploy()
  assert.equal(second.json.outcome, 'done', second.text)
  const back = await server.inn(['rollback', NAME])
  assert.equal(back.json.outcome, 'done', back.text)
  const status = await server.app(NAME, a => a.state === 'serving' && a.running === null)
  assert.match((await ask(`${status.url}/`)).body, /"v1"/)
  const pids = status.services.flatMap(s => s.instances).map(i => i.pid!)
  const parts = (await server.status()).parts.map(part => part.pid!)
  assert.ok(parts.length >= 3, 'edge, PostgreSQL and Redis')
  for (const pid of [...pids, ...parts])
    assert.match(await readFile(`/proc/${pid}/status`, 'utf8'), /^Uid:\s+65534\s/m)
})
