import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { sitesIn } from '../../server/src/drivers/nginx/conf.ts'
import { askFrom } from '../../server/src/drivers/nginx/guard.fixture.ts'
import { type Fixture, makeApp, yaml } from '../kit/app.ts'
import { good } from '../kit/proof.ts'
import { makeServer, type Server } from '../kit/server.ts'
import { visit } from '../kit/visitors.ts'

const APP = 't-guarded'
/** An app whose router is as lenient as any: it shows what it should hide however the path is written, and believes its proxy. */
const LENIENT = `
const hidden = /^\\/(metrics|api\\/seed)(\\/|$)|\\/\\.(git|env)/
const decoded = text => { try { return decodeURIComponent(text) } catch { return text } }
const read = url => {
  const ways = [url, decoded(url), decoded(decoded(url))]
  for (const way of [...ways]) {
    ways.push(way.replace(/\\/+/g, '/'), way.split(/[?#;]/)[0])
    try { ways.push(new URL(way, 'http://app').pathname) } catch {}
  }
  return ways.map(way => way.toLowerCase())
}
require('node:http').createServer((request, response) => {
  if (request.url === '/health') return response.end(JSON.stringify({ ready: true }))
  if (read(request.url).some(way => hidden.test(way))) return response.end('SECRET')
  response.end(JSON.stringify({ version: 'v1', visitor: request.headers['x-forwarded-for'] }))
}).listen(process.env.PORT, '127.0.0.1')
`
const rules = (more: string) => yaml(APP, `domains: [shop.example]\ntls: false\n${more}`)

let server: Server
let app: Fixture
let port: number
let own: number

before(async () => {
  server = await makeServer({ http: true })
  const files = { 'innkeeper.yaml': rules('blocked: [default, /api/seed]\n'), 'server.js': LENIENT }
  app = await makeApp(server, APP, files)
  good(await app.deploy())
  port = (JSON.parse(await readFile(join(server.home, 'settings.json'), 'utf8')) as { httpPort: number })
    .httpPort
  own = sitesIn(await readFile(join(server.home, 'edge/nginx.conf'), 'utf8'))[0]!.port
})
after(() => server?.remove())

/** What a visitor does not get, written in every way that some router takes for it. */
function disguised(path: string): string[] {
  const [, first = '', ...rest] = path.split('/')
  const tail = rest.length === 0 ? '' : `/${rest.join('/')}`
  const hex = (text: string) => [...text].map(c => `%${c.charCodeAt(0).toString(16)}`).join('')
  const twice = hex(first).replaceAll('%', '%25')
  return [
    ...[
      path,
      `${path}/`,
      `${path}?a=1`,
      `${path}#a`,
      `${path};a=1`,
      path.toUpperCase(),
      `/${path}`,
      `//${path}`,
    ],
    ...[`/${hex(first)}${tail}`, `/${twice}${tail}`, `/.${path}`, `/a/..${path}`, `/a/%2e%2e${path}`],
    ...[`/a/..%2f${first}${tail}`, `/%2f${first}${tail}`, `/\\${first}${tail}`, `/a\\..\\${first}${tail}`],
    ...[
      `//evil.example${path}`,
      `/\\evil.example${path}`,
      `http://shop.example${path}`,
      `http://shop.example/${path}`,
    ],
    ...[`${path}%3fa`, `${path}%23a`, `${path}%2f..`, `${path}/%2e`, `/%5c${first}${tail}`],
  ]
}

test('what is blocked is not had from outside, in whatever way its path is written', async () => {
  const all = ['/metrics', '/.git/config', '/.env', '/app/.env.local', '/api/seed'].flatMap(disguised)
  const answers = await Promise.all(
    all.map(async path => ({ path, ...(await askFrom('127.0.0.3', { port, path })) })),
  )
  const bad = answers.filter(({ status, body }) => body.includes('SECRET') || status < 200 || status >= 500)
  assert.deepEqual(
    bad.map(({ status, path }) => `${status} ${path}`),
    [],
  )
  assert.equal((await askFrom('127.0.0.1', { port: own, path: '/metrics' })).body.includes('SECRET'), true)
  const spoken = await askFrom('127.0.0.1', {
    port: own,
    path: '/metrics',
    headers: ['X-Forwarded-For: 6.6.6.6'],
  })
  assert.equal(spoken.status, 404)
})

