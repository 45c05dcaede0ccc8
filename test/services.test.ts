import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { type Fixture, makeApp, workerJs } from './kit/app.ts'
import { makeServer, type Server } from './kit/server.ts'
import { visit } from './kit/visitors.ts'

/** Says PONG when the Redis that it was given knows its password. */
const API = `
const { connect } = require('node:net')
const url = new URL(process.env.REDIS_URL)
const ping = () => new Promise(done => {
  const socket = connect(url.port, url.hostname, () => socket.write('AUTH ' + url.password + '\\r\\nPING\\r\\n'))
  let text = ''
  socket.on('data', chunk => { text += chunk; if (text.includes('PONG')) { socket.destroy(); done('PONG') } })
  socket.on('error', error => done(error.message))
})
require('node:http').createServer(async (request, response) => {
  if (request.url === '/api/redis') return response.end(await ping())
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify({ ready: true, version: process.env.INNKEEPER_RELEASE }))
}).listen(process.env.PORT, process.env.HOST)
`

/** Writes down when it begins and ends, so that two at once would show. */
const BOT = `
const { appendFileSync } = require('node:fs')
const say = word => appendFileSync('state/bot.log', word + ' ' + process.env.INNKEEPER_RELEASE + '\\n')
say('begin')
require('node:http').createServer((_, response) => response.end(JSON.stringify({ version: process.env.INNKEEPER_RELEASE }))).listen(process.env.PORT, process.env.HOST)
process.on('SIGTERM', () => { say('end'); process.exit(0) })
`

const YAML = `name: t-many
services:
  api:
    start: node api.js
    instances: 2
    drain: 1s
    stopGrace: 2s
    health: { path: /health, expect: { json: { path: ready, equals: true } }, interval: 200ms }
  bot: { start: node bot.js, singleton: true, persist: [state], stopGrace: 2s, health: { path: /bot, interval: 200ms } }
  jobs: { start: node jobs.js, worker: true, stopGrace: 2s }
  web: { static: public }
routes: { /api: api, /health: api, /bot: bot, /: web }
redis: true
watch: 0
`

let server: Server
let app: Fixture
let url: string
const get = async (path: string) => (await fetch(url + path)).text()

before(async () => {
  server = await makeServer()
  app = await makeApp(server, 't-many', {
    'innkeeper.yaml': YAML,
    'api.js': API,
    'bot.js': BOT,
    'jobs.js': workerJs,
    'public/index.html': '<!doctype html><script src="/assets/app-1a2B3c4D.js"></script>one',
    'public/assets/app-1a2B3c4D.js': 'one',
  })
  const done = await app.deploy()
  assert.equal(done.json.outcome, 'done', done.text)
  url = (await server.app('t-many')).url!
})
after(() => server.remove())

test('each path goes to its service, and Redis knows the password that the app was given', async () => {
  let pong = ''
  for (let tries = 0; tries < 40 && pong !== 'PONG'; tries++) pong = await get('/api/redis')
  assert.equal(pong, 'PONG')
  assert.equal(await get('/bot'), '{"version":"r1"}')
  assert.match(await get('/some/page'), /one$/)
})

test('a singleton never runs twice, and its visitors wait instead of failing', async () => {
  const visitors = visit(`${url}/bot`)
  const done = await app.deploy()
  assert.equal(done.json.outcome, 'done', done.text)
  assert.deepEqual((await visitors.leave()).failures, [], 'nobody was refused')
  const log = await readFile(join(server.home, 'apps/t-many/shared/state/bot.log'), 'utf8')
  assert.deepEqual(log.trim().split('\n'), ['begin r1', 'end r1', 'begin r2'])
  const now = await server.app('t-many', a => a.services.find(s => s.name === 'jobs')!.instances.length === 1)
  assert.equal(now.services.find(s => s.name === 'jobs')!.instances[0]!.release, 'r2', 'the old worker ended')
})

test('a singleton that does not start: the failure and the run say for how long its requests were held', async () => {
  const visitors = visit(`${url}/bot`)
  await app.write({ 'bot.js': 'process.exit(1)' })
  const ended = await app.deploy()
  await app.write({ 'bot.js': BOT })
  assert.equal(ended.json.outcome, 'undone', ended.text)
  assert.match(ended.json.failure!.what, /^bot of r3 exits .*; requests to bot have been held for \d/)
  const notes = ended.json.steps!.map(step => step.note ?? '')
  assert.ok(
    notes.some(note => /^requests to bot were held for \d/.test(note)),
    JSON.stringify(notes),
  )
  assert.deepEqual((await visitors.leave()).failures, [])
  assert.equal(await get('/bot'), '{"version":"r2"}')
})

test('--only web changes the pages and touches nothing else; pages loaded before find their files', async () => {
  const before = (await server.app('t-many')).services.find(s => s.name === 'api')!.instances.map(i => i.pid)
  await app.write({
    'public/index.html': '<!doctype html>two',
    'public/assets/app-1a2B3c4D.js': null,
    'public/assets/app-9z8Y7x6W.js': 'two',
  })
  const done = await app.deploy(['--only', 'web'])
  assert.equal(done.json.outcome, 'done', done.text)
  const now = await server.app('t-many')
  assert.deepEqual(
    now.services.find(s => s.name === 'api')!.instances.map(i => i.pid),
    before,
  )
  assert.equal(await get('/'), '<!doctype html>two')
  assert.equal(await get('/assets/app-1a2B3c4D.js'), 'one', 'the hashed file of the release before')
  assert.equal(await get('/assets/app-9z8Y7x6W.js'), 'two')
  assert.equal(await get('/bot'), '{"version":"r2"}')
})

test('scale, restart, switch, stop and start, with visitors who see only the stop', async () => {
  const visitors = visit(`${url}/health`)
  for (const args of [
    ['scale', 'api=3', '--app', 't-many'],
    ['restart', 't-many'],
    ['scale', 'api=1', '--app', 't-many'],
  ]) {
    const done = await server.inn(args)
    assert.equal(done.json.outcome, 'done', `${args.join(' ')}: ${done.text}`)
  }
  assert.deepEqual((await visitors.leave()).failures, [])
  assert.equal((await server.inn(['stop', 't-many', '--yes'])).json.outcome, 'done')
  assert.equal((await fetch(`${url}/health`)).status, 503)
  assert.equal((await server.app('t-many')).state, 'stopped')
  const started = await server.inn(['start', 't-many'])
  assert.equal(started.json.outcome, 'done', started.text)
  assert.equal((await fetch(`${url}/health`)).status, 200)
  assert.equal(
    (await server.app('t-many', a => a.state === 'serving')).services
      .find(s => s.name === 'api')!
      .instances.filter(i => i.role === 'live').length,
    1,
  )
})

test('one command in the release that serves, as the user of the app, with its environment and its exit code', async () => {
  const done = await server.inn([
    'run',
    '--app',
    't-many',
    '--',
    'node',
    '-e',
    'console.log(process.env.INNKEEPER_RELEASE, process.getuid() !== 0); process.exit(7)',
  ])
  assert.equal(done.code, 7)
  assert.match(JSON.stringify(done.json['lines']), /r\d true/)
})
