import assert from 'node:assert/strict'
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { TLSSocket } from 'node:tls'
import { opening, type Site, type SiteCertificate } from '../../reach/edge/edge.ts'
import { request } from '../host/http.ts'
import { askHttp2, askOnByHttp2, askSecurely, selfMade, shake } from './certificates.fixture.ts'
import { type App, freePort, only, proxy, type Running, startApp, startEdge } from './nginx.fixture.ts'

const DAY_MS = 86_400_000
const TOKEN = 'evaGxfADs6pSRb2LAv9IZf17Dt3juxGJ-PCt92wr-oA'
const PATH = `/.well-known/acme-challenge/${TOKEN}`

let edge: Running
let app: App
let shop: SiteCertificate
let http: number
let https: number
let site: Site

before(async () => {
  ;[http, https] = [await freePort(), await freePort()]
  const address = '127.0.0.1'
  edge = await startEdge({ http: { address, port: http }, https: { address, port: https } })
  app = await startApp('blue')
  shop = await selfMade(['shop.example', 'www.shop.example', '*.team.shop.example'])
  site = { ...edge.site, domains: ['shop.example', 'www.shop.example', '*.team.shop.example', 'new.example'] }
  await edge.edge.configure(opening(site))
  await edge.edge.route('shop', only(proxy('r1', [app])))
})
after(async () => {
  await app.kill()
  await edge.stop()
})

const plain = (name: string, path = '/', more = {}) =>
  request({ host: '127.0.0.1', port: http, path, headers: { host: name }, timeoutMs: 5_000, ...more })
const master = async () => Number(await readFile(join(edge.home, 'edge/nginx.pid'), 'utf8'))
/** Workers of nginx: a reload replaces them. */
const workers = async () => {
  const pid = await master()
  return readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')
}

test('before there is a certificate, plain requests are answered and no handshake is made', async () => {
  assert.equal((await plain('shop.example')).status, 200)
  await assert.rejects(shake(https, 'shop.example', shop.chain), /alert/)
})

