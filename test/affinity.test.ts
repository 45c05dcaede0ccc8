import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Fixture, makeApp } from './kit/app.ts'
import { packages, SOCKET_IO } from './kit/packages.ts'
import { makeServer, type Server } from './kit/server.ts'

const SOURCE = `
const { Server } = require('socket.io')
const http = require('node:http').createServer((_, response) => response.end('{"ready":true}'))
new Server(http).on('connection', socket => {
  socket.on('who', answer => answer(process.env.INNKEEPER_RELEASE + '.' + process.env.INNKEEPER_INSTANCE))
})
http.listen(process.env.PORT, '127.0.0.1')
`
const yaml = (affinity: string) => `name: t-sockets
services:
  web:
    start: node server.js
    install: false
    env: { NODE_PATH: ${brought} }
    instances: 2
    drain: 6s
    stopGrace: 1s
${affinity}    health: { path: /health, expect: { json: { path: ready, equals: true } }, interval: 200ms }
watch: 0
`

/** What is used of socket.io-client, which the app brings along. */
interface Socket {
  connected: boolean
  on(event: string, listener: () => void): void
  timeout(ms: number): { emitWithAck(event: string): Promise<string> }
  disconnect(): void
}
type Connect = (url: string, options: object) => Socket

let server: Server
let app: Fixture
let url: string
let connect: Connect
let brought: string

async function deploy(affinity: string): Promise<void> {
  await app.write({ 'innkeeper.yaml': yaml(affinity) })
  const done = await app.deploy()
  assert.equal(done.json.outcome, 'done', done.text)
}

before(async () => {
  brought = await packages(SOCKET_IO)
  server = await makeServer()
  app = await makeApp(server, 't-sockets', {
    'server.js': SOURCE,
  })
  await deploy('    affinity: cookie\n')
  url = (await server.app('t-sockets')).url!
  connect = (createRequire(join(brought, 'x.js'))('socket.io-client') as { io: Connect }).io
})
after(() => server.remove())

/** Programs that connect as socket.io-client does by default: with requests first, and then with a socket. */
async function clients(n: number, options = {}): Promise<Socket[]> {
  const all = Array.from({ length: n }, () =>
    connect(url, { forceNew: true, reconnection: false, ...options }),
  )
  for (const end = Date.now() + 5_000; Date.now() < end && !all.every(one => one.connected); ) await sleep(50)
  return all
}
const who = (one: Socket) => one.timeout(3_000).emitWithAck('who')
const leave = (all: readonly Socket[]) => {
  for (const one of all) one.disconnect()
}

test('40 of 40 clients of Socket.IO connect over two instances, in each way of telling them apart', async () => {
  const many = async () => {
    const all = await clients(40)
    const connected = all.filter(one => one.connected).length
    const sides = await Promise.all(all.filter(one => one.connected).map(who))
    leave(all)
    return { connected, sides: new Set(sides).size }
  }
  assert.equal((await many()).connected, 40)
  await deploy('    affinity: address\n')
  assert.equal((await many()).connected, 40)
})

test('a client that a page of the app connects keeps its cookie, and browsers are spread', async () => {
  await deploy('    affinity: cookie\n')
  const all = await clients(40, { extraHeaders: { referer: url }, withCredentials: true })
  assert.equal(all.filter(one => one.connected).length, 40)
  assert.equal(new Set(await Promise.all(all.map(who))).size, 2)
  leave(all)
})

test('sessions of requests stay with the old side over a switch, until its drain is over', async () => {
  const before = await clients(10, { transports: ['polling'] })
  const [side] = await Promise.all(before.map(who))
  await deploy('    affinity: cookie\n')
  assert.deepEqual(new Set(await Promise.all(before.map(who))), new Set([side]))
  const fresh = await clients(4, { transports: ['polling'], extraHeaders: { 'x-real-ip': '10.9.8.7' } })
  const [now] = await Promise.all(fresh.map(who))
  assert.notEqual(now!.split('.')[0], side!.split('.')[0], 'a new client comes to the new side')
  await sleep(7_000)
  assert.ok((await Promise.allSettled(before.map(who))).every(one => one.status === 'rejected'))
  assert.deepEqual(new Set(await Promise.all(fresh.map(who))), new Set([now]))
  leave([...before, ...fresh])
})
