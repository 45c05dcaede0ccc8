import assert from 'node:assert/strict'
import { rm } from 'node:fs/promises'
import { after, before, describe, it } from 'node:test'
import type { ProxyTarget } from '../../reach/edge/edge.ts'
import { type App, gateOf, only, proxy, type Running, startApp, startEdge, until } from './nginx.fixture.ts'

describe('after a switch, assets of the side before', () => {
  let running: Running
  let blue: App
  let green: App

  before(async () => {
    ;[running, blue, green] = await Promise.all([startEdge(), startApp('blue'), startApp('green')])
  })
  after(() => Promise.all([running.stop(), blue.kill(), green.kill()]))

  const route = (more: Partial<ProxyTarget> = {}, ms = 60_000) => {
    const warm = { release: 'r1', peers: [blue.peer], ms, until: Date.now() + ms }
    return running.edge.route('shop', only(proxy('r2', [green], { warm, ...more })))
  }
  const asked = async (path: string, method = 'GET') => {
    const { status, body } = await running.get(path, { method })
    return method === 'HEAD' ? String(status) : `${status} ${body.split(' ')[0]}`
  }

  it('are asked of it, when the new side does not have them', async () => {
    await route()
    for (const path of [
      '/_next/static/chunks/blue.js',
      '/shop/_next/static/blue/_buildManifest.js',
      '/_nuxt/blue.js',
      '/_app/immutable/assets/blue.css',
      '/assets/blue-B1cDe2Fg.js',
    ])
      assert.equal(await asked(path), '200 blue', path)
    assert.equal(await asked('/_next/static/green.js'), '200 green')
    assert.equal(await asked('/_next/static/blue.js', 'HEAD'), '200')
    assert.equal(await asked('/_next/static/none.js'), '404 not', 'nobody has it')
  })

  it('each side is counted with its own answer', async () => {
    await route()
    const before = await running.edge.traffic('shop')
    assert.equal(await asked('/_nuxt/blue.js'), '200 blue')
    const since = async (key: string, status: '2xx' | '4xx') =>
      (await running.edge.traffic('shop'))[key]!.status[status] - before[key]!.status[status]
    await until(async () => (await since('web/r1', '2xx')) === 1, 'the warm side is counted')
    assert.equal(await since('web/r2', '4xx'), 1)
  })

  it('nothing else is asked of it', async () => {
    await route()
    assert.equal(await asked('/assets/blue.js'), '404 not', 'no bundler gave this name')
    assert.equal(await asked('/blue/api?q=/_next/static/'), '200 green')
    assert.equal(await asked('/_next/static/blue.js', 'POST'), '404 not')
    assert.equal(await asked('/api/_nextstatic/blue.js'), '404 not')
  })

  it('nor when its time is over, or it ended', async () => {
    await route({}, -1)
    assert.equal(await asked('/_next/static/blue.js'), '404 not')
    await route()
    await blue.kill()
    await rm(gateOf(running.home, blue.peer))
    assert.equal(await asked('/_next/static/blue.js'), '404 not')
  })
})
