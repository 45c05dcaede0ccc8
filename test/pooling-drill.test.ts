import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Drill } from '../server/src/data/drills/wire.ts'
import { makeApp, yaml } from './kit/app.ts'
import { withPg } from './kit/bundle.ts'
import { firstPoint } from './kit/data.ts'
import { good } from './kit/proof.ts'
import { makeServer, type Server } from './kit/server.ts'

const NAME = 't-pooldrill'
let server: Server

/** It is healthy when the database answers by both addresses. */
const SOURCE = `
const http = require('node:http')
const { Pool } = require('pg')
const pools = ['DATABASE_URL', 'DIRECT_DATABASE_URL'].map(name => new Pool({ connectionString: process.env[name], max: 2 }))
for (const pool of pools) pool.on('error', () => {})
http.createServer((request, response) =>
  Promise.all(pools.map(pool => pool.query('select 1'))).then(
    () => response.end('{"ready":true}'),
    error => { response.statusCode = 503; response.end(error.message) },
  )).listen(Number(process.env.PORT), '127.0.0.1')
process.on('SIGTERM', () => process.exit(0))
`

before(async () => {
  server = await makeServer({ backups: true })
  const files = {
    'innkeeper.yaml': yaml(NAME, 'database: { postgres: true, pooling: true }\n'),
    'server.js': await withPg(SOURCE),
  }
  good(await (await makeApp(server, NAME, files)).deploy())
  await firstPoint(server)
})

after(() => server?.remove())

test('in a drill the app finds the copy at both of its addresses', async () => {
  await server.inn(['drill', 'now', NAME])
  const [report] = (await server.inn(['drill', 'list'])).json as unknown as Drill[]
  const boot = report!.levels.find(level => level.level === 5)
  assert.equal(boot?.state, 'proven', boot?.detail ?? '')
  assert.match(boot!.detail!, /web healthy after/)
})
