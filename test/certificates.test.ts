import assert from 'node:assert/strict'
import { chmod, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Pebble, startPebble } from '../server/src/drivers/acme/pebble.fixture.ts'
import { request } from '../server/src/drivers/host/http.ts'
import { freePartPort } from '../server/src/drivers/host/ports.ts'
import { selfMade } from '../server/src/drivers/nginx/certificates.fixture.ts'
import type { Alarm } from '../server/src/kernel/wire-alarm.ts'
import type { CertificateDetails, CertificateView } from '../server/src/reach/certificates/wire.ts'
import { type Fixture, makeApp, serverJs, yaml } from './kit/app.ts'
import { elsewhere } from './kit/elsewhere.ts'
import { failureOf, good, portOf } from './kit/proof.ts'
import { makeServer, type Server } from './kit/server.ts'
import { shownAt, visitSecurely } from './kit/tls.ts'
import { visit } from './kit/visitors.ts'
import { did, follow } from './kit/walks.ts'

let pebble: Pebble
let server: Server
let app: Fixture
let http: number
let https: number

const file = (domains: readonly string[], tls: string): string =>
  yaml('t-tls', `domains: ${JSON.stringify(domains)}\ntls: ${tls}\n`)
const by = ({ directory, rootFile }: Pebble): string => `{ authority: "${directory}", root: ${rootFile} }`

before(async () => {
  ;[http, https] = [await freePartPort(), await freePartPort()]
  pebble = await startPebble({ httpPort: http })
  const ports = { INNKEEPER_HTTP_PORT: String(http), INNKEEPER_HTTPS_PORT: String(https) }
  server = await makeServer({ env: { ...ports, INNKEEPER_RESOLVER: pebble.dns } })
  const source = {
    'innkeeper.yaml': file(['shop.test', 'www.shop.test'], by(pebble)),
    'server.js': serverJs('v1'),
  }
  app = await makeApp(server, 't-tls', source)
})
after(async () => {
  await server.remove()
  await pebble.remove()
})

const certs = () => server.client.get<CertificateView[]>('/api/certificates')
const alarms = async (): Promise<Alarm[]> => (await server.status()).alarms
/** The certificate of the app as soon as it satisfies `is`; after the time limit, the last that was seen. */
async function certificate(
  is: (one: CertificateView) => boolean,
  withinMs = 30_000,
): Promise<CertificateView> {
  for (const end = Date.now() + withinMs; ; await sleep(100)) {
    const [one] = await certs()
    if (one !== undefined && (is(one) || Date.now() > end)) return one
    assert.ok(Date.now() < end, 'the app asks for no certificate')
  }
}
const place = async (name = 'shop.test', from = pebble) => ({ name, port: https, ca: await from.issuer() })
const plain = (name = 'shop.test', path = '/') =>
  request({ host: '127.0.0.1', port: http, path, headers: { host: name }, timeoutMs: 5_000 })
const master = async () => Number(await readFile(join(server.home, 'edge/nginx.pid'), 'utf8').catch(() => 0))
/** nginx's workers: a reload replaces them. */
async function workers(): Promise<string> {
  const pid = await master()
  return readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')
}

test('a certificate arrives by itself after a deploy with domains, without a reload and unnoticed by visitors', async () => {
  good(await app.deploy())
  const visitors = visit(`http://127.0.0.1:${portOf(server, 't-tls')}/`)
  const before = await workers()
  const one = await certificate(found => found.state === 'good')
  assert.equal(one.state, 'good', JSON.stringify(one))
  assert.equal(await workers(), before)
  assert.deepEqual((await visitors.leave()).failures, [])
  assert.equal((await shownAt(await place('www.shop.test'))).names, 'DNS:shop.test, DNS:www.shop.test')
  const { status, headers } = await plain('shop.test', '/a?b')
  assert.deepEqual([status, headers['location']], [308, `https://shop.test:${https}/a?b`])
  assert.equal(
    (await server.app('t-tls', found => found.state === 'serving')).url,
    `https://shop.test:${https}`,
  )
  const { json } = await server.inn(['certs', 'show', 't-tls'])
  const { chain } = json as unknown as CertificateDetails
  assert.deepEqual(chain[0]!.names, ['shop.test', 'www.shop.test'])
  assert.ok(chain.length >= 2)
  assert.deepEqual(await alarms(), [])
})

