import assert from 'node:assert/strict'
import { rm, writeFile } from 'node:fs/promises'
import { after, afterEach, before, describe, it } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { opening } from '../../reach/edge/edge.ts'
import {
  type App,
  freePort,
  gateOf,
  only,
  proxy,
  type Running,
  startApp,
  startEdge,
  until,
} from './nginx.fixture.ts'

describe('the edge sends each request to the right instance', () => {
  let running: Running
  let blue: App
  let green: App
  let dead: App

  before(async () => {
    const starting = await Promise.all([startEdge(), startApp('blue'), startApp('green'), startApp('dead')])
    ;[running, blue, green, dead] = starting
    await dead.kill()
  })
  after(async () => {
    await Promise.all([running.stop(), blue.kill(), green.kill()])
  })
  afterEach(() => running.edge.forget('shop'))

  const route = (...target: Parameters<typeof proxy>) => running.edge.route('shop', only(proxy(...target)))
  const post = (path: string) => running.get(path, { method: 'POST', body: 'body' })
  const seen = async (app: App, mark: string): Promise<number> => {
    const answer = await running.get('/seen', { port: Number(app.peer.split(':')[1]) })
    return (JSON.parse(answer.body) as Record<string, number>)[mark] ?? 0
  }

  it('a site without a table, or without instances, says that it is stopped', async () => {
    const page = await running.get('/')
    assert.equal(page.status, 503)
    assert.match(page.body, /<h1>Stopped/)
    await route('r1', [])
    const json = await running.get('/', { headers: { accept: 'application/json' } })
    assert.deepEqual([json.status, JSON.parse(json.body).status], [503, 503])
  })

  it('the longest prefix that ends with a segment wins', async () => {
    await running.edge.route('shop', {
      routes: [
        { prefix: '/', service: 'web' },
        { prefix: '/api', service: 'api' },
      ],
      services: { web: proxy('r1', [blue]), api: proxy('r1', [green]) },
    })
    const paths = ['/', '/apix', '/api', '/api/v1?x=%2F', '/%61pi/v1', '/x/../api/']
    const sides = await Promise.all(paths.map(async path => (await running.get(path)).body.split(' ')[0]))
    assert.deepEqual(sides, ['blue', 'blue', 'green', 'green', 'green', 'green'])
  })

  it('the path and the query reach the app as they were written', async () => {
    await route('r1', [blue])
    assert.equal((await running.get('/a%2Fb/%20c?d=%2F&e')).body, 'blue GET /a%2Fb/%20c?d=%2F&e 0')
  })

  it('an instance whose gate is closed gets no request, although somebody answers on its port', async () => {
    await route('r1', [blue, green])
    await rm(gateOf(running.home, blue.peer))
    for (let i = 0; i < 10; i++) assert.equal((await post('/order')).body, 'green POST /order 4')
    await rm(gateOf(running.home, green.peer))
    assert.equal((await post('/order')).status, 502)
    await until(
      async () => (await running.edge.traffic('shop'))['web/r1']!.status.failed === 1,
      'it is counted as failed',
    )
    await writeFile(gateOf(running.home, blue.peer), '')
    assert.equal((await post('/order')).body, 'blue POST /order 4')
  })

  it('an instance that refuses the connection costs no request, not even a POST', async () => {
    await route('r1', [dead, blue])
    for (let i = 0; i < 10; i++) assert.equal((await post('/order')).body, 'blue POST /order 4')
    const { failed } = (await running.edge.traffic('shop'))['web/r1']!.status
    assert.ok(
      failed >= 1 && failed <= 2,
      `it was tried ${failed} times: the first failure says it to all workers`,
    )
  })

  it('a POST that was sent is not sent again', async () => {
    await route('r1', [blue, green])
    assert.equal((await post('/cut')).status, 502)
    assert.equal((await seen(blue, 'POST /cut')) + (await seen(green, 'POST /cut')), 1)
  })

  it("the app's own 500 passes as it is when nobody watches", async () => {
    await route('r1', [blue, green])
    const answer = await running.get('/fail')
    assert.equal(answer.status, 500)
    assert.match(answer.body, /is broken$/)
    assert.equal((await running.edge.traffic('shop'))['web/r1']!.status['5xx'], 1)
  })

  it('while watched, the old side answers what the new one failed, and the failure counts', async () => {
    await route('w2', [dead], { fallback: [blue.peer], fallbackRelease: 'w1' })
    assert.equal((await post('/order')).body, 'blue POST /order 4')
    await route('w2', [green], { fallback: [blue.peer], fallbackRelease: 'w1' })
    assert.equal((await running.get('/cut')).status, 502, 'both sides failed')
    assert.equal((await running.get('/fail')).body, 'blue is broken', 'both sides failed with an answer')
    const { 'web/w2': fresh, 'web/w1': old } = await running.edge.traffic('shop')
    assert.deepEqual([fresh!.status.failed, fresh!.status['5xx'], fresh!.active], [2, 1, 0])
    assert.deepEqual([old!.status['2xx'], old!.status['5xx'], old!.active], [1, 1, 0])
  })

  it('while watched, a POST that the new side failed is not given to the old one', async () => {
    await route('r2', [green], { fallback: [blue.peer] })
    const before = await seen(blue, 'POST /fail')
    assert.equal((await post('/fail')).body, 'green is broken')
    assert.equal(await seen(blue, 'POST /fail'), before)
  })

  it('held requests wait, and go on to the new instance with their body', async () => {
    await route('r1', [blue], { hold: true })
    const answers = Promise.all([running.get('/x'), post('/y')])
    await wait(300)
    await route('r2', [green])
    assert.deepEqual(
      (await answers).map(answer => answer.body),
      ['green GET /x 0', 'green POST /y 4'],
    )
  })

  it('a site that is asleep lets requests wait, tells of it once, and answers them when it is awake', async () => {
    await route('r1', [blue])
    const before = (await running.edge.traffic('shop'))['web/r1']!.requests
    await running.edge.route('shop', { routes: [], services: {}, asleep: true })
    const answers = Promise.all([running.get('/a%2Fb'), post('/y')])
    assert.deepEqual(await running.edge.wanted(true), ['shop'])
    await route('r1', [blue])
    assert.deepEqual(
      (await answers).map(answer => answer.body),
      ['blue GET /a%2Fb 0', 'blue POST /y 4'],
    )
    assert.equal((await running.edge.traffic('shop'))['web/r1']!.requests - before, 2)
  })

  it('counts requests under way, and none when they are over', async () => {
    await route('r3', [blue])
    const slow = Promise.all([running.get('/slow?ms=900'), running.get('/slow?ms=900')])
    await wait(100)
    assert.equal((await running.edge.traffic('shop'))['web/r3']!.active, 2)
    await slow
    const { active, requests, seconds } = (await running.edge.traffic('shop'))['web/r3']!
    assert.deepEqual([active, requests], [0, 2])
    assert.deepEqual(
      seconds.filter(({ count }) => count > 0).map(({ le }) => le),
      [1, 2.5, 5, 10],
    )
  })

  it('a client that leaves early is no longer under way', async () => {
    await route('r4', [blue])
    await assert.rejects(running.get('/slow?ms=1500', { timeoutMs: 200 }))
    await until(async () => (await running.edge.traffic('shop'))['web/r4']?.active === 0, 'none under way')
  })

  it('an app that is too slow is a 504, a body that is too large a 413', async () => {
    await route('r5', [blue])
    assert.equal((await running.get('/slow?ms=5000')).status, 504)
    assert.equal((await running.edge.traffic('shop'))['web/r5']!.status.failed, 1)
    const large = await running.get('/', { method: 'POST', body: 'x'.repeat(100_001) })
    assert.equal(large.status, 413)
    assert.match(large.body, /Too large/)
  })

  it('compresses text, and says that it depends on the client', async () => {
    await route('r1', [blue])
    const { headers } = await running.get('/text', { headers: { 'accept-encoding': 'gzip' } })
    assert.deepEqual([headers['content-encoding'], headers.vary], ['gzip', 'Accept-Encoding'])
  })
})

