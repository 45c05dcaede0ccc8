import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { outside, readChain } from '../host/outside.ts'
import { selfMade } from './certificates.fixture.ts'
import { type Guarded, NO_RULES, startGuarded } from './guard.fixture.ts'
import { freePort } from './nginx.fixture.ts'

describe('proxies that are believed', () => {
  let edge: Guarded

  before(async () => {
    edge = await startGuarded()
  })
  after(() => edge.stop())

  const heard = async (from: string, headers: readonly string[]) => {
    const got = await edge.reach(from, headers)
    assert.equal(got['x-forwarded-for'], got['x-real-ip'])
    return ['for', 'proto', 'host', 'port'].map(name => got[`x-forwarded-${name}`])
  }
  const SAID = [
    'X-Forwarded-For: 203.0.113.7',
    'X-Forwarded-Proto: https',
    'X-Forwarded-Host: www.shop.example',
    'X-Forwarded-Port: 8443',
  ]

  it('the app hears what they say of their visitors, and of everybody else what the edge saw', async () => {
    await edge.guard({ trusted: ['127.0.0.2', '127.0.4.0/22'] })
    const seen = (from: string) => [from, 'http', 'shop.example', String(edge.port)]
    const told = ['203.0.113.7', 'https', 'www.shop.example', '8443']
    for (const from of ['127.0.0.2', '127.0.4.1', '127.0.7.255'])
      assert.deepEqual(await heard(from, SAID), told)
    for (const from of ['127.0.0.1', '127.0.0.3', '127.0.3.255', '127.0.8.0'])
      assert.deepEqual(await heard(from, SAID), seen(from))
    assert.deepEqual(await heard('127.0.0.2', []), seen('127.0.0.2'), 'what is not said stays as it was seen')
    await edge.guard({})
    assert.deepEqual(await heard('127.0.0.2', SAID), seen('127.0.0.2'))
  })

  it('the visitor is the nearest hop that is not believed', async () => {
    await edge.guard({ trusted: ['127.0.0.2', '10.0.0.0/8', '2001:db8:1::/48'] })
    const cases: Array<[said: string, visitor: string]> = [
      ['203.0.113.7', '203.0.113.7'],
      ['6.6.6.6, 203.0.113.7', '203.0.113.7'],
      ['6.6.6.6, 203.0.113.7, 10.1.2.3,10.9.9.9', '203.0.113.7'],
      ['10.1.2.3, 10.9.9.9', '10.1.2.3'],
      ['6.6.6.6, 2001:db8:2::1, 2001:db8:1::9', '2001:db8:2::1'],
      ['2001:DB8:2::1', '2001:DB8:2::1'],
      ['::ffff:10.1.1.1', '::ffff:10.1.1.1'],
      ['203.0.113.7, ::ffff:10.1.1.1', '203.0.113.7'],
      ['203.0.113.7:4711', '203.0.113.7'],
      ['[2001:db8:2::1]:4711', '2001:db8:2::1'],
      // What is no address is said by somebody who is believed, and stands for nobody.
      ['203.0.113.7, unknown', '127.0.0.2'],
      ['203.0.113.7, 10.1.2.3, evil', '127.0.0.2'],
      ['203.0.113.7, evil, 10.1.2.3', '10.1.2.3'],
      ['999.1.1.1', '127.0.0.2'],
      [`${'6.6.6.6, '.repeat(3000)}203.0.113.7`, '203.0.113.7'],
    ]
    for (const [said, visitor] of cases)
      assert.equal((await heard('127.0.0.2', [`X-Forwarded-For: ${said}`]))[0], visitor, said.slice(-60))
    const two = ['X-Forwarded-For: 6.6.6.6', 'X-Forwarded-For: 203.0.113.7']
    assert.equal((await heard('127.0.0.2', two))[0], '203.0.113.7', 'two headers are one list')
  })

  it('of the rest, what a proxy would not say is not believed', async () => {
    await edge.guard({ trusted: ['127.0.0.2'] })
    const cases: Array<[lines: string[], at: number, heard: string]> = [
      [['X-Forwarded-Proto: javascript'], 1, 'http'],
      [['X-Forwarded-Proto: http', 'X-Forwarded-Proto: https'], 1, 'https'],
      [['X-Forwarded-Proto: http, https'], 1, 'https'],
      [['X-Forwarded-Proto: https'], 3, '443'],
      [['X-Forwarded-Port: 99999999'], 3, String(edge.port)],
      [['X-Forwarded-Host: a"b'], 2, 'shop.example'],
      [[`X-Forwarded-Host: ${'a'.repeat(300)}`], 2, 'shop.example'],
    ]
    for (const [lines, at, expected] of cases)
      assert.equal((await heard('127.0.0.2', lines))[at], expected, lines[0])
  })
})

