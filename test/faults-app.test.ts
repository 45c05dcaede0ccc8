import assert from 'node:assert/strict'
import { createServer, type Server as Listener } from 'node:net'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { processInfo } from '../server/src/drivers/host/proc.ts'
import { type Fixture, makeApp, serverJs, yaml } from './kit/app.ts'
import { type Proof, prove } from './kit/proof.ts'
import { makeServer, type Server } from './kit/server.ts'
import { ask } from './kit/visitors.ts'

const NAME = 't-app'
const short = yaml(NAME).replace('startPeriod: 15s', 'startPeriod: 2s')

let server: Server
let app: Fixture
let proof: Proof

before(async () => {
  server = await makeServer()
  app = await makeApp(server, NAME, { 'innkeeper.yaml': short, 'server.js': serverJs('v1') })
  proof = await prove(server, app)
})

after(async () => {
  await proof?.visitors.leave()
  await server?.remove()
})

/** Deploys this as the app, which must fail so, and then a good version again. */
async function bad(code: string, source: string) {
  await app.write({ 'server.js': source })
  const failure = await proof.harmless(code, () => app.deploy())
  await app.write({ 'server.js': serverJs('v1') })
  return failure
}

const listening = (port: string, answer: string): string =>
  `require('node:http').createServer((_, response) => { ${answer} }).listen(${port}, '127.0.0.1')`

test('an app runs on the Node.js of its file, whatever the machine has', async () => {
  const { url } = await server.app(NAME)
  assert.match((await ask(`${url}/node`)).body, /^v24\./)
})

test('an app that exits at once: its last lines are in the answer', async () => {
  const failure = await bad('deploy.exits', `throw new Error('no such setting: COLOUR')`)
  assert.match(failure.why, /no such setting: COLOUR/)
})

test('an app that never listens', async () => {
  const failure = await bad('deploy.not-ready', `setInterval(() => {}, 1000)`)
  assert.match(failure.why, /listens on no port/)
})

test('an app that listens elsewhere: the answer names the port', async () => {
  const failure = await bad('deploy.not-ready', listening('0', `response.end('{"ready":true}')`))
  const [port] = failure.facts!['listens'] as number[]
  assert.ok(port! > 0)
  assert.match(failure.why, new RegExp(`listens on ${port}, not on \\$PORT`))
})

test('an app that answers 500', async () => {
  const failure = await bad(
    'deploy.not-ready',
    listening('process.env.PORT', `response.statusCode = 500; response.end('database is on fire')`),
  )
  assert.match(failure.why, /500/)
  assert.match(failure.why, /database is on fire/)
})

test('an app that answers its front page whatever is asked', async () => {
  const failure = await bad(
    'deploy.not-ready',
    listening('process.env.PORT', `response.end('<!doctype html><title>hello</title>')`),
  )
  assert.match(failure.why, /not JSON/)
})

test('an app that answers, and not that it is ready', async () => {
  const failure = await bad(
    'deploy.not-ready',
    listening('process.env.PORT', `response.end('{"ready":false}')`),
  )
  assert.match(failure.why, /ready = false/)
})

test('the last lines in an answer are of the release that failed', async () => {
  const failure = await bad('deploy.not-ready', `console.log('only mine'); setInterval(() => {}, 1000)`)
  assert.match(failure.why, /last lines:\nonly mine$/)
})

test('after all of these, the next good deploy works', () => proof.recovers())

test('a health page of HTML that nothing is expected of is warned of', async () => {
  const loose = short.replace('expect: { json: { path: ready, equals: true } }, ', '')
  await app.write({ 'innkeeper.yaml': loose })
  // Visitors want JSON of /, so only the health page is one of HTML.
  await app.write({
    'server.js': serverJs('v1').replace(
      "if (request.url === '/pid')",
      "if (request.url === '/health') return response.setHeader('content-type', 'text/html').end('<!doctype html>')\n  if (request.url === '/pid')",
    ),
  })
  const ended = await app.deploy()
  assert.equal(ended.json.outcome, 'done', ended.text)
  assert.match(ended.json.steps!.map(s => s.note).join('\n'), /answers HTML/)
  await app.write({ 'innkeeper.yaml': short, 'server.js': serverJs('v1') })
})