describe('a WebSocket and an event stream', () => {
  let running: Running
  let blue: App
  let green: App

  before(async () => {
    ;[running, blue, green] = await Promise.all([startEdge(), startApp('blue'), startApp('green')])
    await running.edge.route('shop', only(proxy('r1', [blue])))
  })
  after(async () => {
    await Promise.all([running.stop(), blue.kill(), green.kill()])
  })

  it('a socket stays with its instance over a switch and a reload, and is counted there', async () => {
    const socket = new WebSocket(`ws://127.0.0.1:${running.site.port}/live`)
    const ask = () =>
      new Promise(resolve => {
        socket.onmessage = event => resolve(event.data)
        socket.send('who?')
      })
    await new Promise(resolve => {
      socket.onopen = resolve
    })
    await running.edge.route('shop', only(proxy('r2', [green])))
    assert.equal(await ask(), 'blue')
    assert.equal((await running.get('/')).body, 'green GET / 0')
    await running.edge.configure(opening({ ...running.site, id: 'blog', port: await freePort() }))
    assert.equal(await ask(), 'blue')
    assert.equal((await running.edge.traffic('shop'))['web/r1']!.active, 1)
    const gone = new Promise(resolve => {
      socket.onclose = resolve
    })
    await blue.kill()
    await gone
    const { active, seconds } = (await running.edge.traffic('shop'))['web/r1']!
    assert.deepEqual([active, seconds.at(-1)!.count], [0, 0])
  })

  it('an event arrives when it is sent', async () => {
    const leaving = new AbortController()
    const answer = await fetch(`http://127.0.0.1:${running.site.port}/events`, { signal: leaving.signal })
    const late: number[] = []
    for await (const chunk of answer.body!.pipeThrough(new TextDecoderStream())) {
      late.push(Date.now() - Number(chunk.slice('data: '.length)))
      if (late.length === 5) break
    }
    leaving.abort()
    // What is held back comes late each time; a machine that has much to do is late now and then.
    assert.ok(late.toSorted((a, b) => a - b)[2]! < 50, `late by ${late.join(', ')} ms`)
  })
})
