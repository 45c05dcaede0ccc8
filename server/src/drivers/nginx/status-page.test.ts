import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readdir, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { after, before, test } from 'node:test'
import { Failure } from '../../kernel/failure.ts'
import { closing, opening, type Site, STATUS_PATH, type StatusPages } from '../../reach/edge/edge.ts'
import { request } from '../host/http.ts'
import { askHttp2, selfMade } from './certificates.fixture.ts'
import { freePort, type Running, startEdge, until } from './nginx.fixture.ts'
import { statusPages } from './status-files.ts'

const DOMAIN = 'status.example'
let edge: Running
let pages: StatusPages
let http: number
let https: number
let site: Site
let came: Array<{ method: string; url: string; headers: string[]; body: string }> = []
const keeper = createServer(async (asked, answer) => {
  const body = await text(asked)
  came.push({ method: asked.method!, url: asked.url!, headers: Object.keys(asked.headers).sort(), body })
  answer.end('from the keeper')
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
  pages = statusPages(edge.home)
  site = { ...edge.site, status: { domain: DOMAIN, mails: true } }
  await edge.edge.configure(opening(site))
  await pages.publish('shop', { 'index.html': 'first', 'feed.xml': '<rss/>', 'status.json': '{}' })
})
after(async () => {
  await edge?.stop()
  keeper.close()
})

const visit = (
  path: string,
  more: { method?: string; body?: string; headers?: object; host?: string } = {},
) =>
  request({
    ...{ host: '127.0.0.1', port: http, path, timeoutMs: 5_000, method: more.method ?? 'GET' },
    ...(more.body === undefined ? {} : { body: more.body }),
    headers: { host: more.host ?? DOMAIN, ...more.headers },
  })

/** A file is looked at again after a second. */
const shows = (text: RegExp) => until(async () => text.test((await visit('/')).body), `the page with ${text}`)

test('the page is files: with their types, kept for seconds, and no other file is there', async () => {
  const page = await visit('/')
  assert.deepEqual([page.status, page.body, page.headers['content-type']], [200, 'first', 'text/html'])
  assert.equal(page.headers['cache-control'], 'public, max-age=10, stale-if-error=86400')
  assert.equal(page.headers['content-security-policy'], "frame-ancestors 'none'")
  assert.equal((await visit('/feed.xml')).headers['content-type'], 'text/xml')
  assert.equal((await visit('/status.json')).body, '{}')
  for (const path of ['/index.html', '/x', '/x/../.link', '/.link', '/feed.xml.gz'])
    assert.equal((await visit(path)).status, 404, path)
  assert.equal((await visit('/', { host: 'other.example' })).status, 421)
})

test('it is at the own port of the site, too, though nothing of the app runs', async () => {
  assert.equal((await edge.get(STATUS_PATH)).body, 'first')
  assert.equal((await edge.get(`${STATUS_PATH}feed.xml`)).status, 200)
  assert.notEqual((await edge.get('/')).status, 200)
})

test('files change with one rename; what a keeper left half written is not seen, and is removed', async () => {
  await pages.publish('shop', { 'index.html': 'second '.repeat(300), 'feed.xml': 'x', 'status.json': 'y' })
  await shows(/^second/)
  const packed = await visit('/', { headers: { 'accept-encoding': 'gzip' } })
  assert.equal(packed.headers['content-encoding'], 'gzip')
  const root = join(edge.home, 'edge/status/shop')
  await writeFile(join(root, 'half'), 'x')
  await pages.publish('shop', { 'index.html': 'third', 'feed.xml': 'x', 'status.json': 'y' })
  assert.equal((await readdir(root)).length, 3, 'this one, the one before, and the link')
  await shows(/^third$/)
})

test('a page that cannot be written leaves the one before', async () => {
  const bad = { 'index.html': 'never', 'no/such/folder.html': 'x' }
  await assert.rejects(pages.publish('shop', bad))
  assert.equal((await visit('/')).body, 'third')
})

test('a form gets to the keeper with its body and its token, and with nothing else', async () => {
  came = []
  const answer = await visit('/subscribe', {
    ...{ method: 'POST', body: 'email=a%40b.example' },
    headers: {
      ...{ 'content-type': 'application/x-www-form-urlencoded', cookie: 'innkeeper.session_token=x' },
      ...{ authorization: 'Bearer x', 'x-forwarded-for': '127.0.0.1', 'x-innkeeper-actor': 'root' },
    },
  })
  assert.equal(answer.body, 'from the keeper')
  await visit('/confirm?token=abc&other=1')
  assert.deepEqual(
    came.map(({ method, url }) => `${method} ${url}`),
    ['POST /api/status-pages/shop/subscribe?token=', 'GET /api/status-pages/shop/confirm?token=abc'],
  )
  assert.deepEqual(came[0]!.headers, ['connection', 'content-length', 'content-type', 'host'])
  assert.equal(came[0]!.body, 'email=a%40b.example')
  const own = await edge.get(`${STATUS_PATH}subscribe`, { method: 'POST', body: 'email=x' })
  assert.deepEqual([own.body, came.at(-1)!.method, came.at(-1)!.body], ['from the keeper', 'POST', 'email=x'])
})

test('no other way leads to the keeper, nothing large, and nobody asks often', async () => {
  came = []
  for (const path of ['/subscribe/', '/subscribex', '/api/status', '/subscribe%0a', '/subscribe/../api/apps'])
    await visit(path, { method: 'POST', body: 'x' })
  assert.equal((await visit('/subscribe', { method: 'DELETE' })).status, 405)
  assert.equal((await visit('/subscribe', { method: 'POST', body: 'x'.repeat(5_000) })).status, 413)
  assert.deepEqual(came, [])
  const answers = await Promise.all(Array.from({ length: 25 }, () => visit('/subscribe')))
  assert.ok(answers.some(({ status }) => status === 429))
})

test('with a certificate visitors are sent to https, where it is the same page; proofs are answered without', async () => {
  const made = await selfMade([DOMAIN])
  await edge.edge.certify('shop', made)
  const plain = await visit('/')
  assert.deepEqual([plain.status, plain.headers.location], [308, `https://${DOMAIN}:${https}/`])
  assert.equal((await askHttp2(https, DOMAIN, made.chain, { ':path': '/' })).body, 'third')
  await edge.edge.answer('tok', 'proof')
  assert.equal((await visit('/.well-known/acme-challenge/tok')).body, 'proof')
  await edge.edge.certify('shop', null)
})

test('a name that another app has is refused, whichever of the two is its page', async () => {
  const other: Site = { ...edge.site, id: 'other', port: await freePort(), domains: [DOMAIN] }
  const isRefused = (error: unknown) => error instanceof Failure && /belongs to/.test(error.why ?? '')
  await assert.rejects(edge.edge.configure(opening(other)), isRefused)
  const page = { ...other, domains: [], status: { domain: DOMAIN, mails: false } }
  await assert.rejects(edge.edge.configure(opening(page)), isRefused)
})

test('where nobody subscribes nothing is passed on, and a site that is gone has no page', async () => {
  await edge.edge.configure(opening({ ...site, status: { domain: DOMAIN, mails: false } }))
  assert.equal((await visit('/subscribe', { method: 'POST', body: 'x' })).status, 404)
  await edge.edge.configure(opening({ ...edge.site, domains: ['shop.example'] }))
  assert.equal((await visit('/')).status, 421)
  await pages.remove('shop')
  assert.deepEqual(await pages.published(), [])
  await edge.edge.configure(closing('shop'))
})
