import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { opening } from '../../reach/edge/edge.ts'
import { type App, files, freePort, proxy, type Running, startApp, startEdge } from './nginx.fixture.ts'

/** The value of a series; undefined: it is not there. */
function sample(text: string, name: string, labels: Record<string, string> = {}): number | undefined {
  const found = text.split('\n').filter(line => {
    if (!new RegExp(`^${name}[{ ]`).test(line)) return false
    return Object.entries(labels).every(([label, value]) => line.includes(`${label}="${value}"`))
  })
  assert.ok(found.length < 2, `several: ${found.join('\n')}`)
  return found[0] === undefined ? undefined : Number(found[0].split(' ').at(-1))
}

describe('what visitors got, for Prometheus', { timeout: 120_000 }, () => {
  let edge: Running
  let app: App
  let publicPort: number

  before(async () => {
    publicPort = await freePort()
    edge = await startEdge({ http: { address: '127.0.0.1', port: publicPort } })
    app = await startApp('one')
  })
  after(async () => {
    await app.kill()
    await edge.stop()
  })

  const routed = (colour: 'blue' | 'green' = 'blue') =>
    edge.edge.route('shop', {
      routes: [
        { prefix: '/', service: 'web' },
        { prefix: '/api', service: 'api' },
        { prefix: '/files', service: 'files' },
      ],
      services: {
        web: proxy('r1', [app], { colour }),
        api: proxy('r1', [app], { colour }),
        files: files([edge.home]),
      },
    })
  const requests = (text: string, labels: Record<string, string>) =>
    sample(text, 'http_requests_total', labels)

  it('counts answers by route, class and colour, and the time until their head', async () => {
    await routed()
    for (const path of ['/', '/a', '/api/users/1', '/api/users/2', '/fail', '/files/none'])
      await edge.get(path)
    await edge.get('/slow?ms=300')
    await routed('green')
    await edge.get('/')
    const text = await edge.edge.metrics()
    const web = { app: 'shop', service: 'web', route: '/', colour: 'blue' }
    assert.equal(requests(text, { ...web, code: '2xx' }), 3)
    assert.equal(requests(text, { ...web, code: '5xx' }), 1)
    assert.equal(requests(text, { ...web, colour: 'green', code: '2xx' }), 1)
    assert.equal(requests(text, { service: 'api', route: '/api', code: '2xx' }), 2)
    assert.equal(
      requests(text, { service: 'api', route: '/api', code: '5xx' }),
      0,
      'a zero before the first error',
    )
    assert.equal(requests(text, { service: 'files', route: '/files', code: '4xx' }), 1)
    const bucket = (le: string) => sample(text, 'http_request_duration_seconds_bucket', { ...web, le })
    assert.equal(bucket('0.25'), 3)
    assert.equal(bucket('0.5'), 4)
    assert.equal(bucket('+Inf'), 4)
    assert.equal(sample(text, 'http_request_duration_seconds_count', web), 4)
    const sum = sample(text, 'http_request_duration_seconds_sum', web)!
    assert.ok(sum > 0.29 && sum < 2, String(sum))
  })

  it('what the keeper asks is no visit, and whoever calls itself so at a public port is', async () => {
    await edge.edge.configure(opening({ ...edge.site, domains: ['shop.example'] }))
    await routed()
    const count = async () =>
      requests(await edge.edge.metrics(), { service: 'web', colour: 'blue', code: '2xx' })
    const before = await count()
    const headers = { 'user-agent': 'innkeeper-probe', host: 'shop.example' }
    assert.equal((await edge.get('/', { headers })).status, 200)
    assert.equal(await count(), before)
    assert.equal((await edge.get('/', { headers, port: publicPort })).status, 200)
    assert.equal(await count(), before! + 1)
  })

  it('an answer that nobody gave is an error', async () => {
    await routed()
    const count = async () => requests(await edge.edge.metrics(), { service: 'api', code: '5xx' })
    await app.kill()
    await edge.get('/api/x')
    assert.equal(await count(), 1)
    app = await startApp('one')
    await routed()
  })

  it('a million paths are no more series, and a reload forgets nothing', async () => {
    await edge.get('/warm')
    const names = async () =>
      (await edge.edge.metrics())
        .split('\n')
        .map(line => line.replace(/ [^ ]*$/, ''))
        .sort()
    const before = await names()
    for (let n = 0; n < 300; n++) await edge.get(`/api/${n}-${'x'.repeat(n)}?q=${n}`)
    await edge.edge.configure(opening({ ...edge.site, maxBodyBytes: 123_456 }))
    assert.deepEqual(await names(), before)
    assert.ok(requests(await edge.edge.metrics(), { service: 'api', colour: 'blue', code: '2xx' })! >= 300)
  })

  it('routes beyond the bound are counted as one number', async () => {
    const routes = Array.from({ length: 520 }, (_, n) => ({ prefix: `/r${n}`, service: 'web' }))
    await edge.edge.route('shop', { routes, services: { web: proxy('r1', [app]) } })
    for (const { prefix } of routes) await edge.get(prefix)
    const text = await edge.edge.metrics()
    assert.equal(sample(text, 'innkeeper_edge_routes'), 500)
    assert.ok(sample(text, 'innkeeper_edge_uncounted_total')! >= 20)
    assert.ok(text.length < 2_000_000, String(text.length))
  })

  it('the numbers of a site end with it, and make room', async () => {
    await edge.edge.forget('shop')
    assert.equal(requests(await edge.edge.metrics(), { app: 'shop' }), undefined)
    assert.equal(sample(await edge.edge.metrics(), 'innkeeper_edge_routes'), 0)
  })
})
