import assert from 'node:assert/strict'
import { connect, type Socket } from 'node:net'
import { after, before, describe, it } from 'node:test'
import { type Guarded, HURRIED, startGuarded } from './guard.fixture.ts'
import { MOST_AT_ONCE, PATIENCE } from './limits.ts'
import { freePort, until } from './nginx.fixture.ts'

const POST = 'POST / HTTP/1.1\r\nHost: shop.example\r\nContent-Length: 9\r\n\r\n'
/** What a loaded machine may take longer. */
const LATER_MS = 8_000

describe('a client that is slow on purpose', { concurrency: true }, () => {
  let edge: Guarded
  let https: number
  before(async () => {
    https = await freePort()
    edge = await startGuarded({ clock: HURRIED, https: { address: '127.0.0.1', port: https } })
    await edge.guard({ trusted: ['127.3.0.3'] })
  })
  after(() => edge.stop())

  /** Sends a text at once, then a letter each second until the connection ends; resolves with the time that took. */
  async function dripped(port: number, text: string, letter: string, reads = true): Promise<number> {
    const began = performance.now()
    const socket = connect({ port, host: '127.0.0.1' })
    // It is reset, which is an error to some and an end to others.
    const ended = new Promise(resolve => socket.on('error', () => {}).on('close', resolve))
    socket.write(text)
    if (reads) socket.resume()
    const drops = setInterval(() => socket.write(letter), 1_000)
    await ended
    clearInterval(drops)
    return performance.now() - began
  }
  const ends = (ms: number, seconds: number) =>
    assert.ok(ms >= seconds * 1_000 - 500 && ms < seconds * 1_000 + LATER_MS, `${ms} ms`)

  it('is ended while its head is not there, however many drops come', async () => {
    const head = 'GET / HTTP/1.1\r\nHost: shop.example\r\nX-A: '
    ends(await dripped(edge.port, head, 'a'), PATIENCE.head)
  })

  it("is ended at a site's own port too", async () => {
    ends(await dripped(edge.running.site.port, 'GET / HT', ''), PATIENCE.head)
  })

  it('is ended in a handshake that comes in drops', async () => {
    // The beginning of a hello that says it has 512 bytes.
    ends(await dripped(https, '\x16\x03\x01\x02\x00\x01\x00\x01', '\0'), PATIENCE.head)
  })

  it('is ended when its body stops', async () => {
    ends(await dripped(edge.port, POST, ''), PATIENCE.pause)
  })

  it('is ended when it does not take the answer', async () => {
    // Who reads nothing hears of the end when it writes.
    const asked = 'GET /flood HTTP/1.1\r\nHost: shop.example\r\n\r\n'
    ends(await dripped(edge.port, asked, 'G', false), PATIENCE.pause)
  })

  it('has so many requests under way and no more, and keeps nobody else out', async () => {
    const from = (localAddress: string, text: string): Socket => {
      const socket = connect({ port: edge.port, host: '127.0.0.1', localAddress }).on('error', () => {})
      socket.write(text)
      return socket
    }
    // Some more, because those that ask meanwhile are under way, too.
    const many = Array.from({ length: MOST_AT_ONCE + 100 }, () => from('127.3.0.1', POST))
    const asked = async (address: string, headers: string[] = []) => edge.ask(address, { headers })
    await until(async () => (await asked('127.3.0.1')).status === 429, 'all of them are under way')
    const refused = await asked('127.3.0.1')
    assert.equal(refused.headers['retry-after'], '1')
    assert.match(refused.body, /<h1>Too many requests/)
    assert.equal((await asked('127.3.0.2')).status, 200)
    assert.equal((await edge.running.get('/')).status, 200, "at the site's own port")
    // Behind a proxy that is believed, visitors count, and not the proxy.
    assert.equal((await asked('127.3.0.3', ['X-Forwarded-For: 127.3.0.1'])).status, 429)
    assert.equal((await asked('127.3.0.3', ['X-Forwarded-For: 9.9.9.9'])).status, 200)
    for (const socket of many) socket.destroy()
    await until(async () => (await asked('127.3.0.1')).status === 200, 'it is let in again')
  })
})
