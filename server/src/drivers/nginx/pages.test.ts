import assert from 'node:assert/strict'
import { chmod, mkdtemp, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { opening } from '../../reach/edge/edge.ts'
import { removeTree } from '../host/files.ts'
import { selfMade } from './certificates.fixture.ts'
import { askFrom, type Guarded, HURRIED, NO_RULES, startGuarded } from './guard.fixture.ts'
import { freePort, only, proxy } from './nginx.fixture.ts'

describe('names that lead elsewhere', () => {
  let edge: Guarded
  before(async () => {
    edge = await startGuarded({ clock: HURRIED, https: { address: '127.0.0.1', port: await freePort() } })
    const domains = ['shop.example', 'www.shop.example', 'old.example']
    await edge.running.edge.configure(opening({ ...edge.running.site, domains }))
    await edge.guard({
      redirects: { 'www.shop.example': 'shop.example', 'old.example': 'shop.example' },
      trusted: ['127.0.0.2'],
    })
  })
  after(() => edge.stop())

  const ask = async (host: string, path: string, headers: string[] = [], from = '127.0.0.3') => {
    const got = await edge.ask(from, { path, host, headers })
    return [got.status, got.headers['location']]
  }

  it('send their visitors to the other name with path and query, and the other name answers', async () => {
    assert.deepEqual(await ask('www.shop.example', '/a%20b?c=d'), [308, 'http://shop.example/a%20b?c=d'])
    assert.deepEqual(await ask('OLD.example:8080', '/'), [308, 'http://shop.example:8080/'])
    assert.deepEqual(await ask('shop.example', '/a'), [200, undefined])
    const hostile = await ask('www.shop.example', '//evil.example/x')
    assert.deepEqual(hostile, [308, 'http://shop.example//evil.example/x'])
  })

  it('keep the scheme by which the visitor came to a believed proxy', async () => {
    assert.deepEqual(await ask('www.shop.example', '/', ['X-Forwarded-Proto: https'], '127.0.0.2'), [
      308,
      'https://shop.example/',
    ])
    assert.deepEqual(await ask('www.shop.example', '/', ['X-Forwarded-Proto: https']), [
      308,
      'http://shop.example/',
    ])
  })

  it('with a certificate they lead to https under their own name first, as HSTS wants it', async () => {
    await edge.running.edge.certify('shop', await selfMade(['www.shop.example', 'shop.example']))
    const [status, location] = await ask('www.shop.example', '/a')
    assert.equal(status, 308)
    assert.match(location as string, /^https:\/\/www\.shop\.example:\d+\/a$/)
    await edge.running.edge.certify('shop', null)
  })
})

describe('pages of the app’s own', () => {
  let edge: Guarded
  let folder: string
  before(async () => {
    edge = await startGuarded()
    folder = await mkdtemp(join(tmpdir(), 'pages-'))
    await chmod(folder, 0o755)
    await writeFile(join(folder, 'down.html'), '<h1>we are down</h1>')
    await writeFile(join(folder, 'secret'), 'secret')
    await symlink(join(folder, 'secret'), join(folder, 'link.html'))
  })
  after(async () => {
    await edge.stop()
    await removeTree(folder)
  })

  const page = (name: string) => join(folder, name)

  it('stand in for those of the edge when it answers for the app, also while it is stopped', async () => {
    const pages = { 502: page('down.html'), 503: page('down.html'), 504: page('down.html') }
    await edge.guard({ pages })
    for (const [path, status] of [
      ['/cut', 502],
      ['/slow?ms=9000', 504],
    ] as const) {
      const got = await edge.ask('127.0.0.2', { path })
      assert.deepEqual(
        [got.status, got.body, got.headers['cache-control']],
        [status, '<h1>we are down</h1>', 'no-store'],
      )
    }
    const json = await edge.ask('127.0.0.2', { path: '/cut', headers: ['Accept: application/json'] })
    assert.equal(JSON.parse(json.body).status, 502)
    assert.match(
      (await edge.ask('127.0.0.2', { path: '/fail' })).body,
      /blue is broken/,
      'the app has the last word',
    )
    await edge.running.edge.route('shop', { routes: [], services: {}, guard: { ...NO_RULES, pages } })
    const stopped = await askFrom('127.0.0.1', { port: edge.running.site.port })
    assert.deepEqual([stopped.status, stopped.body], [503, '<h1>we are down</h1>'])
  })

  it('that are not there, or links, are not shown', async () => {
    for (const name of ['none.html', 'link.html']) {
      await edge.running.edge.route('shop', {
        ...only(proxy('r1', [])),
        guard: { ...NO_RULES, pages: { 503: page(name) } },
      })
      const got = await edge.ask('127.0.0.2')
      assert.equal(got.status, 503)
      assert.match(got.body, /<h1>Stopped/)
    }
  })
})
