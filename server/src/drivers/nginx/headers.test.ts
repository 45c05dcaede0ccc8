import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { request } from '../host/http.ts'
import { type App, freePort, only, proxy, type Running, startApp, startEdge } from './nginx.fixture.ts'

describe('the public listener', () => {
  let running: Running
  let blue: App
  let port: number

  before(async () => {
    port = await freePort()
    const http = { address: '127.0.0.1', six: '[::1]', port }
    ;[running, blue] = await Promise.all([startEdge({ http }), startApp('blue')])
    await running.edge.route('shop', only(proxy('r1', [blue])))
    await running.edge.configure(() => [{ ...running.site, domains: ['shop.example', '*.shop.example'] }])
  })
  after(() => Promise.all([running.stop(), blue.kill()]))

  const forged = {
    'x-forwarded-for': '9.9.9.9',
    'x-real-ip': '9.9.9.9',
    'x-forwarded-proto': 'https',
    'x-request-id': 'id-1',
  }

  it('believes nothing that a client says of itself', async () => {
    const { body } = await running.get('/headers', { port, headers: { host: 'shop.example', ...forged } })
    const {
      host,
      'x-forwarded-for': from,
      'x-real-ip': real,
      'x-forwarded-proto': proto,
      'x-request-id': id,
    } = JSON.parse(body)
    assert.deepEqual(
      [host, from, real, proto, id],
      ['shop.example', '127.0.0.1', '127.0.0.1', 'http', 'id-1'],
    )
  })

  it('answers by IPv6, too, and the app is told of that address', async () => {
    const headers = { host: 'shop.example', ...forged }
    const answer = await request({ host: '::1', port, path: '/headers', headers, timeoutMs: 5_000 })
    assert.equal((JSON.parse(answer.body) as Record<string, string>)['x-forwarded-for'], '::1')
    const unknown = await request({
      host: '::1',
      port,
      path: '/',
      headers: { host: 'x.example' },
      timeoutMs: 5_000,
    })
    assert.equal(unknown.status, 421)
  })

  it("a site's own port believes the web server in front of it", async () => {
    const { body } = await running.get('/headers', {
      headers: { host: 'shop.example', ...forged, 'x-request-id': 'a b' },
    })
    const {
      'x-forwarded-for': from,
      'x-real-ip': real,
      'x-forwarded-proto': proto,
      'x-request-id': id,
    } = JSON.parse(body)
    assert.deepEqual([from, real, proto], ['9.9.9.9, 127.0.0.1', '9.9.9.9', 'https'])
    assert.match(id, /^\d+\.\d+(-\d+){3}$/)
  })

  const unbelieved = [
    'Forwarded X-Forwarded X-Forwarded-By X-Forwarded-Email X-Forwarded-Groups X-Forwarded-Path X-Forwarded-Prefix',
    'X-Forwarded-Scheme X-Forwarded-Server X-Forwarded-Ssl X-Forwarded-Uri X-Forwarded-User X-Original-URL X-Original-Uri',
    'X-Original-Host X-Rewrite-URL X-Script-Name X-Url-Scheme X-Host X-Client-IP X-Cluster-Client-IP True-Client-IP',
    'Front-End-Https Remote-User X-Remote-User Proxy X_Forwarded_Prefix X_Real_IP',
  ].flatMap(line => line.split(' '))
  const evil = {
    ...Object.fromEntries(unbelieved.map(name => [name, 'evil'])),
    'X-Forwarded-Host': 'evil',
    'X-Forwarded-Port': '666',
    'X-Forwarded-For': 'evil',
    'X-Real-IP': 'evil',
    'X-Forwarded-Proto': 'evil',
    'x-own-header': 'passes',
  }

  it('passes no other header on that a framework takes for the word of a proxy', async () => {
    const { body } = await running.get('/headers', { port, headers: { host: 'shop.example', ...evil } })
    assert.ok(!body.includes('evil'), body)
    const headers = JSON.parse(body)
    assert.equal(headers['x-forwarded-host'], 'shop.example')
    assert.equal(headers['x-forwarded-port'], String(port))
    assert.equal(headers['x-own-header'], 'passes')
    // A proxy may drop headers that the Connection header names. Those that the edge sets must not be dropped.
    const hops = { host: 'shop.example', connection: 'close, x-forwarded-for, x-real-ip' }
    const { body: hopped } = await running.get('/headers', { port, headers: hops })
    assert.equal(JSON.parse(hopped)['x-real-ip'], '127.0.0.1')
  })

  it("nor does a site's own port: the web server in front of it most likely only passed it on", async () => {
    const { body } = await running.get('/headers', { headers: { host: 'shop.example', ...evil } })
    const headers = JSON.parse(body)
    const left = Object.entries(headers).filter(([, value]) => value === 'evil' || value === '666')
    assert.deepEqual(left.map(([name]) => name).sort(), [
      'x-forwarded-host',
      'x-forwarded-proto',
      'x-real-ip',
    ])
  })

  it("takes the dashboard's session out of the cookies that an app gets", async () => {
    const passed = async (cookie: string) =>
      JSON.parse((await running.get('/headers', { headers: { host: 'shop.example', cookie } })).body).cookie
    const mine = 'innkeeper.session_token=secret.sig%3D'
    assert.equal(await passed(mine), undefined)
    assert.equal(await passed(`a=1; ${mine}; b=2`), 'a=1; b=2')
    assert.equal(await passed(`a=1; ${mine}`), 'a=1')
    assert.equal(await passed(`${mine}; b=2`), '; b=2')
    assert.equal(await passed(`innkeeper.session_token=x; a=1; ${mine}`), undefined)
    // Whoever is adding a passkey is still known to the app.
    const challenge = 'innkeeper.passkey=drawn.sig%3D'
    assert.equal(await passed(`a=1; ${mine}; b=2; ${challenge}; c=3`), 'a=1; b=2; c=3')
    assert.equal(await passed(`${challenge}; ${mine}`), undefined)
    assert.equal(await passed(`a=${challenge}; ${mine}`), `a=${challenge}`)
    assert.equal(await passed(`innkeeper.two_factor=1; ${challenge}; a=1; ${mine}`), undefined)
    assert.equal(
      await passed('a=1; session_token=2; better-auth.session_token=3'),
      'a=1; session_token=2; better-auth.session_token=3',
    )
  })

  it('answers to its names only', async () => {
    const status = async (host: string) => (await running.get('/', { port, headers: { host } })).status
    assert.deepEqual(
      await Promise.all(['shop.example', 'a.shop.example', 'other.example'].map(status)),
      [200, 200, 421],
    )
  })
})
