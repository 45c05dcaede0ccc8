import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Fixture, makeApp } from './kit/app.ts'
import { failureOf, good } from './kit/proof.ts'
import { makeServer, type Server } from './kit/server.ts'
import { ask } from './kit/visitors.ts'

/** An app that insists on https and on its name, has chunks of its own version, and whose answers may be long. */
const source = (version: string, bytes: number) => `
require('node:http').createServer((request, response) => {
  const { host, 'x-forwarded-proto': proto } = request.headers
  if (request.url === '/health' && (host !== 'shop.example' || proto !== 'https'))
    return response.writeHead(301, { location: 'https://shop.example/health' }).end()
  if (request.url.startsWith('/_next/static/') && !request.url.includes('${version}')) return response.writeHead(404).end('none')
  if (request.url === '/hints') response.writeEarlyHints({ link: '</a.css>; rel=preload; as=style' })
  if (request.url === '/long') response.setHeader('x-long', 'x'.repeat(${bytes}))
  response.end('${version} ' + (request.headers.cookie ?? '').length)
}).listen(process.env.PORT, '127.0.0.1')
`
const YAML = (health: string) => `name: t-edge
services:
  web:
    start: node server.js
    drain: 1s
    stopGrace: 1s
    health: { path: /health, ${health} interval: 200ms, startPeriod: 4s }
watch: 20s
buildMemory: 300MB
`
const HEALTH = 'host: shop.example, proto: https,'

let server: Server
let app: Fixture
let url: string

before(async () => {
  server = await makeServer()
  app = await makeApp(server, 't-edge', { 'innkeeper.yaml': YAML(''), 'server.js': source('v1', 100) })
})
after(() => server.remove())

test('a check that was redirected says where to, and the file can say as whom it asks', async () => {
  const failure = failureOf(await app.deploy(), 'deploy.not-ready')
  assert.match(failure.why, /301 to https:\/\/shop\.example\/health, not 200; with proto: https/)
  await app.write({ 'innkeeper.yaml': YAML(HEALTH) })
  good(await app.deploy(['--watch', '0s']))
  url = (await server.app('t-edge', found => found.state === 'serving')).url!
})

test('long cookies and early hints reach visitors as the app would give them', async () => {
  const long = await fetch(`${url}/`, { headers: { cookie: 'x'.repeat(9_000) } })
  assert.equal(await long.text(), 'v1 9000')
  for (let n = 0; n < 4; n++) {
    const began = Date.now()
    assert.equal(await (await fetch(`${url}/hints`)).text(), 'v1 0')
    assert.equal(await (await fetch(`${url}/`)).text(), 'v1 0')
    assert.ok(Date.now() - began < 2_000)
  }
})

test('a release that fails of the edge’s bound is taken back, and the run and the log name the cause', async () => {
  await app.write({ 'server.js': source('v2', 40_000) })
  let going = true
  const visitors = (async () => {
    for (; going; await sleep(50)) await ask(`${url}/long`)
  })()
  const ended = await app.deploy()
  going = false
  await visitors
  const failure = failureOf(ended, 'deploy.worse')
  assert.match(failure.why, /as the edge saw it: the headers of its answer are longer than the edge takes/)
  const { text } = await server.inn(['logs', 't-edge', '--level', 'error', '--service', 'web'])
  assert.match(text, /"service":"web","release":"r3".*edge: GET \/long: the headers of its answer are longer/)
})

test('after a switch, an open page still gets the chunks of the side before', async () => {
  await app.write({ 'server.js': source('v3', 100) })
  good(await app.deploy(['--watch', '0s']))
  assert.match((await ask(`${url}/`)).body, /^v3/)
  assert.match((await ask(`${url}/_next/static/v1.js`)).body, /^v1/)
  assert.match((await ask(`${url}/_next/static/v3.js`)).body, /^v3/)
  assert.equal((await ask(`${url}/_next/static/v0.js`)).status, 404)
})
