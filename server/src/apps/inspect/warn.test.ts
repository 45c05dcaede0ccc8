import assert from 'node:assert/strict'
import { basename } from 'node:path'
import { test } from 'node:test'
import { readConfigOrFail } from '../../config/read.ts'
import { folderWith } from './folder.fixture.ts'
import { openFolder } from './folder.ts'
import { gather } from './gather.ts'
import { warningsOf } from './warn.ts'

const pkg = (more: object) => JSON.stringify({ name: 'shop', dependencies: { express: '5' }, ...more })

test('a start that wraps another is told, with what it hides and what to write instead', async t => {
  const root = await folderWith(t, {
    'package.json': pkg({ scripts: { start: 'PORT=3000 node server.js' } }),
    'package-lock.json': '{}',
  })
  const config = readConfigOrFail('name: shop\nservices:\n  web: { start: npm start }\n')
  const [warning, ...more] = warningsOf(config, await gather(await openFolder(root), basename(root)))
  assert.deepEqual(more, [])
  assert.match(warning!, /^web: start: npm start: it fixes the port.*package manager.*node server\.js$/)
})

test('dependencies without a lockfile are told before a deploy refuses them', async t => {
  const root = await folderWith(t, { 'package.json': pkg({}), 'server.js': '' })
  const config = readConfigOrFail('name: shop\nservices:\n  web: { start: node server.js }\n')
  const [warning] = warningsOf(config, await gather(await openFolder(root), basename(root)))
  assert.match(warning!, /no lockfile/)
})

test('nothing is said of a good file', async t => {
  const root = await folderWith(t, { 'package.json': pkg({}), 'package-lock.json': '{}', 'server.js': '' })
  const config = readConfigOrFail('name: shop\nservices:\n  web: { start: node server.js }\n')
  assert.deepEqual(warningsOf(config, await gather(await openFolder(root), basename(root))), [])
})

test('a library whose sessions live in one instance is told of where several share the requests', async t => {
  for (const [name, title] of [
    ['socket.io', 'Socket.IO'],
    ['engine.io', 'Engine.IO'],
    ['sockjs', 'SockJS'],
    ['@microsoft/signalr', 'SignalR'],
  ] as const) {
    const root = await folderWith(t, {
      'package.json': pkg({ dependencies: { [name]: '1' } }),
      'package-lock.json': '{}',
      'server.js': '',
    })
    const facts = await gather(await openFolder(root), basename(root))
    const warned = (more: string) =>
      warningsOf(readConfigOrFail(`name: shop\nservices:\n  web: { start: node server.js${more} }\n`), facts)
    assert.match(warned(', instances: 2')[0]!, new RegExp(`^web: ${title} .*affinity: cookie$`))
    assert.deepEqual(warned(''), [])
    assert.deepEqual(warned(', instances: 2, affinity: address'), [])
  }
})

test('a bound of memory that any instance soon passes is told', async t => {
  const root = await folderWith(t, { 'server.js': '' })
  const of = async (memory: string) => {
    const config = readConfigOrFail(
      `name: shop\nservices:\n  web: { start: node server.js, memory: ${memory} }\n`,
    )
    return warningsOf(config, await gather(await openFolder(root), basename(root)))
  }
  assert.match((await of('100MB'))[0]!, /^web: memory: 100MB is little/)
  assert.deepEqual(await of('128MB'), [])
})

test('a port that stands in the code is told, unless the command is given one', async t => {
  const root = await folderWith(t, {
    'package.json': pkg({}),
    'package-lock.json': '{}',
    'server.js': 'const app = express()\napp.listen(3000)\n',
  })
  const facts = await gather(await openFolder(root), basename(root))
  const of = (service: string) =>
    warningsOf(readConfigOrFail(`name: shop\nservices:\n  web: { ${service} }\n`), facts)
  assert.match(of('start: node server.js')[0]!, /^web: server\.js listens on 3000, which stands in the code/)
  assert.deepEqual(of('start: node server.js --port $PORT'), [])
  assert.deepEqual(of('start: node server.js, worker: true'), [])
})

test('what a library needs behind the pooler is told, unless its service goes past it', async t => {
  const root = await folderWith(t, {
    'package.json': pkg({ dependencies: { 'graphile-worker': '1', postgres: '3', '@prisma/client': '6' } }),
    'package-lock.json': '{}',
    'server.js': '',
  })
  const facts = await gather(await openFolder(root), basename(root))
  const warned = (more: string, own = '', of = facts) =>
    warningsOf(
      readConfigOrFail(
        `name: shop\nservices:\n  web: { start: node server.js${own} }\ndatabase: { postgres: true${more} }\n`,
      ),
      of,
    )
  const told = warned(', pooling: true')
  assert.deepEqual(
    told.map(text => text.split(' ').slice(0, 2).join(' ')),
    ['web: graphile-worker', 'web: postgres', 'web: @prisma/client'],
  )
  assert.match(told[0]!, /LISTEN.*DIRECT_DATABASE_URL/)
  assert.match(told[1]!, /prepare: false/)
  assert.match(told[2]!, /pgbouncer=true/)
  assert.deepEqual(warned(''), [])
  assert.deepEqual(warned(', pooling: true', ', env: { DATABASE_URL: { database: direct } }'), [])
  const [own] = facts.packages
  const adapted = { ...own!, dependencies: new Set([...own!.dependencies, '@prisma/adapter-pg']) }
  assert.equal(warned(', pooling: true', '', { ...facts, packages: [adapted] }).length, 2)
})