const FORGED = [
  ...['X-Forwarded-For: 203.0.113.9', 'X-Forwarded-For: 203.0.113.9, 127.0.0.2', 'X-Real-IP: 203.0.113.9'],
  ...['Forwarded: for=203.0.113.9', 'X-Client-Ip: 203.0.113.9', 'True-Client-Ip: 203.0.113.9'],
  ...[
    'CF-Connecting-IP: 203.0.113.9',
    'X-Innkeeper-Hop: ',
    'X-Forwarded-For: 127.0.0.1',
    'X-Forwarded-For: ::1',
  ],
]

test('rules change under visitors, and none of their requests fails', async () => {
  const visitors = visit(`http://127.0.0.1:${own}/`)
  await app.write({
    'innkeeper.yaml': rules(
      'trustedProxies: [127.0.0.2]\nallow: [203.0.113.0/24]\nrateLimit: [{ rate: 3/m }]\n',
    ),
  })
  good(await app.deploy())
  const seen = await visitors.leave()
  assert.deepEqual(seen.failures, [])
  assert.ok(seen.requests > 20)
})

test('nobody is let in by what they say of themselves, and whom the proxy speaks of is counted as that one', async () => {
  for (const line of FORGED)
    assert.equal((await askFrom('127.0.0.3', { port, headers: [line] })).status, 403, line)
  const by = async (...headers: string[]) => (await askFrom('127.0.0.2', { port, headers })).status
  assert.equal(await by('X-Forwarded-For: 203.0.113.9, 6.6.6.6'), 403)
  const told = await askFrom('127.0.0.2', { port, headers: ['X-Forwarded-For: 6.6.6.6, 203.0.113.9'] })
  assert.equal((JSON.parse(told.body) as { visitor: string }).visitor, '203.0.113.9')
  const more = FORGED.slice(0, 2).map(line => `${line}, 203.0.113.9`)
  const statuses = []
  for (const line of [...more, ...more]) statuses.push(await by(line, 'X-Real-IP: 203.0.113.8'))
  assert.deepEqual(statuses, [200, 200, 429, 429])
})

test('a rollback takes the rules back', async () => {
  assert.equal((await server.inn(['rollback', APP])).json.outcome, 'done')
  assert.equal((await askFrom('127.0.0.3', { port })).status, 200)
})

test('a password opens a staging site, stands in no table of the edge, and guesses do not open it', async () => {
  const password = 'pass-of-staging-1'
  await app.write({
    'innkeeper.yaml': rules(
      'basicAuth: { user: anna, password: { from: STAGING } }\nrateLimit: [{ rate: 20/m }]\n',
    ),
  })
  good(await app.deploy(['--env', 'STAGING'], { env: { STAGING: password } }))
  const by = async (user: string, word: string) =>
    (await askFrom('127.0.0.9', { port, headers: [`Authorization: Basic ${btoa(`${user}:${word}`)}`] }))
      .status
  assert.deepEqual([await by('anna', password), await by('anna', 'guess'), await by('', '')], [200, 401, 401])
  assert.equal((await askFrom('127.0.0.9', { port, headers: ['Authorization: Basic !'] })).status, 401)
  const guesses = []
  for (let n = 0; n < 30; n++) guesses.push(await by('anna', `guess${n}`))
  assert.ok(guesses.includes(429) && !guesses.includes(200))
  const table = await readFile(join(server.home, `edge/tables/${APP}.json`), 'utf8')
  assert.ok(!table.includes(password) && table.includes('STAGING'))
})