test('an app that ignores SIGTERM and leaves children behind is gone after its grace', async () => {
  const stubborn = `
    process.on('SIGTERM', () => {})
    const child = require('node:child_process').spawn(process.execPath, ['-e', 'process.on("SIGTERM", () => {}); setInterval(() => {}, 1000)'])
    process.on('exit', () => {})
  `
  const source = serverJs('v1', stubborn)
    .replace(/process\.on\('SIGTERM', \(\) => \{ server.*$/m, '')
    .replace(
      "if (request.url === '/pid')",
      "if (request.url === '/child') return response.end(String(child.pid))\n  if (request.url === '/pid')",
    )
  await app.write({ 'server.js': source })
  assert.equal((await app.deploy()).json.outcome, 'done')
  const { url } = await server.app(NAME)
  const pids = await Promise.all(['/pid', '/child'].map(async path => Number((await ask(url + path)).body)))
  assert.ok(pids.every(pid => pid > 1))
  await app.write({ 'server.js': serverJs('v1') })
  await proof.recovers()
  // The second deploy needs its colour.
  await proof.recovers()
  for (const pid of pids) assert.equal(await processInfo(pid), null, `process ${pid} is still there`)
})

test('a port that a stranger takes while the deploy builds is left to the stranger', async () => {
  // The next deploy is planned on the port of the warm side, which is stopped before it starts there.
  const warm = (await server.app(NAME)).services[0]!.instances.find(i => i.role === 'warm')!
  const ended = server.inn(['deploy'], { cwd: app.folder })
  const stranger = await occupy(warm.port!)
  const failure = await proof.harmless('deploy.port-taken', () => ended)
  assert.equal(failure.facts!['port'], warm.port)
  assert.ok(stranger.listening)
  await proof.recovers()
  stranger.close()
})

/** Tries until the port is free, and takes it. */
async function occupy(port: number): Promise<Listener> {
  for (const end = Date.now() + 60_000; ; await sleep(1)) {
    assert.ok(Date.now() < end, 'the port becomes free')
    const listener = createServer(socket => socket.end('not yours'))
    const taken = new Promise<boolean>(resolve => {
      listener.once('error', () => resolve(false)).listen(port, '127.0.0.1', () => resolve(true))
    })
    if (await taken) return listener
  }
}

/** Answers 500 to everybody but its health check, once it was asked for /break; ends when it is asked for /end. */
const WORDS = `
let broken = false
require('node:http').createServer((request, response) => {
  if (request.url === '/health') return response.end('{"ready":true}')
  if (request.url === '/end') process.exit(1)
  broken ||= request.url === '/break'
  response.statusCode = broken ? 500 : 200
  response.end('x')
}).listen(process.env.PORT, '127.0.0.1')
`

test('an app whose health is well and whose visitors get 500 is not serving, nor is one that ends again and again', async () => {
  const name = 't-words'
  const other = await makeApp(server, name, { 'innkeeper.yaml': yaml(name), 'server.js': WORDS })
  assert.equal((await other.deploy()).json.outcome, 'done')
  const { url } = await server.app(name, seen => seen.state === 'serving')
  const visits = async (path: string, times: number) => {
    for (let n = 0; n < times; n++) await ask(`${url}${path}`)
  }
  await visits('/', 60)
  await visits('/break', 1)
  await visits('/', 40)
  const poor = await server.app(name, seen => seen.state !== 'serving')
  assert.equal(poor.state, 'degraded', poor.reason ?? '')
  assert.match(poor.reason!, /^\d+ % of \d+ requests to web failed in the last minute$/)
  const { code } = await server.inn(['status', name])
  assert.equal(code, 6)
  await visits('/', 900)
  const none = await server.app(name, seen => seen.state === 'down')
  assert.match(none.reason!, /^9\d % of /)
  assert.equal((await other.deploy()).json.outcome, 'done')
  const again = await server.app(name, seen => seen.state === 'serving')
  assert.equal(again.state, 'serving', 'what the release before did to visitors is not told of the new one')
  const restarts = async () => (await server.app(name)).services[0]!.instances[0]!.restarts
  for (let n = 0; n < 3; n++) {
    // On a busy machine a request may come before the next process listens, and ends nothing.
    for (const end = Date.now() + 20_000; (await restarts()) <= n && Date.now() < end; await sleep(1_500))
      await ask(`${url}/end`).catch(() => {})
    await server.app(name, seen => seen.services[0]!.instances[0]!.state === 'ready')
  }
  const unsteady = await server.app(name, seen => seen.state === 'degraded')
  assert.match(unsteady.reason!, /^web 1 ended or was replaced [3-6] times in the last two minutes$/)
})
