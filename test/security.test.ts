import assert from 'node:assert/strict'
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, before, test } from 'node:test'
import { programsOf } from '../server/src/drivers/host/rights.ts'
import { selfMade } from '../server/src/drivers/nginx/certificates.fixture.ts'
import type { SecurityReport } from '../server/src/watch/security/wire.ts'
import { type Fixture, makeApp, yaml } from './kit/app.ts'
import { sql } from './kit/data.ts'
import { invite } from './kit/people.ts'
import { makePostgres, type Postgres } from './kit/postgres.ts'
import { good } from './kit/proof.ts'
import { makeServer, type Server } from './kit/server.ts'

const HOLE = {
  title: 'Prototype pollution',
  severity: 'high',
  url: 'https://x',
  vulnerable_versions: '<1.0.1',
}
/** What the registry was asked for. */
const asked: unknown[] = []
const registry = createServer(async (request, response) => {
  let body = ''
  for await (const part of request) body += part
  asked.push([request.method, request.url, JSON.parse(body)])
  response.end(JSON.stringify({ 'left-alone': [HOLE] }))
})

let server: Server
let elsewhere: Postgres
let app: Fixture
let tls: string

/** A small app with a sign-in. `BROKEN`: with all that is wrong. */
const serverJs = (broken: boolean): string => `
const http = require('node:http')
const broken = ${broken}
http.createServer((request, response) => {
  const { url, method, headers } = request
  if (headers.origin && broken) response.setHeader('access-control-allow-origin', headers.origin)
  if (headers.origin && !broken) response.setHeader('access-control-allow-origin', '*')
  if (broken) response.setHeader('access-control-allow-credentials', 'true')
  response.setHeader('strict-transport-security', broken ? 'max-age=0' : 'max-age=31536000')
  response.setHeader('set-cookie', 'sid=1; Path=/' + (broken ? '' : '; HttpOnly; Secure'))
  if (url === '/health') return response.end('{"ready":true}')
  if (url === '/api/login') return response.writeHead(method === 'POST' ? 401 : 405).end('no')
  if (broken && url === '/env') return response.end(JSON.stringify(process.env))
  if (broken && url === '/.env') return response.end('KEY=1')
  if (url !== '/') return response.writeHead(404).end('no ' + url)
  response.end('hello')
}).listen(Number(process.env.PORT), broken ? '0.0.0.0' : '127.0.0.1')
`

const GOOD = () => `domains: [shop.test]
tls: ${tls}
database: { postgres: true }
rateLimit: [{ path: /api/login, rate: 10/m }]
env: { JWT_SECRET: { generate: 64 } }
`
const BROKEN = () => `domains: [shop.test, bare.test]
tls: ${tls}
database: { postgres: true, role: owner }
blocked: []
env:
  JWT_SECRET: { from: JWT_SECRET }
  SESSION_SECRET: changeme
  STRIPE_KEY: ${['sk', 'live', '51HqLyjWDarjtT1zdp7dcXq7'].join('_')}
  OTHER_URL: { from: OTHER_URL }
  CACHE_URL: redis://cache.example.com
security: { accepted: { urls.tls: the network between them is ours } }
`
const WEB = '    install: false\n    persist: [uploads]\n'

const lock = (version: string): string =>
  JSON.stringify({
    lockfileVersion: 3,
    packages: {
      '': { name: 't-safe' },
      'node_modules/left-alone': { version, resolved: 'https://registry.npmjs.org/left-alone/-/x.tgz' },
    },
  })

