import assert from 'node:assert/strict'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { exec } from '../server/src/drivers/host/exec.ts'
import { makeApp, serverJs, yaml } from './kit/app.ts'
import { backups } from './kit/data.ts'
import { failureOf, good } from './kit/proof.ts'
import { makeServer, type Server } from './kit/server.ts'

const NAME = 't-cellar'
let server: Server
let point: string

before(async () => {
  server = await makeServer({ backups: true })
  const app = await makeApp(server, NAME, {
    'innkeeper.yaml': yaml(NAME, 'redis: true\nrelease: node release.js\n', '    persist: [uploads]\n'),
    'server.js': serverJs('v1'),
    // Ends with 1 on what the restore point has.
    'release.js': `const { existsSync, readFileSync } = require('node:fs')
if (existsSync('uploads/menu.txt') && readFileSync('uploads/menu.txt', 'utf8') === 'soup') process.exit(1)\n`,
  })
  good(await app.deploy())
  await write('soup', '7')
  good(await server.inn(['backup', 'now', NAME, '--wait']))
  const { points } = await backups(server, seen => seen.points[0]?.state === 'good')
  point = points[0]!.name
})

after(() => server?.remove())

const upload = () => join(server.home, 'apps', NAME, 'shared/uploads/menu.txt')

async function redis(...args: string[]): Promise<string> {
  const conf = await readFile(join(server.home, 'apps', NAME, 'settings/redis.conf'), 'utf8')
  const value = (key: string) => new RegExp(`^${key} (.*)$`, 'm').exec(conf)![1]!
  const argv = ['redis-cli', '-p', value('port'), ...args]
  return (await exec({ argv, env: { REDISCLI_AUTH: value('requirepass') }, timeoutMs: 10_000 })).stdout.trim()
}

async function write(menu: string, table: string): Promise<void> {
  await writeFile(upload(), menu)
  await redis('set', 'table', table)
}

const there = async () => [await readFile(upload(), 'utf8'), await redis('get', 'table')]
const aside = async () =>
  (await readdir(join(server.home, 'apps', NAME, 'closed'))).filter(name => /^(files|redis)\./.test(name))

async function serves(): Promise<void> {
  const status = await server.app(NAME, app => app.state === 'serving' && app.running === null)
  assert.equal(status.state, 'serving', status.reason ?? '')
}

test('files and Redis of an app without a database come back from a point, and from the newest one until a moment', async () => {
  await write('nothing', '8')
  const ended = await server.inn(['restore', NAME, '--point', point])
  good(ended)
  await serves()
  assert.deepEqual(await there(), ['soup', '7'])
  await write('stew', '9')
  await sleep(1_000)
  const planned = await server.inn(['restore', NAME, '--to', 'now', '--plan'])
  assert.match(planned.text, new RegExp(`the newest point until then is ${point}, .* before 20`))
  good(await server.inn(['restore', NAME, '--to', 'now']))
  assert.deepEqual(await there(), ['soup', '7'])
})

test('Redis alone comes back from the newest point that has it, and the files stay', async () => {
  await write('stew', '10')
  good(await server.inn(['restore', NAME, '--redis', '--to', 'now']))
  await serves()
  assert.deepEqual(await there(), ['stew', '7'])
  good(await server.inn(['restore', 'undo', NAME]))
  assert.deepEqual(await there(), ['stew', '10'])
  await write('soup', '7')
})

test('undo returns step by step to what was there, discard deletes it, and then nothing is left beside', async () => {
  good(await server.inn(['restore', 'undo', NAME]))
  await serves()
  assert.deepEqual(await there(), ['stew', '9'])
  assert.equal((await aside()).length, 2, 'what was there before the first restore')
  good(await server.inn(['restore', 'discard', NAME]))
  assert.deepEqual(await aside(), [])
  failureOf(await server.inn(['restore', 'undo', NAME]), 'restore.none')
})

test('a restore that fails leaves what was there; what there is not is told before anything stops', async () => {
  const early = failureOf(await server.inn(['restore', NAME, '--to', '2020-01-01 10:00']), 'restore.no-files')
  assert.ok(early.why.includes(point), early.why)
  failureOf(await server.inn(['restore', NAME, '--backup', 'x']), 'backup.unknown')
  failureOf(await server.inn(['restore', NAME, '--point', point, '--table', 'guest']), 'restore.no-database')
  failureOf(await server.inn(['drill', 'now', NAME]), 'drill.no-database')
  const ended = await server.inn(['restore', NAME, '--point', point, '--migrate'])
  assert.equal(ended.json.outcome, 'undone', ended.text)
  failureOf(ended, 'release.failed')
  await serves()
  assert.deepEqual(await there(), ['stew', '9'])
  assert.deepEqual(await aside(), [])
})
