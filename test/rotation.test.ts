import assert from 'node:assert/strict'
import { after, before, type TestContext, test } from 'node:test'
import type { AppStatus } from '../server/src/apps/app/wire.ts'
import { type Fixture, makeApp } from './kit/app.ts'
import { makeServer, type Server } from './kit/server.ts'
import { ask, type Seen, visit } from './kit/visitors.ts'

/** Three instances, each of which can be told to fail, to hang or to grow, through its own port. */
const SOURCE = `
let ill = false
const held = []
require('node:http').createServer((request, response) => {
  if (request.url === '/ill') ill = true
  if (request.url === '/well') ill = false
  if (request.url === '/hang') for (;;);
  if (request.url === '/grow') held.push(Buffer.alloc(90 * 1024 ** 2, 1))
  response.statusCode = ill && !['/ill', '/well'].includes(request.url) ? 500 : 200
  response.end(JSON.stringify({ ready: !ill, version: 'v1' }))
}).listen(process.env.PORT, '127.0.0.1')
`
const YAML = `name: t-rotation
services:
  web:
    start: node server.js
    instances: 3
    memory: 120MB
    drain: 2s
    stopGrace: 1s
    health: { path: /health, expect: { json: { path: ready, equals: true } }, interval: 200ms, timeout: 300ms }
    restart: { after: 4s, longest: 30s }
watch: 0
buildMemory: 300MB
`

let server: Server
let app: Fixture
let url: string

before(async () => {
  server = await makeServer()
  app = await makeApp(server, 't-rotation', { 'innkeeper.yaml': YAML, 'server.js': SOURCE })
  const done = await app.deploy()
  assert.equal(done.json.outcome, 'done', done.text)
  url = (await server.app('t-rotation')).url!
})
after(() => server.remove())

/** Between its end and its start an instance is not there. */
const one = (status: AppStatus, n: number) =>
  status.services[0]!.instances.find(i => i.n === n) ?? { pid: 0, restarts: 0, port: 0, leftOut: false }
const seen = (good: (status: AppStatus) => boolean) => server.app('t-rotation', good)
const tell = async (n: number, path: string) => {
  const { port } = one(await seen(() => true), n)
  return ask(`http://127.0.0.1:${port}${path}`)
}
const allWell = (status: AppStatus) =>
  status.state === 'serving' && status.services[0]!.instances.every(i => i.state === 'ready' && !i.leftOut)

/** Visitors who come until what they saw is asked for, or the test is over. */
function visiting(t: TestContext): () => Promise<Seen> {
  const visitors = visit(url)
  t.after(() => visitors.leave())
  return visitors.leave
}

test('an instance that answers 500 is left out, shown, and asked again when it is well', async t => {
  await tell(2, '/ill')
  const degraded = await seen(status => one(status, 2).leftOut)
  assert.equal(degraded.reason, '1 instance of web is not ready; the others take its requests')
  const leave = visiting(t)
  await new Promise(resolve => setTimeout(resolve, 1000))
  const { failed, requests, failures } = await leave()
  assert.ok(requests > 50)
  assert.equal(failed, 0, failures.join('\n'))
  const rows = (await server.inn(['ps', 't-rotation'])).json as unknown as Array<{
    n: number
    leftOut: boolean
  }>
  assert.deepEqual(
    rows.map(row => [row.n, row.leftOut]),
    [
      [1, false],
      [2, true],
      [3, false],
    ],
  )
  await tell(2, '/well')
  assert.ok(allWell(await seen(allWell)))
})

test('of two that fail none is asked while the third is well, and all are when none is', async () => {
  await Promise.all([tell(1, '/ill'), tell(2, '/ill')])
  await seen(status => one(status, 1).leftOut && one(status, 2).leftOut)
  assert.equal((await ask(url)).status, 200)
  await tell(3, '/ill')
  await seen(status => status.state === 'down' && status.services[0]!.instances.every(i => !i.leftOut))
  await Promise.all([1, 2, 3].map(n => tell(n, '/well')))
  assert.ok(allWell(await seen(allWell)))
})

test('one that stays so is replaced, whether it is frozen or loops without end', async t => {
  for (const [n, harm] of [
    [1, (pid: number) => void process.kill(pid, 'SIGSTOP')],
    [2, () => void tell(2, '/hang').catch(() => {})],
  ] as const) {
    const { pid, restarts } = one(await seen(allWell), n)
    harm(pid!)
    await seen(status => one(status, n).leftOut)
    const leave = visiting(t)
    const back = await seen(status => ![0, pid].includes(one(status, n).pid) && allWell(status))
    const { failed, failures } = await leave()
    assert.equal(failed, 0, failures.join('\n'))
    assert.ok(allWell(back), JSON.stringify(back.services))
    assert.equal(one(back, n).restarts, restarts + 1)
  }
})

test('two over their memory are replaced one after the other, without a failed request', async t => {
  const before = await seen(allWell)
  const leave = visiting(t)
  await Promise.all([tell(1, '/grow'), tell(3, '/grow')])
  let together = 0
  const back = await seen(status => {
    const away = status.services[0]!.instances.filter(i => i.state !== 'ready').length
    together = Math.max(together, away)
    return [1, 3].every(n => ![0, one(before, n).pid].includes(one(status, n).pid)) && allWell(status)
  })
  const { failed, failures, requests } = await leave()
  assert.equal(failed, 0, `of ${requests}: ${failures.join('\n')}`)
  assert.ok(together <= 1, `${together} were away together`)
  for (const n of [1, 3]) assert.equal(one(back, n).restarts, one(before, n).restarts + 1)
})

test('the only instance over its memory is replaced behind one that stands in for it', async t => {
  const scaled = await server.inn(['scale', 'web=1'], { cwd: app.folder })
  assert.equal(scaled.json.outcome, 'done', scaled.text)
  const { pid, restarts } = one(await seen(allWell), 1)
  const leave = visiting(t)
  await tell(1, '/grow')
  const back = await seen(
    status =>
      ![0, pid].includes(one(status, 1).pid) && status.services[0]!.instances.length === 1 && allWell(status),
  )
  const { failed, failures } = await leave()
  assert.equal(failed, 0, failures.join('\n'))
  assert.equal(one(back, 1).restarts, restarts + 1)
})