before(async () => {
  await new Promise<void>(resolve => registry.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(registry.address() as AddressInfo).port}`
  elsewhere = await makePostgres()
  server = await makeServer({ http: true, https: true, env: { npm_config_registry: url } })
  const [chain, key] = [join(server.home, 'own.pem'), join(server.home, 'own.key')]
  const made = await selfMade(['shop.test'])
  await writeFile(chain, made.chain)
  await writeFile(key, made.key, { mode: 0o600 })
  tls = `{ certificate: ${chain}, key: ${key} }`
  app = await makeApp(server, 't-safe', {
    'innkeeper.yaml': yaml('t-safe', GOOD(), WEB),
    'package.json': JSON.stringify({ name: 't-safe', private: true }),
    'package-lock.json': lock('1.0.1'),
    'server.js': serverJs(false),
  })
  good(await app.deploy())
})

after(async () => {
  registry.close()
  await elsewhere?.remove()
  await server?.remove()
})

const check = async () => {
  const { json, code } = await server.inn(['security', 'check'])
  return { report: json as unknown as SecurityReport, code }
}
const own = <T extends { app: string | null; check: string; subject: string }>(all: readonly T[]) =>
  all.filter(one => one.app === 't-safe')
const named = (all: ReadonlyArray<{ check: string; subject: string }>) =>
  all.map(one => `${one.check} ${one.subject}`).sort()

test('of an app that does all well nothing is found, and of its server only what this machine is', async () => {
  const { report } = await check()
  assert.deepEqual(named(own(report.findings)), [])
  assert.deepEqual(named(own(report.unknown)), [])
  assert.deepEqual(asked, [['POST', '/-/npm/v1/security/advisories/bulk', { 'left-alone': ['1.0.1'] }]])
  const passed = named(report.passed)
  for (const one of ['server.files', 'audit.seal', 'people.access'])
    assert.ok(passed.includes(`${one} the server`), one)
})

async function breakServer(): Promise<void> {
  await invite(server, 'gone@example.com')
  await chmod(join(server.home, 'keeper.key'), 0o644)
  const store = new DatabaseSync(join(server.home, 'keeper.db'), { timeout: 5_000 })
  store.exec("update audit set actor = 'nobody' where id = 1")
  store.exec("update user set createdAt = '2026-01-01T00:00:00.000Z'")
  store.close()
  await mkdir(join(server.home, 'setup'), { recursive: true })
  const wishes = { hardenSsh: false, open: [] }
  const files = { '/etc/innkeeper/gone-by-now': 'x' }
  const record = { at: '2026-11-30T00:00:00.000Z', wishes, project: '/nowhere', files, swap: null }
  await writeFile(join(server.home, 'setup/record.json'), JSON.stringify(record))
}

/** What a deploy would set right. */
async function breakFiles(): Promise<void> {
  const shared = join(server.home, 'apps/t-safe/shared')
  await chmod(join(server.home, 'apps/t-safe'), 0o755)
  await chmod(shared, 0o755)
  await writeFile(join(shared, 'passport.pdf'), 'x', { mode: 0o644 })
}

async function breakDatabases(): Promise<void> {
  await sql(server, 't_safe', 'grant create on schema public to public')
  await sql(server, 'postgres', 'alter role t_safe_owner createrole bypassrls')
  const [file] = await sql(server, 'postgres', 'show hba_file')
  await writeFile(file!, `${await readFile(file!, 'utf8')}\nhost all all 0.0.0.0/0 trust\n`)
}

test('each thing that is broken on purpose is found, with its fix', async () => {
  await Promise.all([breakServer(), breakDatabases()])
  await app.write({
    'innkeeper.yaml': yaml('t-safe', BROKEN(), WEB),
    'package-lock.json': lock('1.0.0'),
    'server.js': serverJs(true),
  })
  const given = [
    '--env',
    'JWT_SECRET=short-one',
    '--env',
    `OTHER_URL=${elsewhere.url('postgres', 'postgres')}`,
  ]
  good(await app.deploy(given))
  await breakFiles()
  const { report, code } = await check()
  assert.equal(code, 1)
  assert.deepEqual(named(own(report.findings)), [
    'app.files t-safe',
    'database.network t-safe',
    'database.public DATABASE_URL',
    'database.public OTHER_URL',
    'database.role DATABASE_URL',
    'database.role DATABASE_URL',
    'database.role OTHER_URL',
    'packages.holes left-alone 1.0.0',
    'secrets.plain STRIPE_KEY',
    'secrets.weak JWT_SECRET',
    'secrets.weak SESSION_SECRET',
    'urls.password CACHE_URL',
    'web.cookies cookie sid',
    'web.cors t-safe',
    'web.exposed /.env',
    'web.exposed /env',
    'web.hsts t-safe',
    'web.https bare.test',
    'web.sign-in /api/login',
  ])
  const ofServer = named(report.findings.filter(one => one.app === null))
  for (const one of ['server.files', 'server.drift', 'audit.seal', 'people.access'])
    assert.ok(ofServer.includes(`${one} the server`), one)
  const { port } = (await server.app('t-safe')).services[0]!.instances[0]!
  assert.ok(ofServer.includes(`server.ports port ${port}`), 'it listens on all interfaces')
  assert.deepEqual(named(report.accepted), ['urls.tls CACHE_URL'])
  assert.ok(report.score < 50, String(report.score))
  for (const { fix, check: id } of report.findings) assert.notEqual(fix, '', id)
  const text = JSON.stringify(report)
  for (const secret of ['short-one', 'changeme', '51HqLyjW', 'p%40ss'])
    assert.ok(!text.includes(secret), secret)
})

test('a program of root is one, and the app’s own is none', async () => {
  const [mine] = await programsOf('x', process.pid)
  assert.deepEqual(mine, { service: 'x', user: 'root', root: true, capable: true })
})
