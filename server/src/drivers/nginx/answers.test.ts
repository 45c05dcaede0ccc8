import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { headersBy } from '../../config/answers.ts'
import { type Answered, type Guarded, startGuarded } from './guard.fixture.ts'

let edge: Guarded
before(async () => {
  edge = await startGuarded()
})
after(() => edge.stop())

/** What a visitor gets of what the app writes. */
const get = (lines: readonly string[], headers: readonly string[] = [], method = 'GET') => {
  const text = `HTTP/1.1 200 OK\r\n${['Content-Length: 4', ...lines].join('\r\n')}\r\n\r\nbody`
  return edge.ask('127.0.0.2', { path: `/raw?text=${encodeURIComponent(text)}`, headers, method })
}
const NAMES = ['x-content-type-options', 'x-frame-options', 'referrer-policy']
const secured = ({ headers }: Answered) => NAMES.map(name => headers[name])
const USUAL = ['nosniff', 'SAMEORIGIN', 'strict-origin-when-cross-origin']

describe('headers of answers', () => {
  it('are added where the app sends none, and what it sends itself stands alone', async () => {
    await edge.guard({ headers: headersBy({}) })
    assert.deepEqual(secured(await get([])), USUAL)
    const own = await get(['x-frame-options: DENY', 'Referrer-Policy: no-referrer'])
    assert.deepEqual(secured(own), ['nosniff', 'DENY', 'no-referrer'])
    const policy = await get(['Content-Security-Policy: frame-ancestors https://a.example'])
    assert.deepEqual(secured(policy), ['nosniff', undefined, USUAL[2]])
    const other = await get(["Content-Security-Policy: default-src 'self'"])
    assert.deepEqual(secured(other), USUAL)
  })

  it('stand in answers that follow an interim one, too', async () => {
    await edge.guard({ headers: headersBy({}) })
    for (let n = 0; n < 3; n++) {
      const got = await edge.ask('127.0.0.2', { path: '/hints' })
      assert.equal(got.body.includes('blue final'), true)
      assert.deepEqual(secured(got), USUAL)
    }
  })

  it('are those of the file, and without a guard there are none', async () => {
    await edge.guard({ headers: headersBy({ 'x-frame-options': false, 'X-Own': 'a "b" \\ $c' }) })
    const got = await get([])
    assert.deepEqual(secured(got), ['nosniff', undefined, USUAL[2]])
    assert.equal(got.headers['x-own'], 'a "b" \\ $c')
    await edge.guard({})
    assert.deepEqual(secured(await get([])), [undefined, undefined, undefined])
  })
})

describe('other sites that may read answers', () => {
  const cors = { origins: ['https://a.example'], expose: ['X-Total'], credentials: true, maxAgeSeconds: 60 }
  const of = ({ headers }: Answered) => [
    headers['access-control-allow-origin'],
    headers['access-control-allow-credentials'],
    headers['access-control-expose-headers'],
    headers['vary'],
  ]

  it('are those of the list, and caches are told that it depends', async () => {
    await edge.guard({ cors })
    assert.deepEqual(of(await get([], ['Origin: https://a.example'])), [
      'https://a.example',
      'true',
      'X-Total',
      'Origin',
    ])
    for (const origin of [
      'https://a.example.evil',
      'http://a.example',
      'null',
      'https://A.example',
      'https://a.example:8443',
    ])
      assert.deepEqual(
        of(await get([], [`Origin: ${origin}`])),
        [undefined, undefined, undefined, 'Origin'],
        origin,
      )
    assert.deepEqual(of(await get(['Vary: Cookie'], [])), [undefined, undefined, undefined, 'Cookie, Origin'])
    await edge.guard({ cors: { ...cors, origins: ['*'], credentials: false, expose: [] } })
    assert.deepEqual(of(await get([], ['Origin: https://b.example'])), ['*', undefined, undefined, undefined])
  })

  it('what the app says of it stands alone', async () => {
    await edge.guard({ cors })
    const got = await get(['Access-Control-Allow-Origin: https://b.example'], ['Origin: https://a.example'])
    assert.deepEqual(of(got), ['https://b.example', undefined, undefined, undefined])
  })

  it('a browser that asks beforehand is answered by the edge, for them alone', async () => {
    await edge.guard({ cors })
    const ask = (origin: string, more: string[] = ['Access-Control-Request-Method: PUT']) =>
      edge.ask('127.0.0.2', { path: '/x', method: 'OPTIONS', headers: [`Origin: ${origin}`, ...more] })
    const got = await ask('https://a.example', [
      'Access-Control-Request-Method: PUT',
      'Access-Control-Request-Headers: x-a',
    ])
    assert.equal(got.status, 204)
    assert.deepEqual(of(got).slice(0, 2), ['https://a.example', 'true'])
    assert.match(got.headers['access-control-allow-methods']!, /PUT/)
    assert.deepEqual(
      [got.headers['access-control-allow-headers'], got.headers['access-control-max-age'], got.body],
      ['x-a', '60', ''],
    )
    const other = await ask('https://b.example')
    assert.match(other.body, /OPTIONS/, 'the app answers')
    assert.equal(of(other)[0], undefined)
    assert.match((await ask('https://a.example', [])).body, /OPTIONS/, 'it is no such question')
    await edge.guard({ cors, deny: ['127.0.0.2'] })
    assert.equal((await ask('https://a.example')).status, 403)
  })
})
