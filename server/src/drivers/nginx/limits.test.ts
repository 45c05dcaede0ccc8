import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { opening, type SiteLimit } from '../../reach/edge/edge.ts'
import type { Counted, Guard } from '../../reach/edge/guard.ts'
import { askHttp2, selfMade } from './certificates.fixture.ts'
import { type Asked, askFrom, type Guarded, HURRIED, startGuarded } from './guard.fixture.ts'
import { files, freePort, proxy, until } from './nginx.fixture.ts'

describe('how fast requests may come', () => {
  let edge: Guarded
  let https: number
  before(async () => {
    https = await freePort()
    edge = await startGuarded({ clock: HURRIED, https: { address: '127.0.0.1', port: https } })
  })
  after(() => edge.stop())

  const BY_ADDRESS: Counted = { path: '/', by: { by: 'address' }, retrySeconds: 30 }
  /** Zones are told apart by the number of their limit, so each test counts visitors of its own. */
  async function limit(limits: readonly SiteLimit[], counted: readonly Counted[], more: Partial<Guard> = {}) {
    const site = { ...edge.running.site, domains: ['shop.example'], limits }
    await edge.running.edge.configure(opening(site))
    await edge.guard({ limits: counted, ...more })
  }
  const slow = (requests: number, burst = 0): SiteLimit => ({ requests, per: 'minute', burst })
  const statuses = async (from: string, times: number, more: Partial<Asked> = {}) => {
    const got = []
    for (let n = 0; n < times; n++) got.push((await edge.ask(from, more)).status)
    return got
  }

  it('so many as the rate says may come at once, the burst comes on top, and each visitor counts for itself', async () => {
    await limit([slow(2)], [BY_ADDRESS])
    assert.deepEqual(await statuses('127.1.0.1', 4), [200, 200, 429, 429])
    assert.deepEqual(await statuses('127.1.0.2', 3), [200, 200, 429])
    await limit([slow(1, 2)], [BY_ADDRESS])
    assert.deepEqual(await statuses('127.1.0.3', 4), [200, 200, 200, 429])
    await limit([slow(1)], [BY_ADDRESS])
    assert.deepEqual(await statuses('127.1.0.4', 2), [200, 429])
  })

  it('the answer says when to come again, on a page or as JSON, and the request never reaches the app', async () => {
    await limit([slow(2)], [BY_ADDRESS])
    await statuses('127.1.1.1', 2)
    const got = await edge.ask('127.1.1.1', { path: '/refused' })
    assert.deepEqual([got.status, got.headers['retry-after']], [429, '30'])
    assert.match(got.body, /<h1>Too many requests/)
    const json = await edge.ask('127.1.1.1', { path: '/refused', headers: ['Accept: application/json'] })
    assert.equal(JSON.parse(json.body).status, 429)
    assert.ok(!(await edge.ask('127.1.1.2', { path: '/seen' })).body.includes('/refused'))
  })

  it('who waits is let in again', async () => {
    await limit([{ requests: 5, per: 'second', burst: 0 }], [{ ...BY_ADDRESS, retrySeconds: 1 }])
    const got = await Promise.all(Array.from({ length: 12 }, () => edge.ask('127.1.2.1')))
    assert.ok(got.some(answer => answer.status === 429))
    await until(async () => (await edge.ask('127.1.2.1')).status === 200, 'it is let in again')
  })

  it('a path is counted alone, however it is written, and several limits hold at once', async () => {
    await limit([slow(1), slow(4)], [{ ...BY_ADDRESS, path: '/login' }, BY_ADDRESS])
    assert.equal((await edge.ask('127.1.3.1', { path: '/login' })).status, 200)
    for (const path of ['/login', '/LOGIN/', '//login', '/%6cogin?a', '/a/../login', '/login/x'])
      assert.equal((await edge.ask('127.1.3.1', { path })).status, 429, path)
    assert.deepEqual(await statuses('127.1.3.2', 5, { path: '/loginx' }), [200, 200, 200, 200, 429])
  })

  it('visitors are told apart by a header or a cookie, and without it by their address', async () => {
    const header = { ...BY_ADDRESS, by: { by: 'header', name: 'X-Api-Key' } } as const
    const cookie = { ...BY_ADDRESS, path: '/c', by: { by: 'cookie', name: 'connect.s-id' } } as const
    await limit([slow(1), slow(1)], [header, cookie])
    const keyed = (key: string) => ({ headers: [`X-Api-Key: ${key}`] })
    assert.deepEqual(await statuses('127.1.4.1', 2, keyed('one')), [200, 429])
    assert.deepEqual(await statuses('127.1.4.2', 1, keyed('one')), [429], 'from everywhere')
    assert.deepEqual(await statuses('127.1.4.1', 2, keyed('two')), [200, 429])
    assert.deepEqual(await statuses('127.1.4.1', 2), [200, 429])
    assert.deepEqual(await statuses('127.1.4.1', 1, { headers: ['X-Api-Key: '] }), [429])
    const known = (n: number) => ({
      path: '/c',
      headers: [`Cookie: a=1; connect.s-id=s`, `X-Api-Key: k${n}`],
    })
    assert.deepEqual(
      [...(await statuses('127.1.4.3', 1, known(1))), ...(await statuses('127.1.4.4', 1, known(2)))],
      [200, 429],
    )
  })

  it('nothing that a visitor says makes it another one; whom a believed proxy speaks of counts', async () => {
    await limit([slow(1)], [BY_ADDRESS], { trusted: ['127.0.0.2'] })
    const said = (visitor: string) => ({ headers: [`X-Forwarded-For: ${visitor}`, `X-Real-IP: ${visitor}`] })
    assert.deepEqual(await statuses('127.1.5.1', 1, said('203.0.113.1')), [200])
    for (const forged of ['203.0.113.2', '127.0.0.1', '203.0.113.3, 127.0.0.2'])
      assert.deepEqual(await statuses('127.1.5.1', 1, said(forged)), [429], forged)
    assert.deepEqual(await statuses('127.0.0.2', 2, said('203.0.113.4')), [200, 429])
    assert.deepEqual(await statuses('127.0.0.2', 1, said('6.6.6.6, 203.0.113.4')), [429])
    assert.deepEqual(await statuses('127.0.0.2', 1, said('203.0.113.5')), [200])
    // A household has all addresses of a network.
    assert.deepEqual(await statuses('127.0.0.2', 1, said('2001:db8:5:6::1')), [200])
    assert.deepEqual(await statuses('127.0.0.2', 1, said('2001:db8:5:6:7::2')), [429])
    assert.deepEqual(await statuses('127.0.0.2', 1, said('2001:db8:5:7::1')), [200])
  })

  it("at a site's own port a program of this machine is not counted, and whom a web server speaks of is", async () => {
    await limit([slow(1)], [BY_ADDRESS])
    const own = async (headers: string[] = []) =>
      (await askFrom('127.0.0.1', { port: edge.running.site.port, headers })).status
    assert.deepEqual([await own(), await own(), await own()], [200, 200, 200])
    const spoken = ['X-Forwarded-For: 203.0.113.77']
    assert.deepEqual([await own(spoken), await own(spoken)], [200, 429])
  })

  it('by HTTP/2 a request by way of the site’s own port is counted once', async () => {
    await limit([slow(4)], [BY_ADDRESS])
    const own = await selfMade(['shop.example'])
    await edge.running.edge.certify('shop', own)
    const got = []
    for (let n = 0; n < 5; n++)
      got.push((await askHttp2(https, 'shop.example', own.chain, { ':path': '/hints' })).status)
    await edge.running.edge.certify('shop', null)
    assert.deepEqual(got, [307, 200, 200, 200, 429])
  })

  it('files of a static service are counted too', async () => {
    await limit([slow(1)], [BY_ADDRESS])
    const table = (await edge.running.edge.table('shop'))!
    const services = { web: proxy('r1', [edge.app]), files: files(['/usr/share/doc/nginx']) }
    const routes = [
      { prefix: '/files', service: 'files' },
      { prefix: '/', service: 'web' },
    ]
    await edge.running.edge.route('shop', { ...table, routes, services })
    assert.deepEqual(await statuses('127.1.6.1', 2, { path: '/files/none' }), [404, 429])
  })

  it('whom and what is counted changes without a reload; a table that is ahead of its site counts nobody', async () => {
    await limit([slow(1)], [BY_ADDRESS])
    await statuses('127.1.7.1', 1)
    await edge.guard({ limits: [{ ...BY_ADDRESS, path: '/other' }] })
    assert.deepEqual(await statuses('127.1.7.1', 3), [200, 200, 200])
    await edge.running.edge.configure(opening({ ...edge.running.site, domains: ['shop.example'] }))
    await edge.guard({ limits: [BY_ADDRESS, { ...BY_ADDRESS, path: '/other' }] })
    assert.deepEqual(await statuses('127.1.7.2', 3), [200, 200, 200])
  })

  it('a limit that nginx could not hold is refused before anything changes', async () => {
    for (const wrong of [slow(0), slow(1.5), slow(1, -1), { ...slow(1), per: 's; evil' as never }])
      await assert.rejects(limit([wrong], []), { code: 'edge.refused' })
    await assert.rejects(
      limit(
        Array.from({ length: 9 }, () => slow(1)),
        [],
      ),
      { code: 'edge.refused' },
    )
  })
})