describe('a proxy that does TLS', () => {
  it('is not sent to https again when it says that the visitor came that way, while the app is stopped neither', async () => {
    const https = await freePort()
    const edge = await startGuarded({ https: { address: '127.0.0.1', port: https } })
    try {
      await edge.running.edge.certify('shop', await selfMade(['shop.example']))
      await edge.guard({ trusted: ['127.0.0.2'] })
      const status = async (from: string, headers: string[]) => (await edge.ask(from, { headers })).status
      const both = async () => [
        await status('127.0.0.2', ['X-Forwarded-Proto: https']),
        await status('127.0.0.2', ['X-Forwarded-Proto: http']),
        await status('127.0.0.2', []),
        await status('127.0.0.3', ['X-Forwarded-Proto: https']),
      ]
      assert.deepEqual(await both(), [200, 308, 308, 308])
      await edge.running.edge.route('shop', {
        routes: [],
        services: {},
        guard: { ...NO_RULES, trusted: ['127.0.0.2'] },
      })
      assert.deepEqual(await both(), [503, 308, 308, 308])
    } finally {
      await edge.stop()
    }
  })
})

describe('a load balancer that speaks the PROXY protocol', () => {
  let edge: Guarded
  let port: number
  let https: number
  before(async () => {
    ;[port, https] = [await freePort(), await freePort()]
    const address = '127.0.0.1'
    edge = await startGuarded({
      http: { address, port, proxied: true },
      https: { address, port: https, proxied: true },
    })
    await edge.guard({ trusted: ['127.0.0.2', '198.51.100.0/24'] })
  })
  after(() => edge.stop())

  const heard = async (from: string, first: string, ...headers: string[]) =>
    (await edge.reach(from, headers, { port, first }))['x-forwarded-for']
  const of = (visitor: string) => `PROXY TCP4 ${visitor} 127.0.0.1 4711 80\r\n`

  it('is believed about who connects, and that one about its visitor where it is a proxy, too', async () => {
    assert.equal(await heard('127.0.0.2', of('203.0.113.7')), '203.0.113.7')
    assert.equal(await heard('127.0.0.2', of('203.0.113.7'), 'X-Forwarded-For: 6.6.6.6'), '203.0.113.7')
    assert.equal(await heard('127.0.0.2', of('198.51.100.1'), 'X-Forwarded-For: 203.0.113.8'), '203.0.113.8')
    assert.equal(await heard('127.0.0.2', 'PROXY UNKNOWN\r\n'), '127.0.0.2')
    assert.equal(await heard('127.0.0.3', of('203.0.113.7')), '127.0.0.3', 'it is nobody who is believed')
  })

  it('who does not speak it gets no answer', async () => {
    assert.equal((await edge.ask('127.0.0.2', { port }).catch(() => ({ status: 0 }))).status || 0, 0)
  })

  it('the keeper sees which certificate is shown there', async () => {
    const own = await selfMade(['shop.example'])
    await edge.running.edge.certify('shop', own)
    assert.equal(await outside(https, true).shown('shop.example'), readChain(own.chain)[0]!.sha256)
    assert.equal(await outside(https, false).shown('shop.example'), null)
  })
})
