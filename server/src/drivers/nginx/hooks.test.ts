import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, test } from 'node:test'
import { opening } from '../../reach/edge/edge.ts'
import { request } from '../host/http.ts'
import { askHttp2, selfMade } from './certificates.fixture.ts'
import { freePort, type Running, startEdge } from './nginx.fixture.ts'

const ID = 'abcdefghijkLMNOPQRST0123'
const PATH = `/.well-known/innkeeper/hooks/${ID}`

let edge: Running
let http: number
let https: number
/** What came to the keeper. */
let came: Array<{ method: string; url: string; headers: IncomingHttpHeaders; bytes: number }> = []
const keeper = createServer(async (request, response) => {
  let bytes = 0
  for await (const chunk of request) bytes += (chunk as Buffer).length
  came.push({ method: request.method!, url: request.url!, headers: request.headers, bytes })
  response.end('{"took":true}')
})

before(async () => {
  keeper.listen(0, '127.0.0.1')
  await once(keeper, 'listening')
  ;[http, https] = [await freePort(), await freePort()]
  const address = '127.0.0.1'
  edge = await startEdge({
    ...{ http: { address, port: http }, https: { address, port: https } },
    keeper: (keeper.address() as AddressInfo).port,
  })
})
after(async () => {
  await edge?.stop()
  keeper.close()
})

const post = (path: string, headers: Record<string, string> = {}, body = '{}') => {
  came = []
  return edge.get(path, { method: 'POST', headers, body })
}

test('an event gets to the keeper with its signature, and without anything else of the visitor', async () => {
  const headers = {
    ...{ 'content-type': 'application/json', 'x-github-event': 'pull_request' },
    ...{ 'x-hub-signature-256': 'sha256=x', 'x-gitlab-token': 'y', 'x-forgejo-signature': 'z' },
    ...{ authorization: 'Bearer inn_x', cookie: 'innkeeper.session_token=x', 'x-innkeeper-actor': 'root' },
    ...{ 'x-forwarded-for': '127.0.0.1', origin: 'https://evil.example' },
  }
  const answer = await post(`${PATH}?app=shop`, headers, 'a body of 2 MB'.repeat(150_000))
  assert.deepEqual([answer.status, answer.body], [200, '{"took":true}'])
  const [{ method, url, headers: got, bytes }] = came as [(typeof came)[0]]
  assert.deepEqual([method, url, bytes], ['POST', `/api/previews/hooks/${ID}`, 14 * 150_000])
  assert.deepEqual(Object.keys(got).sort(), [
    ...['connection', 'content-length', 'content-type', 'host', 'x-forgejo-signature', 'x-github-event'],
    ...['x-gitlab-token', 'x-hub-signature-256'],
  ])
})

test('nothing else gets there: no other method, no other path however it is written, nothing larger', async () => {
  for (const method of ['GET', 'PUT', 'DELETE', 'OPTIONS', 'HEAD', 'PATCH']) {
    came = []
    assert.equal((await edge.get(PATH, { method })).status, 405, method)
    assert.deepEqual(came, [])
  }
  for (const path of [
    ...[PATH.slice(0, -1), `${PATH}x`, `${PATH}/`, `${PATH}/../x`, `${PATH}%2f`, `${PATH}%00`, `${PATH}%0a`],
    ...[
      '/.well-known/innkeeper/hooks/..%2f..%2f..%2fapi%2fstatus',
      '/.well-known/innkeeper/hooks/',
      '/api/status',
    ],
    `/api/previews/hooks/${ID}`,
  ]) {
    await post(path).catch(() => {})
    assert.deepEqual(came, [], path)
  }
  assert.equal((await post(PATH, {}, 'x'.repeat(5 * 1024 ** 2 + 1))).status, 413)
  assert.deepEqual(came, [])
})

test('a domain takes it by TLS, and in plain text sends whoever comes there to it', async () => {
  const shop = await selfMade(['shop.example'])
  await edge.edge.configure(opening({ ...edge.site, domains: ['shop.example'] }))
  await edge.edge.certify('shop', shop)
  came = []
  const plain = await request({
    ...{ host: '127.0.0.1', port: http, path: PATH, method: 'POST', timeoutMs: 5_000, body: '{}' },
    headers: { host: 'shop.example', 'x-gitlab-token': 'y' },
  })
  assert.deepEqual([plain.status, plain.headers.location], [308, `https://shop.example:${https}${PATH}`])
  assert.deepEqual(came, [])
  const asked = { ':method': 'POST', ':path': PATH, 'x-gitlab-token': 'y' }
  await askHttp2(https, 'shop.example', shop.chain, asked)
  assert.deepEqual(
    came.map(({ method, url, headers }) => [method, url, headers['x-gitlab-token']]),
    [['POST', `/api/previews/hooks/${ID}`, 'y']],
  )
})
