import assert from 'node:assert/strict'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Fixture, makeApp, serverJs, yaml } from '../kit/app.ts'
import { kill } from '../kit/processes.ts'
import { makeServer, type Server } from '../kit/server.ts'
import { ask } from '../kit/visitors.ts'
import { besides, portOf, textOf } from './kit.ts'

const [VICTIM, THIEF] = ['t-victim', 't-thief']
let server: Server
let victim: Fixture
let thief: Fixture
let url: string

before(async () => {
  server = await makeServer()
  victim = await makeApp(server, VICTIM, {
    'innkeeper.yaml': yaml(VICTIM, 'database: { postgres: true }\nredis: true\n'),
    'server.js': serverJs('v1'),
  })
  thief = await makeApp(server, THIEF, { 'innkeeper.yaml': yaml(THIEF), 'server.js': serverJs('v1') })
  for (const app of [victim, thief]) assert.equal((await app.deploy()).json.outcome, 'done')
  url = (await server.app(VICTIM, app => app.state === 'serving')).url!
})

after(() => server?.remove())

/** Takes the port as soon as it is free, and keeps it for a while; writes down who came. */
const stealing = (port: number, seen: string): string => `
const { appendFileSync } = require('node:fs')
const attempt = () => {
  const server = require('node:http').createServer((request, response) => {
    appendFileSync(${JSON.stringify(seen)}, request.url + '\\n')
    response.end('stolen')
  })
  server.on('error', () => setImmediate(attempt))
  server.listen(${port}, '127.0.0.1', () => setTimeout(() => { server.closeAllConnections(); server.close(() => setTimeout(attempt, 300)) }, 1500))
}
attempt()
`

test('an instance is down and a neighbour takes its port: visitors are never sent there', async () => {
  const port = portOf(server, `${VICTIM}.web.blue.1`)
  const seen = `/tmp/inn-stolen-${port}`
  await rm(seen, { force: true })
  const attack = besides(server, THIEF, stealing(port, seen))
  const answers = new Map<string, number>()
  let over = false
  const visitors = Promise.all(
    Array.from({ length: 4 }, async () => {
      while (!over) {
        const answer = await ask(`${url}/visitor`).catch(() => ({ status: 0, body: '' }))
        const what = answer.body.includes('stolen') ? 'stolen' : String(answer.status)
        answers.set(what, (answers.get(what) ?? 0) + 1)
      }
    }),
  )
  for (let n = 0; n < 8; n++) {
    const pid = Number(await readFile(join(server.home, `sv/${VICTIM}.web.blue.1/supervise/pid`), 'utf8'))
    if (pid > 1) kill(pid)
    await sleep(1_500)
  }
  over = true
  await visitors
  await attack.end()
  assert.ok((answers.get('200') ?? 0) > 0)
  assert.equal(answers.get('stolen') ?? 0, 0)
  assert.equal(await textOf(seen), '')
  // The thief may hold the port for a moment longer.
  const front = () => ask(`${url}/`).then(answer => answer.status)
  for (const end = Date.now() + 20_000; (await front()) !== 200 && Date.now() < end; ) await sleep(200)
  assert.equal(await front(), 200)
})

/** Whether a connection to a port of loopback comes about. */
const connects = (port: number): Promise<boolean> =>
  new Promise(resolve => {
    const socket = connect({ host: '127.0.0.1', port, timeout: 1_500 })
    socket.once('connect', () => resolve(Boolean(socket.destroy())))
    socket.once('timeout', () => resolve(Boolean(socket.destroy()) && false))
    socket.once('error', () => resolve(false))
  })

/** One character to the service's supervisor, as sv does it. */
const tell = (service: string, character: string): Promise<void> =>
  writeFile(join(server.home, 'sv', service, 'supervise/control'), character)

/** Stops a service without the keeper's help, as a crash does, and lets the thief have its port: nobody reaches them. */
async function robbed(service: string, port: number): Promise<void> {
  assert.ok(await connects(port))
  await tell(service, 'd')
  for (let n = 0; n < 100 && (await connects(port)); n++) await sleep(50)
  const attack = besides(server, THIEF, stealing(port, `/tmp/inn-stolen-${port}`))
  try {
    await sleep(500)
    for (let n = 0; n < 3; n++) assert.equal(await connects(port), false)
  } finally {
    await attack.end()
    await tell(service, 'u')
  }
  for (let n = 0; n < 200 && !(await connects(port)); n++) await sleep(50)
  assert.ok(await connects(port), `${service} answers again`)
}

test('Redis is down and an app takes its port: no password of anybody reaches it', () =>
  robbed(`${VICTIM}.redis`, portOf(server, `${VICTIM}.redis`)))

test('PostgreSQL is down and an app takes its port: no password of anybody reaches it', async () =>
  robbed(`${VICTIM}.postgres`, Number(await textOf(join(server.home, 'postgres', VICTIM, 'port')))))

test('the edge is down and an app takes the port of another one’s site: nobody sends it a cookie', async () => {
  await robbed('edge', Number(new URL(url).port))
  assert.equal((await ask(`${url}/`)).status, 200)
})

test('a neighbour on another address of loopback keeps no instance from its visitors', async () => {
  const port = portOf(server, `${VICTIM}.web.blue.1`)
  const aside = besides(
    server,
    THIEF,
    `require('node:net').createServer().listen(${port}, '127.0.0.3'); setInterval(() => {}, 1000)`,
  )
  try {
    await sleep(500)
    kill(Number(await readFile(join(server.home, `sv/${VICTIM}.web.blue.1/supervise/pid`), 'utf8')))
    let status = 0
    for (let n = 0; n < 50 && status !== 200; n++, await sleep(100))
      status = await ask(`${url}/`).then(
        answer => answer.status,
        () => 0,
      )
    assert.equal(status, 200)
  } finally {
    await aside.end()
  }
})

test('a port that an app gives back may be used by anybody', async () => {
  const port = portOf(server, `${THIEF}.web.blue.1`)
  assert.equal((await server.inn(['remove', THIEF, '--data'])).json.outcome, 'done')
  const listener = createServer(socket => void socket.end()).listen(port, '127.0.0.1')
  try {
    assert.ok(await connects(port))
  } finally {
    listener.close()
  }
})
