import assert from 'node:assert/strict'
import { Agent, request } from 'node:http'
import { connect } from 'node:net'
import { after, before, describe, it } from 'node:test'
import { type App, only, proxy, type Running, startApp, startEdge, until } from './nginx.fixture.ts'

describe('an interim answer of the app (1xx)', () => {
  let running: Running
  let blue: App
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })

  before(async () => {
    ;[running, blue] = await Promise.all([startEdge(), startApp('blue')])
    await running.edge.route('shop', only(proxy('r1', [blue])))
  })
  after(async () => {
    agent.destroy()
    await Promise.all([running.stop(), blue.kill()])
  })

  /** One request on the connection that all of them share. */
  const ask = (path: string, method = 'GET') =>
    new Promise<{ status: number; own: unknown; cookies: unknown; body: string; hints: number; ms: number }>(
      (resolve, reject) => {
        const began = performance.now()
        let hints = 0
        const sent = request(
          { agent, host: '127.0.0.1', port: running.site.port, path, method, timeout: 4_000 },
          answer => {
            let body = ''
            answer.setEncoding('utf8').on('data', chunk => {
              body += chunk
            })
            answer.on('end', () =>
              resolve({
                status: answer.statusCode!,
                own: answer.headers['x-own'],
                cookies: answer.headers['set-cookie'],
                body,
                hints,
                ms: performance.now() - began,
              }),
            )
          },
        )
        sent.on('information', () => hints++)
        sent.on('timeout', () => sent.destroy(new Error(`${path} waited 4 s`)))
        sent.on('error', reject).end()
      },
    )

  /** Sends text as it is, and reads until the server closes. */
  const raw = (text: string) =>
    new Promise<string>((resolve, reject) => {
      let answer = ''
      const socket = connect(running.site.port, '127.0.0.1')
      socket.setTimeout(4_000, () => socket.destroy(new Error('waited 4 s')))
      socket.on('error', reject)
      socket.on('data', chunk => {
        answer += chunk
      })
      socket.on('end', () => resolve(answer))
      socket.write(text)
    })

  for (const [what, path, body, status] of [
    ['an early hint', '/hints', 'blue final', 200],
    ['one before an answer in pieces', '/hints?late', 'blue final', 200],
    ['several', '/hints?times=3', 'blue final', 200],
    ['another one', '/hints?say=102%20Processing', 'blue final', 200],
    ['100, which nobody asked for', '/hints?say=100%20Continue', 'blue final', 200],
    ['one before an error', '/hints?status=500', 'blue final', 500],
    ['one before an answer without a body', '/hints?status=204', '', 204],
    ['one before a redirect', '/hints?status=302', 'blue final', 302],
  ] as const)
    it(`${what} is left out: the answer comes, and the next request does not wait`, async () => {
      for (let n = 0; n < 3; n++) {
        const first = await ask(path)
        assert.deepEqual(
          [first.status, first.own, first.cookies, first.body, first.hints],
          [status, 'kept', ['a=1', 'b=2'], body, 0],
        )
        const next = await ask('/next')
        assert.equal(next.body, 'blue GET /next 0')
        assert.ok(first.ms + next.ms < 1_000, `${first.ms} and ${next.ms} ms`)
      }
    })

  it('a client of HTTP/1.0 gets the answer and its end', async () => {
    for (const more of ['', 'Connection: keep-alive\r\n'])
      for (const path of ['/hints', '/hints?late', '/hints?status=204']) {
        const text = await raw(`GET ${path} HTTP/1.0\r\nHost: x\r\n${more}\r\n`)
        assert.match(text, /^HTTP\/1\.1 20[04] [\s\S]*x-own: kept\r\n[\s\S]*\r\n\r\n(blue final)?$/)
        assert.doesNotMatch(text, /103|chunked/)
      }
  })

  it('the answer is counted with its own status, and the client keeps its instance', async () => {
    await running.edge.route('shop', only(proxy('r2', [blue], { affinity: { by: 'cookie' } })))
    const { cookies } = await ask('/hints?status=500')
    assert.match(String((cookies as string[])[2]), /^inn-shop-web=/)
    await until(
      async () => (await running.edge.traffic('shop'))['web/r2']?.status['5xx'] === 1,
      'the error is counted',
    )
    const { status, seconds } = (await running.edge.traffic('shop'))['web/r2']!
    assert.deepEqual([status['2xx'], seconds[0]!.count + seconds[4]!.count > 0], [0, true])
  })

  it('HEAD has the headers of the answer', async () => {
    for (let n = 0; n < 2; n++) {
      const { status, own, body } = await ask('/hints', 'HEAD')
      assert.deepEqual([status, own, body], [200, 'kept', ''])
      assert.equal((await ask('/next')).body, 'blue GET /next 0')
    }
  })
})
