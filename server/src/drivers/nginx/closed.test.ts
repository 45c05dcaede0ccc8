import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { type Guarded, HURRIED, startGuarded } from './guard.fixture.ts'

describe('a site that is closed for maintenance', () => {
  let edge: Guarded
  before(async () => {
    edge = await startGuarded({ clock: HURRIED })
    await edge.guard({})
  })
  after(() => edge.stop())

  const ask = (from: string, headers: string[] = []) => edge.ask(from, { path: '/a', headers })
  const close = (ms: number, more: { text?: string; allow?: string[] } = {}) =>
    edge.running.edge.close('shop', { text: null, allow: [], until: Date.now() + ms, ...more })

  it('answers 503 with its text and when to come back, to people and to programs', async () => {
    await close(90_000, { text: 'New <rooms> at "four"' })
    const page = await ask('127.0.0.3')
    assert.equal(page.status, 503)
    assert.match(page.body, /New &lt;rooms&gt; at &quot;four&quot;/)
    const retry = Number(page.headers['retry-after'])
    assert.ok(retry > 80 && retry <= 90, String(retry))
    assert.equal(page.headers['cache-control'], 'no-store')
    const json = await ask('127.0.0.3', ['Accept: application/json'])
    assert.deepEqual(JSON.parse(json.body), {
      ...{ status: 503, error: 'Maintenance', message: 'New <rooms> at "four"' },
    })
    await close(90_000)
    assert.match((await ask('127.0.0.3')).body, /People work on this site/)
  })

  it('lets named addresses in', async () => {
    await close(60_000, { allow: ['127.0.0.8/30', '2001:db8::1'] })
    assert.equal((await ask('127.0.0.9')).status, 200)
    assert.equal((await ask('127.0.0.3')).status, 503)
  })

  it('stays closed with another table, and after a restart of the edge', async () => {
    await close(60_000)
    await edge.guard({ blocked: ['/admin'] })
    assert.equal((await ask('127.0.0.3')).status, 503)
    const { closed } = (await edge.running.edge.table('shop'))!
    assert.deepEqual(closed?.allow, [])
    await edge.running.kill()
    await edge.running.start()
    assert.equal((await ask('127.0.0.3')).status, 503)
  })

  it('opens when it is told, and by itself at the end', async () => {
    await edge.running.edge.close('shop', null)
    assert.equal((await ask('127.0.0.3')).status, 200)
    assert.equal((await edge.running.edge.table('shop'))!.closed, undefined)
    await close(1_500)
    assert.equal((await ask('127.0.0.3')).status, 503)
    await new Promise(resolve => setTimeout(resolve, 1_700))
    assert.equal((await ask('127.0.0.3')).status, 200)
  })

  it('refuses what is no address', async () => {
    await assert.rejects(close(1_000, { allow: ['office'] }), /'office' is no address/)
  })
})