test('the domain of a status page has a certificate like any other, also of an app with no other domain', async () => {
  const name = 'status.shop.test'
  const page = await makeApp(server, 't-page', {
    'innkeeper.yaml': yaml('t-page', `statusPage: { domain: ${name} }\ntls: ${by(pebble)}\n`),
    'server.js': serverJs('v1'),
  })
  good(await page.deploy())
  const shown = async () => shownAt(await place(name)).catch(() => null)
  for (const end = Date.now() + 30_000; (await shown()) === null && Date.now() < end; ) await sleep(100)
  assert.equal((await shown())?.names, `DNS:${name}`)
  const { status, headers } = await plain(name, '/feed.xml')
  assert.deepEqual([status, headers['location']], [308, `https://${name}:${https}/feed.xml`])
  const { json } = await server.inn(['status-page', 'show', 't-page'])
  assert.equal(json['url'], `https://${name}:${https}/`)
  good(await server.inn(['remove', 't-page', '--data', '--yes']))
  assert.deepEqual(
    (await certs()).map(one => one.app),
    ['t-tls'],
  )
})

test('a renewal under load loses no request, takes no reload, and every worker shows the new one', async () => {
  const before = await workers()
  const { serial } = await shownAt(await place())
  const visitors = visitSecurely(await place())
  for (let n = 0; n < 3; n++) good(await server.inn(['certs', 'renew', 't-tls']))
  const { requests, failures } = await visitors.leave()
  assert.deepEqual(failures, [])
  assert.ok(requests > 20)
  assert.equal(await workers(), before)
  const shown = new Set<string>()
  for (let n = 0; n < 20; n++) shown.add((await shownAt(await place())).serial)
  assert.equal(shown.size, 1)
  assert.ok(!shown.has(serial))
})

test('a name that leads elsewhere is told with its record and takes no other name with it; it comes as soon as it is right', async t => {
  const { address, remove } = await elsewhere(http)
  t.after(remove)
  await pebble.say('add-aaaa', { host: 'new.shop.test', addresses: [address] })
  await app.write({
    'innkeeper.yaml': file(['shop.test', 'also.shop.test', 'new.shop.test', '*.shop.test'], by(pebble)),
  })
  good(await app.deploy())
  const one = await certificate(found => found.failures > 0)
  assert.deepEqual(
    one.domains.map(({ name, covered }) => [name, covered]),
    [
      ['shop.test', true],
      ['also.shop.test', true],
      ['new.shop.test', false],
      ['*.shop.test', false],
    ],
  )
  assert.match(
    one.domains[2]!.reason!,
    /its AAAA record fd5a:[\da-f:]+ answers from other with 404.*another of its addresses/,
  )
  assert.match(one.domains[3]!.reason!, /proof by DNS/)
  assert.equal((await plain('new.shop.test')).status, 200, 'it is answered as before')
  assert.equal((await shownAt(await place('also.shop.test'))).names, 'DNS:shop.test, DNS:also.shop.test')
  assert.match(
    (await alarms()).find(({ code }) => code === 'certificate.name')!.what,
    /^new\.shop\.test .*AAAA/,
  )
  await pebble.say('clear-aaaa', { host: 'new.shop.test' })
  good(await server.inn(['certs', 'renew', 't-tls']))
  assert.match((await shownAt(await place('new.shop.test'))).names, /new\.shop\.test/)
  assert.deepEqual(await alarms(), [])
})

test('an authority that is down changes nothing that is shown; it is told, and tried again later', async t => {
  const { serial } = await shownAt(await place())
  const root = await pebble.issuer()
  await pebble.stop()
  t.after(() => pebble.start())
  const failure = failureOf(await server.inn(['certs', 'renew', 't-tls']), 'certificate.unreachable')
  assert.match(failure.why, /ECONNREFUSED/)
  const first = await certificate(found => found.failures === 1)
  assert.match(first.reason!, /did not answer as an authority does/)
  failureOf(await server.inn(['certs', 'renew', 't-tls']), 'certificate.unreachable')
  assert.equal((await certificate(found => found.failures === 2)).failures, 2)
  assert.equal((await shownAt({ name: 'shop.test', port: https, ca: root })).serial, serial)
  const [{ next }] = (await certs()) as [CertificateView]
  // A renewal that a person asked for is not due, so nothing is tried by itself.
  assert.equal(next, null)
})

test('once it answers again, a person need not wait: the runbook leads there', async () => {
  const person = { yes: ['Was the reason mended'] }
  const walk = await follow(server.client, { runbook: 'certificate-expiring', app: 't-tls' }, person)
  assert.deepEqual(did(walk), ['inn certs renew t-tls'])
  assert.equal((await certificate(found => found.failures === 0)).state, 'part')
})

test('edge and keeper may be killed: TLS is there again, and the key stays with root', async () => {
  const { serial } = await shownAt(await place())
  const [keeper, edge] = [await server.keeperPid(), await master()]
  await server.killKeeper()
  process.kill(edge, 'SIGKILL')
  for (const end = Date.now() + 20_000; Date.now() < end; await sleep(100))
    if ((await server.keeperPid()) !== keeper && (await master()) !== edge) break
  assert.notEqual(await master(), edge)
  assert.equal((await server.status()).parts.find(({ name }) => name === 'edge')!.state, 'up')
  assert.equal((await shownAt(await place())).serial, serial)
  const path = join(server.home, 'edge/certificates/t-tls.json')
  assert.equal((await stat(path)).mode & 0o777, 0o600)
  assert.equal((await stat(join(server.home, 'keeper.db'))).mode & 0o077, 0)
})