test('a certificate is shown at once, without a reload, for each of its names and for no other', async () => {
  const before = await workers()
  await edge.edge.certify('shop', shop)
  assert.equal(await workers(), before)
  for (const name of shop.names.map(name => name.replace('*', 'any')))
    assert.match(await askSecurely(https, name, shop.chain), /^HTTP\/1.1 200 OK\r\n.*blue GET \//s, name)
  for (const name of ['new.example', 'other.example', 'team.shop.example', 'a.b.team.shop.example'])
    await assert.rejects(shake(https, name, shop.chain), /alert/, name)
  await assert.rejects(shake(https, '', shop.chain), /alert/)
})

test('the app is told of the way that the visitor came, by HTTP/2 too', async () => {
  const { status, body, headers } = await askHttp2(https, 'shop.example', shop.chain, { ':path': '/headers' })
  assert.equal(status, 200)
  assert.equal(headers['connection'], undefined)
  const told = JSON.parse(body) as Record<string, string>
  assert.equal(told['x-forwarded-proto'], 'https')
  assert.equal(told['x-forwarded-port'], String(https))
  assert.equal(told['x-forwarded-host'], `shop.example:${https}`)
  assert.equal(told['host'], `shop.example:${https}`)
  assert.equal(told['x-forwarded-for'], '127.0.0.1')
})

test('by HTTP/2, the real answer after an interim one arrives, and the app hears the same of the visitor', async () => {
  await edge.edge.route('shop', only(proxy('r2', [app])))
  const asked = (path: string, more = {}) =>
    askHttp2(https, 'shop.example', shop.chain, { ':path': path, ...more })
  assert.equal((await asked('/hints?n=1', { ':method': 'POST' })).status, 502, 'it may have done its work')
  await edge.edge.route('shop', only(proxy('r3', [app])))
  const first = await asked('/hints?n=1&late=1')
  assert.deepEqual([first.status, first.headers['location'], first.body], [307, '/hints?n=1&late=1', ''])
  for (const query of ['?n=1', '?late=1', '?times=3'])
    assert.deepEqual((await asked(`/hints${query}`)).body, 'blue final', query)
  const told = JSON.parse((await asked('/headers', { 'x-innkeeper-hop': 'forged' })).body) as Record<
    string,
    string
  >
  const heard = ['x-forwarded-for', 'x-real-ip', 'x-forwarded-proto', 'x-forwarded-port', 'x-innkeeper-hop']
  assert.deepEqual(
    heard.map(name => told[name]),
    ['127.0.0.1', '127.0.0.1', 'https', String(https), undefined],
  )
  const forged = { 'x-innkeeper-hop': 'forged', 'x-forwarded-for': '9.9.9.9', 'x-forwarded-port': '1' }
  const direct = JSON.parse((await edge.get('/headers', { headers: forged })).body) as Record<string, string>
  assert.deepEqual(
    heard.map(name => direct[name]),
    ['9.9.9.9, 127.0.0.1', '127.0.0.1', 'http', undefined, undefined],
  )
})

test('TLS 1.2 and 1.3 are spoken and nothing older, and no ticket is given', async () => {
  for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
    const socket = await shake(https, 'shop.example', shop.chain, {
      minVersion: version,
      maxVersion: version,
    })
    assert.equal(socket.getProtocol(), version)
    assert.equal(version === 'TLSv1.2' ? socket.getTLSTicket() : undefined, undefined)
    socket.destroy()
  }
  const old = { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' }
  await assert.rejects(shake(https, 'shop.example', shop.chain, old), /alert|version|protocol/)
})

test('a name with a modern certificate is shown by TLS 1.3 alone, from the next handshake on, and the others as before', async () => {
  const at = (name: string, ca: string, maxVersion: string, more = {}) =>
    shake(https, name, ca, { maxVersion, ...more })
  const agreed = async (name: string, ca: string, maxVersion: string) => {
    const socket = await at(name, ca, maxVersion)
    const version = socket.getProtocol()
    socket.destroy()
    return version
  }
  const kept = await at('shop.example', shop.chain, 'TLSv1.2')
  const session = kept.getSession()
  kept.destroy()
  const old = await at('shop.example', shop.chain, 'TLSv1.2', { session })
  assert.ok(old.isSessionReused())
  old.destroy()
  const before = await workers()
  await edge.edge.certify('shop', { ...shop, modern: true })
  for (const name of ['shop.example', 'any.team.shop.example']) {
    await assert.rejects(at(name, shop.chain, 'TLSv1.2'), /protocol version/, name)
    assert.equal(await agreed(name, shop.chain, 'TLSv1.3'), 'TLSv1.3')
  }
  await assert.rejects(
    at('shop.example', shop.chain, 'TLSv1.2', { session }),
    /protocol version/,
    'a session of before',
  )
  const other = await selfMade(['new.example'])
  await edge.edge.certify('other', other)
  assert.equal(await agreed('new.example', other.chain, 'TLSv1.2'), 'TLSv1.2')
  await edge.edge.certify('other', null)
  await edge.edge.certify('shop', shop)
  assert.equal(await agreed('shop.example', shop.chain, 'TLSv1.2'), 'TLSv1.2')
  assert.equal(await workers(), before)
})

test('plain requests for a name with a certificate are sent on with their method and path, others stay', async () => {
  const sent = await plain('shop.example', '/a?b=c%20d', { method: 'POST', body: 'x'.repeat(5_000) })
  assert.equal(sent.status, 308)
  assert.equal(sent.headers['location'], `https://shop.example:${https}/a?b=c%20d`)
  assert.equal((await plain('any.team.shop.example')).status, 308)
  assert.equal((await plain('new.example')).status, 200)
  assert.equal((await edge.get('/')).status, 200, 'its own port on loopback')
})

test('the edge answers an authority before the app and before it sends on, with every worker, and for no longer than asked', async () => {
  assert.match((await plain('shop.example', PATH)).body, /^blue GET/, 'unknown tokens are for the app')
  await edge.edge.answer(TOKEN, `${TOKEN}.thumb`)
  for (let n = 0; n < 20; n++) {
    const { status, body } = await plain(n % 2 === 0 ? 'shop.example' : 'new.example', PATH)
    assert.deepEqual([status, body], [200, `${TOKEN}.thumb`])
  }
  await edge.edge.route('shop', { routes: [], services: {} })
  assert.equal((await plain('shop.example', PATH)).body, `${TOKEN}.thumb`, 'of a stopped app too')
  await edge.edge.route('shop', only(proxy('r1', [app])))
  await edge.edge.answer(TOKEN, null)
  assert.match((await plain('shop.example', PATH)).body, /^blue GET/)
  await assert.rejects(edge.edge.answer('../tables', 'x'), TypeError)
})

test('visitors are told to stay with TLS when it was good for long enough, and the app has the last word', async () => {
  const asked = (path = '/') => askSecurely(https, 'shop.example', shop.chain, path)
  await edge.edge.certify('shop', { ...shop, hstsFrom: Date.now() + DAY_MS })
  assert.doesNotMatch(await asked(), /strict-transport/i)
  await edge.edge.certify('shop', { ...shop, hstsFrom: Date.now() - 1 })
  assert.match(await asked(), /\r\nStrict-Transport-Security: max-age=15768000\r\n/)
  const own = 'HTTP/1.1 200 OK\r\nStrict-Transport-Security: max-age=5\r\nContent-Length: 0\r\n\r\n'
  const said = (await asked(`/raw?text=${encodeURIComponent(own)}`)).match(/strict-transport-security: .*/gi)
  assert.deepEqual(said, ['Strict-Transport-Security: max-age=5'])
  assert.equal((await plain('shop.example')).headers['strict-transport-security'], undefined)
})

test('a new certificate is shown from the next handshake on, while visitors come', async () => {
  const renewed = await selfMade(shop.names)
  const failed: unknown[] = []
  let going = true
  const visitors = (async () => {
    for (; going; )
      await askSecurely(https, 'shop.example', shop.chain + renewed.chain).catch(error => failed.push(error))
  })()
  const before = await workers()
  for (let n = 0; n < 10; n++) await edge.edge.certify('shop', n % 2 === 0 ? renewed : shop)
  await edge.edge.certify('shop', renewed)
  going = false
  await visitors
  assert.deepEqual(failed, [])
  assert.equal(await workers(), before)
  shop = renewed
  for (let n = 0; n < 10; n++) (await shake(https, 'shop.example', renewed.chain)).destroy()
})

test('after nginx was killed, and after a reload, the certificate is there; only its user can read the key', async () => {
  await edge.kill()
  await edge.start()
  assert.match(await askSecurely(https, 'shop.example', shop.chain), /^HTTP\/1.1 200/)
  const before = await workers()
  await edge.edge.configure(opening({ ...site, maxBodyBytes: 200_000 }))
  assert.notEqual(await workers(), before)
  assert.match(await askSecurely(https, 'shop.example', shop.chain), /^HTTP\/1.1 200/)
  const folder = await stat(join(edge.home, 'edge/certificates'))
  assert.equal(folder.mode & 0o777, 0o700)
  for (const name of ['shop.json', 'nobody.key'])
    assert.equal((await stat(join(edge.home, 'edge/certificates', name))).mode & 0o777, 0o600, name)
  assert.deepEqual(await edge.edge.certified('shop'), shop)
})

test('a reload ends HTTP/2 connections in order: what crosses it was not begun, and may be sent again', async () => {
  const visitors = Array.from({ length: 3 }, () => askOnByHttp2(https, 'shop.example', shop.chain))
  for (let n = 1; n <= 3; n++) await edge.edge.configure(opening({ ...site, maxBodyBytes: 200_000 + n }))
  const seen = await Promise.all(visitors.map(one => one.leave()))
  assert.ok(seen.every(({ requests }) => requests > 100))
  assert.deepEqual(
    seen.flatMap(({ errors }) => errors.filter(error => !error.includes('REFUSED_STREAM'))),
    [],
  )
})

test('what is no certificate is refused and changes nothing; one that is taken away is shown no more', async () => {
  const other = await selfMade(shop.names)
  await assert.rejects(edge.edge.certify('shop', { ...shop, chain: 'none' }))
  await assert.rejects(edge.edge.certify('shop', { ...shop, key: other.key }), TypeError)
  assert.deepEqual(await edge.edge.certified('shop'), shop)
  assert.match(await askSecurely(https, 'shop.example', shop.chain), /^HTTP\/1.1 200/)
  await edge.edge.certify('shop', { ...shop, names: ['shop.example'] })
  assert.equal((await plain('www.shop.example')).status, 200, 'a name that is left out is answered as before')
  await edge.edge.certify('shop', null)
  assert.equal(await edge.edge.certified('shop'), null)
  assert.equal((await plain('shop.example')).status, 200)
  await assert.rejects(shake(https, 'shop.example', shop.chain), /alert/)
})

test('a handshake without a name gets the certificate of the address, also where that is translated on the way', async () => {
  await edge.edge.configure(opening({ ...site, domains: [...site.domains, '127.0.0.1', '203.0.113.7'] }))
  const at = async (own: SiteCertificate) => {
    await edge.edge.certify('shop', own)
    return shake(https, '', own.chain, { checkServerIdentity: () => undefined })
  }
  const [here, translated] = [await selfMade(['127.0.0.1']), await selfMade(['203.0.113.7'])]
  const names = (socket: TLSSocket) => {
    const { subjectAltName } = socket.getPeerX509Certificate()!
    socket.destroy()
    return subjectAltName
  }
  assert.equal(names(await at(here)), 'IP Address:127.0.0.1')
  const asked = await at(here)
  asked.write('GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n')
  assert.match((await Array.fromAsync(asked)).join(''), /^HTTP\/1.1 200 OK/)
  assert.equal(names(await at(translated)), 'IP Address:203.0.113.7')
  await edge.edge.certify('shop', { ...translated, modern: true })
  const old = { maxVersion: 'TLSv1.2', checkServerIdentity: () => undefined }
  await assert.rejects(shake(https, '', translated.chain, old), /protocol version/)
  await edge.edge.certify('shop', shop)
  await assert.rejects(at(shop), /alert/, 'no app has a certificate for an address any more')
  await assert.rejects(shake(https, 'other.example', shop.chain), /alert/)
})
