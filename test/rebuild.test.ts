import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Fixture, makeApp, serverJs, workspace, yaml } from './kit/app.ts'
import { keeperRows } from './kit/data.ts'
import { processesOf } from './kit/processes.ts'
import { failureOf, good } from './kit/proof.ts'
import { makeServer, type Server } from './kit/server.ts'

const NAME = 't-anew'
const FILE = yaml(NAME, '', '    build: node build.js\n')
/** Leaves what tools keep between builds. */
const KEEPS = `const fs = require('node:fs')
fs.mkdirSync('node_modules/.cache/tool', { recursive: true })
fs.writeFileSync('node_modules/.cache/tool/seen', '')
`
/** Works only where an earlier build left that. */
const NEEDS = `if (!require('node:fs').existsSync('node_modules/.cache/tool/seen')) throw new Error('nobody was here before')\n`
/** Never ends where it is built from nothing. */
const HANGS = `${KEEPS}if (process.env.HOME.endsWith('/rebuild/cache')) setInterval(() => {}, 1000)\n`

let server: Server
let app: Fixture
const rebuild = () => server.inn(['rebuild', NAME])
const deploys = async (change: Record<string, string>) => {
  await app.write(change)
  return good(await app.deploy())
}
const told = async () =>
  (await server.client.get<{ alarms: Array<{ code: string; what: string }> }>('/api/status')).alarms.filter(
    ({ code }) => code === 'rebuild.failed',
  )

before(async () => {
  server = await makeServer()
  app = await makeApp(server, NAME, {
    'innkeeper.yaml': FILE,
    'server.js': serverJs('v1'),
    'build.js': KEEPS,
    ...workspace('anew'),
  })
})
after(() => server?.remove())

test('what serves is built from nothing beside it, and nothing of that stays', async () => {
  failureOf(await rebuild(), 'app.unknown')
  await deploys({})
  good(await rebuild())
  await assert.rejects(access(join(server.home, 'apps', NAME, 'rebuild')))
  assert.deepEqual(await told(), [])
})

test('a build that is green by what an earlier one left is found, and told until another one serves', async () => {
  await deploys({ 'build.js': NEEDS })
  assert.match(failureOf(await rebuild(), 'build.failed').why, /nobody was here before/)
  assert.equal((await server.app(NAME)).state, 'serving')
  assert.deepEqual(await told(), [], 'a registry may have been away')
  failureOf(await rebuild(), 'build.failed')
  const [alarm] = await told()
  assert.match(alarm!.what, /r2 of t-anew serves, and does not come out of its source again/)
  await deploys({ 'build.js': KEEPS, 'server.js': serverJs('v2') })
  assert.deepEqual(await told(), [])
})

test('packages that serve and that no install brings are named', async () => {
  const path = 'node_modules/by-hand/package.json'
  const put = `require('node:fs').mkdirSync('node_modules/by-hand'); require('node:fs').writeFileSync('${path}', '{}')`
  assert.equal((await server.inn(['run', '--app', NAME, '--', 'node', '-e', put])).code, 0)
  assert.equal(failureOf(await rebuild(), 'rebuild.differs').why, `${path} is missing`)
})

/** Pids of what a rebuild runs. */
const builders = () => processesOf(join(server.home, 'apps', NAME, 'rebuild', 'cache'))

/** Resolves when a build that hangs goes on, which none of these processes does. */
async function building(others: readonly number[] = []): Promise<number[]> {
  const seen = join(server.home, 'apps', NAME, 'rebuild/tree/node_modules/.cache/tool/seen')
  for (const end = Date.now() + 30_000; Date.now() < end; await sleep(100)) {
    const pids = await builders()
    if (pids.some(pid => !others.includes(pid)) && existsSync(seen)) return pids
  }
  return assert.fail('nothing is built')
}

test('a rebuild whose keeper is killed is built again from nothing, and can be taken back', async () => {
  await deploys({ 'build.js': HANGS })
  const running = rebuild()
  const first = await building()
  await server.killKeeper()
  const second = await building(first)
  assert.deepEqual(
    second.filter(pid => first.includes(pid)),
    [],
    'what the dead keeper was building has ended',
  )
  const [run] = keeperRows(server, `select id from run where kind = 'rebuild' and state <> 'ended'`)
  await server.inn(['cancel', String(run!['id'])])
  assert.equal((await running).json.outcome, 'undone')
  assert.deepEqual(await builders(), [])
  await assert.rejects(access(join(server.home, 'apps', NAME, 'rebuild')))
  assert.deepEqual(await told(), [])
})

test('a rebuild gives way to a deploy at once', async () => {
  await deploys({ 'build.js': `${HANGS}//` })
  const running = rebuild()
  await building()
  await deploys({ 'build.js': KEEPS, 'server.js': serverJs('v3') })
  assert.notEqual((await running).json.outcome, 'done')
  await assert.rejects(access(join(server.home, 'apps', NAME, 'rebuild')))
  assert.deepEqual(await told(), [])
})
