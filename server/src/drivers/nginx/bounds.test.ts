import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { after, before, describe, it } from 'node:test'
import { type App, freePort, only, proxy, type Running, startApp, startEdge } from './nginx.fixture.ts'

describe('what is large passes as far as the app would take it', () => {
  let running: Running
  let blue: App
  let publicPort: number

  before(async () => {
    publicPort = await freePort()
    ;[running, blue] = await Promise.all([
      startEdge({ http: { address: '127.0.0.1', port: publicPort } }),
      startApp('blue'),
    ])
    await running.edge.route('shop', only(proxy('r1', [blue])))
    await running.edge.configure(() => [{ ...running.site, domains: ['shop.example'] }])
  })
  after(() => Promise.all([running.stop(), blue.kill()]))

  /** Sends text as it is, and reads until the server closes. */
  const raw = (text: string, port = running.site.port) =>
    new Promise<string>((resolve, reject) => {
      let answer = ''
      const socket = connect(port, '127.0.0.1')
      socket.on('error', reject)
      socket.on('data', chunk => {
        answer += chunk
      })
      socket.on('end', () => resolve(answer))
      socket.write(text)
    })
  const bare = (line: string, more = '') =>
    `${line}\r\nHost: shop.example\r\nConnection: close\r\n${more}\r\n`

  it('cookies and addresses of 9 KB and of nearly 16 KB reach the app whole', async () => {
    for (const size of [9_000, 15_500]) {
      const cookie = `a=${'x'.repeat(size)}`
      const { body } = await running.get('/headers', { headers: { cookie } })
      assert.equal(JSON.parse(body).cookie, cookie)
      const path = `/${'y'.repeat(size)}`
      assert.equal((await running.get(path)).body, `blue GET ${path} 0`)
    }
  })

  it("beyond the bounds of Node.js, the app's own answer passes", async () => {
    const { status } = await running.get('/', { headers: { cookie: 'x'.repeat(17_000) } })
    assert.equal(status, 431)
  })

  it('beyond the bounds of the edge comes our own page, or JSON, also where no name was read yet', async () => {
    for (const port of [running.site.port, publicPort]) {
      const cookies = await raw(bare('GET / HTTP/1.1', `Cookie: ${'x'.repeat(40_000)}\r\n`), port)
      assert.match(cookies, /^HTTP\/1.1 431 .*<h1>Too many cookies/s)
      const address = await raw(bare(`GET /${'y'.repeat(40_000)} HTTP/1.1`), port)
      assert.match(address, /^HTTP\/1.1 414 .*<h1>Address too long/s)
      assert.match(await raw('G@T / HTTP/1.1\r\n\r\n', port), /^HTTP\/1.1 400 .*<h1>Not understood/s)
      const json = `Accept: application/json\r\nCookie: ${'x'.repeat(40_000)}\r\n`
      assert.match(await raw(bare('GET / HTTP/1.1', json), port), /^HTTP\/1.1 431 .*"status":431/s)
      assert.match(
        await raw(bare('GET / HTTP/1.1', 'Transfer-Encoding: x\r\n'), port),
        /^HTTP\/1.1 501 .*<h1>Not supported/s,
      )
      assert.match(await raw(bare('TRACE / HTTP/1.1'), port), /^HTTP\/1.1 405 .*<h1>Not possible/s)
      assert.match(await raw('GET / HTTP/9.1\r\n\r\n', port), /^HTTP\/1.1 505 .*<h1>Not supported/s)
      assert.match(
        await raw('POST / HTTP/1.1\r\nHost: shop.example\r\nContent-Length: 1x\r\n\r\n', port),
        /^HTTP\/1.1 400 .*<h1>Not understood/s,
      )
    }
  })

  it('all headers together have a bound, too', async () => {
    const many = Array.from({ length: 5 }, (_, n) => `X-${n}: ${'x'.repeat(31_000)}\r\n`).join('')
    assert.match(await raw(bare('GET / HTTP/1.1', many)), /^HTTP\/1.1 431 .*<h1>Too many cookies/s)
  })

  it('nobody reaches the place of these pages by its address', async () => {
    assert.match((await running.get('/.innkeeper/unread')).body, /Not found/)
  })

  it('answers with headers of 17 KB pass', async () => {
    const { status, headers } = await running.get('/wide?bytes=17000')
    assert.deepEqual([status, headers['x-wide']?.length], [200, 17_000])
  })

  it('says why an answer of the app did not come, in its counters and once a second in its log', async () => {
    const why = {
      '/wide?bytes=40000': 'large',
      '/cut': 'cut',
      '/slow?ms=5000': 'late',
      '/garbage': 'garbled',
    }
    for (const path of Object.keys(why)) assert.ok((await running.get(path)).status >= 502, path)
    await blue.kill()
    assert.equal((await running.get('/refused')).status, 502)
    const { failures, status } = (await running.edge.traffic('shop'))['web/r1']!
    // The edge may ask by a connection that the app has just closed. It asks once more then, and both were cut.
    assert.ok([1, 2].includes(failures!['cut'] ?? 0), JSON.stringify(failures))
    assert.deepEqual({ ...failures, cut: 1 }, { large: 1, cut: 1, late: 1, garbled: 1, refused: 1 })
    assert.equal(status.failed, 5)
    const lines = running.log().match(/^@shop .*$/gm)
    assert.deepEqual(lines, [
      '@shop web r1 GET /wide: the headers of its answer are longer than the edge takes',
      '@shop web r1 GET /cut: it closed the connection before its answer',
      '@shop web r1 GET /slow: it did not answer in time',
      '@shop web r1 GET /garbage: its answer is not HTTP, or ended within its headers',
      '@shop web r1 GET /refused: nobody accepted the connection',
    ])
  })
})