test('a certificate that lasts seconds is renewed by itself in time, and nobody notices', async () => {
  const brief = await startPebble({ httpPort: http, seconds: 40 })
  try {
    await app.write({ 'innkeeper.yaml': file(['shop.test'], by(brief)) })
    good(await app.deploy())
    const isBrief = ({ to }: CertificateView) => to !== null && Date.parse(to) - Date.now() < 60_000
    assert.equal((await certificate(isBrief)).state, 'good')
    const visitors = visitSecurely(await place('shop.test', brief))
    const serials = new Set<string>()
    for (const end = Date.now() + 45_000; serials.size < 2 && Date.now() < end; await sleep(500))
      serials.add((await shownAt(await place('shop.test', brief))).serial)
    assert.deepEqual((await visitors.leave()).failures, [])
    assert.equal(serials.size, 2)
  } finally {
    await brief.remove()
  }
})

test('a file of the authority that others may write to is refused', async () => {
  const open = join(server.home, 'open.pem')
  await writeFile(open, pebble.root)
  await chmod(open, 0o666)
  await app.write({ 'innkeeper.yaml': file(['shop.test'], by({ ...pebble, rootFile: open })) })
  good(await app.deploy())
  assert.match(failureOf(await server.inn(['certs', 'renew', 't-tls']), 'certificate.file').why, /may write/)
})

test('a certificate of one’s own is shown, and the next one as soon as its files change; one that does not fit never is', async () => {
  const [chain, key] = [join(server.home, 'own.pem'), join(server.home, 'own.key')]
  const [first, second] = [await selfMade(['shop.test']), await selfMade(['www.shop.test', 'shop.test'])]
  const put = async (certificate: string, secret: string) => {
    await writeFile(key, secret, { mode: 0o600 })
    await writeFile(chain, certificate)
  }
  const shows = async (ca: string) => {
    for (const end = Date.now() + 20_000; Date.now() < end; await sleep(100))
      if (await shownAt({ name: 'shop.test', port: https, ca }).catch(() => null)) return true
    return false
  }
  await put(first.chain, first.key)
  await app.write({ 'innkeeper.yaml': file(['shop.test'], `{ certificate: ${chain}, key: ${key} }`) })
  good(await app.deploy())
  assert.ok(await shows(first.chain))
  await put(second.chain, second.key)
  assert.ok(await shows(second.chain))
  await put(first.chain, second.key)
  const failure = failureOf(await server.inn(['certs', 'renew', 't-tls']), 'certificate.own')
  assert.match(failure.why, /belongs to another key/)
  assert.ok(await shows(second.chain), 'the one before is shown on')
  await put((await selfMade(['other.test'])).chain, first.key)
  await chmod(key, 0o644)
  assert.match(
    failureOf(await server.inn(['certs', 'renew', 't-tls']), 'certificate.file').why,
    /everybody may read/,
  )
  const [one] = await certs()
  assert.equal(one!.authority, `file:${chain}`)
  assert.equal(one!.renewal, null)
})

test('an app that says tls: false is plain again', async () => {
  await app.write({ 'innkeeper.yaml': file(['shop.test'], 'false') })
  good(await app.deploy())
  for (const end = Date.now() + 10_000; Date.now() < end && (await plain()).status !== 200; ) await sleep(100)
  assert.equal((await plain()).status, 200)
  await assert.rejects(shownAt(await place()), /alert/)
  failureOf(await server.inn(['certs', 'renew', 't-tls']), 'certificate.none')
  assert.deepEqual(await certs(), [])
})

test('inn up gives a home of an earlier version its port for TLS, and the keeper knows of it', async t => {
  const old = await makeServer()
  t.after(() => old.remove())
  const path = join(old.home, 'settings.json')
  const { httpsPort, ...before } = JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>
  assert.equal(httpsPort, null)
  await writeFile(path, JSON.stringify(before))
  const up = () => old.inn(['up'], { env: { INNKEEPER_HTTPS_PORT: '29443' } })
  const keeper = await old.keeperPid()
  assert.equal((await up()).code, 0)
  assert.deepEqual(JSON.parse(await readFile(path, 'utf8')), { ...before, httpsPort: 29443 })
  const next = await old.keeperPid()
  assert.notEqual(next, keeper)
  assert.equal((await up()).code, 0)
  assert.equal(await old.keeperPid(), next, 'nothing changed')
})
