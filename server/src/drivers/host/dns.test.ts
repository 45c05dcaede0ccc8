import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { after, before, test } from 'node:test'
import { type Pebble, startPebble } from '../acme/pebble.fixture.ts'
import { dns } from './dns.ts'
import { startNameServer } from './nsd.fixture.ts'
import { outside } from './outside.ts'
import { freePartPort } from './ports.ts'

const PATH = '/.well-known/acme-challenge/x'
let pebble: Pebble

before(async () => {
  pebble = await startPebble({ httpPort: await freePartPort() })
})
after(() => pebble.remove())

test('addresses of both kinds are found, and a name without any has none', async () => {
  const names = dns(pebble.dns)
  await pebble.say('add-a', { host: 'both.test', addresses: ['10.0.0.1', '10.0.0.2'] })
  await pebble.say('add-aaaa', { host: 'both.test', addresses: ['fd00::1'] })
  assert.deepEqual((await names.addresses('both.test')).sort(), ['10.0.0.1', '10.0.0.2', 'fd00::1'])
  await pebble.say('set-default-ipv4', { ip: '' })
  assert.deepEqual(await names.addresses('none.test'), [])
  await pebble.say('set-default-ipv4', { ip: '127.0.0.1' })
})

test('CAA records are those of the name or of the nearest above it; only those that keep somebody out count', async () => {
  const names = dns(pebble.dns)
  const say = (host: string, ...policies: Array<{ tag: string; value: string }>) =>
    pebble.say('add-caa', { host, policies })
  await say('closed.test', { tag: 'issue', value: ';' })
  await say(
    'open.closed.test',
    { tag: 'issue', value: 'ca.org; accounturi=https://ca.org/1' },
    { tag: 'issue', value: 'other.org' },
  )
  await say('wild.test', { tag: 'issuewild', value: ';' })
  assert.equal(await names.allowed('free.test'), null)
  assert.deepEqual(await names.allowed('www.closed.test'), { at: 'closed.test', authorities: [] })
  const { at, authorities } = (await names.allowed('a.open.closed.test'))!
  assert.deepEqual([at, authorities.sort()], ['open.closed.test', ['ca.org', 'other.org']])
  assert.equal(await names.allowed('wild.test'), null)
  assert.deepEqual(await names.allowed('*.wild.test'), { at: 'wild.test', authorities: [] })
  assert.deepEqual(await names.allowed('*.closed.test'), { at: 'closed.test', authorities: [] })
})

test('a text is asked of every name server of the zone behind the aliases, so that none that lags is overlooked', async t => {
  const servers = ['@ IN NS ns1', '@ IN NS ns2', 'ns1 IN A 127.77.0.1', 'ns2 IN A 127.77.0.2']
  const alias = '_acme-challenge.www IN CNAME proofs'
  const [quick, slow] = await Promise.all([
    startNameServer('127.77.0.1', 'shop.test', [...servers, alias, 'proofs IN TXT "one" "more"']),
    startNameServer('127.77.0.2', 'shop.test', [...servers, alias]),
  ])
  t.after(() => quick.remove())
  const names = dns('127.77.0.1')
  const sorted = async (name: string) => (await names.texts(name)).map(String).toSorted()
  assert.deepEqual(await sorted('_acme-challenge.www.shop.test'), ['', 'onemore'])
  assert.deepEqual(await names.texts('none.shop.test'), [[], []])
  await slow.remove()
  assert.deepEqual(await sorted('proofs.shop.test'), ['null', 'onemore'], 'one is away')
})

test('where no name server of a zone is known, the usual one is asked', async () => {
  await pebble.say('set-txt', { host: 'plain.test.', value: 'text' })
  assert.deepEqual(await dns(pebble.dns).texts('plain.test'), [['text']])
})

test('a server that does not answer, or fails, is no name without an address', async () => {
  await assert.rejects(dns('127.0.0.1:1').addresses('a.test'), { code: 'ECONNREFUSED' })
  await pebble.say('set-servfail', { host: 'broken.test' })
  await assert.rejects(dns(pebble.dns).addresses('broken.test'), { code: 'ESERVFAIL' })
})

test('what answers at an address is us, somebody else, or nobody whom one could be sure of', async t => {
  const server = createServer((request, response) => {
    if (request.headers.host?.startsWith('ours')) return response.end('text')
    if (request.headers.host?.startsWith('moved'))
      return response.writeHead(301, { location: 'https://elsewhere.test/' }).end()
    response.writeHead(404, { server: 'strange' }).end('text')
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  t.after(() => server.close())
  const { port } = server.address() as { port: number }
  const asked = (name: string, at = port) =>
    outside(null).asked({ address: '127.0.0.1', port: at, name, path: PATH }, 'text')
  assert.deepEqual(await asked('ours.test'), { who: 'us' })
  assert.deepEqual(await asked('moved.test'), { who: 'nobody', says: 'sends on to https://elsewhere.test/' })
  assert.equal((await asked('other.test')).who, 'other')
  assert.deepEqual(await asked('ours.test', 1), {
    who: 'nobody',
    says: 'does not answer at port 1 (ECONNREFUSED)',
  })
  assert.equal(await outside(port).shown('a.test'), null, 'it speaks no TLS')
})
