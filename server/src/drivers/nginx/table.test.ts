import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { removeTree } from '../host/files.ts'
import { CHECKED_BY_TLS } from './certificates.fixture.ts'
import { CHECKED_BY_GUARD } from './guard.fixture.ts'
import { UNBELIEVED } from './headers.ts'
import { type App, files, freePort, proxy, type Running, startApp, startEdge } from './nginx.fixture.ts'
import { statusPages } from './status-files.ts'
import { edgePage, TABLES } from './table.ts'
import { CHECKED_BY_VITALS } from './vitals.fixture.ts'

const rows = TABLES.flatMap(([, all]) => all.map(row => row.name))

let running: Running
let blue: App
let publicPort: number
let folder: string

/** Sends lines of a request, and reads until the edge closes. */
const send = (lines: readonly string[], { port = running.site.port, body = '' } = {}) =>
  new Promise<string>((resolve, reject) => {
    let answer = ''
    const socket = connect(port, '127.0.0.1')
    socket.setTimeout(5_000, () => socket.destroy(new Error('waited 5 s')))
    socket.on('error', reject)
    socket.setEncoding('latin1').on('data', chunk => {
      answer += chunk
    })
    socket.on('end', () => resolve(answer))
    const host = lines.some(line => /^host:/i.test(line)) ? [] : ['Host: shop.example']
    socket.write(`${[...lines, ...host, 'Connection: close'].join('\r\n')}\r\n\r\n${body}`, 'latin1')
  })

/** The headers that reach the app. */
async function reach(headers: readonly string[], more: { port?: number; body?: string } = {}) {
  const answer = await send(
    [`${more.body === undefined ? 'GET' : 'POST'} /headers HTTP/1.1`, ...headers],
    more,
  )
  const text = answer.slice(answer.indexOf('\r\n\r\n')).match(/\{.*\}/)![0]
  return JSON.parse(text) as Record<string, string>
}

/** What a visitor gets of what the app writes. */
const get = (text: string, headers: readonly string[] = []) =>
  send([`GET /raw?text=${encodeURIComponent(text)} HTTP/1.1`, ...headers])
const answered = (headers: string, body = 'body') =>
  `HTTP/1.1 200 OK\r\n${headers}\r\nContent-Length: ${body.length}\r\nX-Kept: yes\r\n\r\n${body}`
const status = async (lines: readonly string[], more: { port?: number; body?: string } = {}) =>
  Number((await send(lines, more)).split(' ')[1])

const GONE = ['X-Forwarded-For', 'X-Forwarded-Proto', 'X-Forwarded-Host', 'X-Real-IP']

/** For each row of the table, how the edge is asked. */
const checks: Record<string, () => Promise<void>> = {
  '`Connection`, `Keep-Alive`, `TE`': async () => {
    const got = await reach(['Keep-Alive: timeout=9', 'TE: trailers'])
    assert.deepEqual([got['connection'], got['keep-alive'], got['te']], [undefined, undefined, undefined])
  },
  '`Upgrade`': async () => {
    assert.equal((await reach(['Upgrade: h2c']))['upgrade'], undefined)
  },
  '`Expect: 100-continue`': async () => {
    const answer = await send(['POST /headers HTTP/1.1', 'Expect: 100-continue', 'Content-Length: 1'], {
      body: 'x',
    })
    assert.match(answer, /^HTTP\/1.1 100 Continue/)
    assert.doesNotMatch(answer, /expect/)
  },
  '`Cookie`': async () => {
    assert.equal((await reach(['Cookie: a=1; innkeeper.session_token=s; b=2']))['cookie'], 'a=1; b=2')
  },
  '`X-Request-Id`': async () => {
    assert.equal((await reach(['X-Request-Id: abc:1']))['x-request-id'], 'abc:1')
    assert.match((await reach(['X-Request-Id: a b']))['x-request-id']!, /^[\d.-]+$/)
  },
  "`X-Forwarded-For`, `X-Forwarded-Proto`, `X-Forwarded-Host`, `X-Real-IP`, at a site's own port":
    async () => {
      const got = await reach(GONE.map(name => `${name}: https`))
      assert.deepEqual(
        GONE.map(name => got[name.toLowerCase()]),
        ['https, 127.0.0.1', 'https', 'https', 'https'],
      )
      const bare = await reach([])
      assert.deepEqual(
        GONE.map(name => bare[name.toLowerCase()]),
        ['127.0.0.1', 'http', 'shop.example', '127.0.0.1'],
      )
    },
  '`X-Forwarded-For`, `X-Forwarded-Proto`, `X-Forwarded-Host`, `X-Forwarded-Port`, `X-Real-IP`, at the public port':
    async () => {
      const got = await reach(
        [...GONE, 'X-Forwarded-Port'].map(name => `${name}: evil`),
        { port: publicPort },
      )
      assert.deepEqual(
        [...GONE, 'X-Forwarded-Port'].map(name => got[name.toLowerCase()]),
        ['127.0.0.1', 'http', 'shop.example', '127.0.0.1', String(publicPort)],
      )
    },
  [UNBELIEVED.map(name => `\`${name}\``).join(', ')]: async () => {
    for (const port of [running.site.port, publicPort]) {
      const got = await reach(
        UNBELIEVED.map(name => `${name}: evil`),
        { port },
      )
      assert.ok(!Object.values(got).includes('evil'), JSON.stringify(got))
    }
  },
  'a name with `_` or another letter than A to Z, digits and `-`': async () => {
    const got = await reach(['X_Own: 1', 'X.Own: 1', 'X-Own: 1'])
    assert.deepEqual([got['x_own'], got['x.own'], got['x-own']], [undefined, undefined, '1'])
  },
  '`Transfer-Encoding: chunked`': async () => {
    const got = await reach(['Transfer-Encoding: chunked'], { body: '2\r\nab\r\n0\r\n\r\n' })
    assert.deepEqual([got['transfer-encoding'], got['content-length']], [undefined, '2'])
  },
  'two `Host`, or `Content-Length` beside `Transfer-Encoding`': async () => {
    assert.equal(await status(['GET / HTTP/1.1', 'Host: a', 'Host: b']), 400)
    assert.equal(
      await status(['POST / HTTP/1.1', 'Content-Length: 1', 'Transfer-Encoding: chunked'], {
        body: '0\r\n\r\n',
      }),
      400,
    )
  },
  '`Server`, `Date`': async () => {
    const answer = await get(answered('Server: own\r\nDate: never'))
    assert.match(answer, /^Server: nginx\r$/m)
    assert.doesNotMatch(answer, /own|never/)
  },
  '`X-Accel-Redirect` and every `X-Accel-…`': async () => {
    for (const to of ['/other', '@static', '@page']) {
      const answer = await get(answered(`X-Accel-Redirect: ${to}\r\nX-Accel-Buffering: yes`))
      assert.match(answer, /^HTTP\/1.1 200 OK\r\n.*X-Kept: yes.*\r\n\r\nbody$/s)
      assert.doesNotMatch(answer, /accel/i)
    }
  },
  '`Connection`, `Keep-Alive`, `Transfer-Encoding`': async () => {
    const answer = await get(answered('Keep-Alive: timeout=77\r\nConnection: keep-alive'))
    assert.match(answer, /^Connection: close\r$/m)
    assert.doesNotMatch(answer, /77/)
  },
  '`Content-Length`, `ETag`, `Vary`': async () => {
    const text = answered('Content-Type: text/plain\r\nETag: "x"', 'word '.repeat(400))
    const answer = await get(text, ['Accept-Encoding: gzip'])
    assert.match(answer, /ETag: W\/"x"/)
    assert.match(answer, /Vary: Accept-Encoding/)
    assert.doesNotMatch(answer, /Content-Length/)
  },
  trailers: async () => {
    const text =
      'HTTP/1.1 200 OK\r\nTrailer: X-Sum\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nX-Sum: 7\r\n\r\n'
    assert.doesNotMatch(await get(text), /X-Sum: 7/)
  },
  '`TRACE`, `CONNECT`': async () => {
    assert.equal(await status(['TRACE / HTTP/1.1']), 405)
    assert.equal(await status(['CONNECT shop.example:443 HTTP/1.1']), 400)
  },
  'a method in small letters': async () => assert.equal(await status(['get / HTTP/1.1']), 400),
  'all but `GET` and `HEAD`, to a static service': async () => {
    for (const method of ['POST', 'PUT', 'DELETE']) {
      const answer = await send([`${method} /files/a.txt HTTP/1.1`])
      assert.match(answer, /^HTTP\/1.1 405 .*<h1>Not possible/s)
    }
  },
  'a name that no app has': async () =>
    assert.equal(await status(['GET / HTTP/1.1', 'Host: none.example'], { port: publicPort }), 421),
  'the path `/.innkeeper/unread`': async () =>
    assert.equal(await status(['GET /.innkeeper/unread HTTP/1.1']), 404),
  '`/.well-known/innkeeper/hooks/` with 24 letters and digits': async () => {
    const path = `/.well-known/innkeeper/hooks/${'a'.repeat(24)}`
    assert.equal(await status([`POST ${path} HTTP/1.1`, 'Content-Length: 0']), 502)
    assert.equal(await status([`GET ${path} HTTP/1.1`]), 405)
  },
  'the domain of a status page, and `/.well-known/innkeeper/status/` at the port of its app': async () => {
    const at = (path: string, method = 'GET') =>
      status([`${method} ${path} HTTP/1.1`, 'Host: status.example', 'Content-Length: 0'], {
        port: publicPort,
      })
    for (const path of ['/', '/feed.xml', '/status.json']) assert.equal(await at(path), 200, path)
    assert.equal(await at('/x'), 404)
    assert.equal(await at('/subscribe', 'POST'), 502)
    assert.equal(await status(['GET /.well-known/innkeeper/status/ HTTP/1.1']), 200)
    const many = await Promise.all(Array.from({ length: 20 }, () => at('/confirm')))
    assert.ok(many.includes(429))
  },
  'whatever the edge refuses by itself': async () => {
    const json = await send(['DELETE /files/a.txt HTTP/1.1', 'Accept: application/json'])
    assert.match(json, /\r\n\r\n\{"status":405,/)
  },
  'of a request': async () => {
    const got = await reach(['Content-Length: 3'], { body: 'abc' })
    assert.equal(got['content-length'], '3')
  },
  'text, JSON, XML, SVG, fonts from 1 KB on, to a visitor who accepts gzip': async () => {
    const kind = (type: string, size: number, more = '') =>
      get(answered(`Content-Type: ${type}${more}`, 'x'.repeat(size)), ['Accept-Encoding: gzip'])
    assert.match(await kind('application/json', 1_024), /Content-Encoding: gzip/)
    assert.doesNotMatch(await kind('application/json', 1_000), /Content-Encoding/)
    assert.doesNotMatch(await kind('image/png', 2_000), /Content-Encoding/)
    assert.match(await kind('text/css', 2_000, '\r\nContent-Encoding: br'), /Content-Encoding: br/)
  },
  'static files that begin with `.`': async () => {
    assert.equal(await status(['GET /files/.env HTTP/1.1']), 404)
    assert.equal(await status(['GET /files/.well-known/a.txt HTTP/1.1']), 404)
    assert.equal(await status(['GET /.well-known/a.txt HTTP/1.1']), 200)
  },
}

/** Rows that another test asks for: its file and its title. */
const elsewhere: Record<string, [file: string, title: string]> = {
  '`Set-Cookie`': ['affinity.test.ts', 'clients that come back to the same instance'],
  '`HEAD`, to a release that was seen to send interim answers': [
    'informational.test.ts',
    'HEAD has the headers of the answer',
  ],
  '`POST`, `PATCH`, when an instance ends with the request in its hands': [
    'nginx.test.ts',
    'a POST that was sent is not sent again',
  ],
  '100, 102, 103 and every other 1xx but 101': [
    'informational.test.ts',
    'an interim answer of the app (1xx)',
  ],
  '404 to a GET below `/_next/static/`, `/_nuxt/`, `/_app/immutable/`, `/_astro/`, or of a hashed name below `/assets/`, `/build/`, `/static/`':
    ['warm.test.ts', 'are asked of it, when the new side does not have them'],
  '500, 502, 503, 504 to a repeatable request': [
    'nginx.test.ts',
    'while watched, the old side answers what the new one failed, and the failure counts',
  ],
  'no answer': [
    'bounds.test.ts',
    'says why an answer of the app did not come, in its counters and once a second in its log',
  ],
  'no instance': ['nginx.test.ts', 'a site without a table, or without instances, says that it is stopped'],
  'the first line of a request': [
    'bounds.test.ts',
    'beyond the bounds of the edge comes our own page, or JSON, also where no name was read yet',
  ],
  'one header of a request': [
    'bounds.test.ts',
    'beyond the bounds of the edge comes our own page, or JSON, also where no name was read yet',
  ],
  'all headers of a request': ['bounds.test.ts', 'all headers together have a bound, too'],
  'all headers of an answer': [
    'bounds.test.ts',
    'says why an answer of the app did not come, in its counters and once a second in its log',
  ],
  'the body of a request': [
    'nginx.test.ts',
    'an app that is too slow is a 504, a body that is too large a 413',
  ],
  'waiting for an answer, and between two parts of it': [
    'nginx.test.ts',
    'an app that is too slow is a 504, a body that is too large a 413',
  ],
  'of an answer': ['nginx.test.ts', 'an event arrives when it is sent'],
  'static files that a build compressed (`x.js.br`, `x.js.gz` beside `x.js`)': [
    'static-answers.test.ts',
    'are sent in the form that the visitor takes, brotli before gzip, each with its own tag',
  ],
  'static files whose names were made from their content': [
    'static-build.test.ts',
    'names that people give are neither kept for ever nor served after their deletion',
  ],
  ...CHECKED_BY_TLS,
  ...CHECKED_BY_GUARD,
  ...CHECKED_BY_VITALS,
}

describe('docs/edge.md', () => {
  before(async () => {
    publicPort = await freePort()
    ;[running, blue, folder] = await Promise.all([
      // Nobody listens at port 9 in place of the keeper.
      startEdge({ http: { address: '127.0.0.1', port: publicPort }, keeper: 9 }),
      startApp('blue'),
      mkdtemp(join(tmpdir(), 'site-')),
    ])
    await chmod(folder, 0o755)
    await mkdir(join(folder, '.well-known'))
    for (const name of ['a.txt', '.env', '.well-known/a.txt']) await writeFile(join(folder, name), 'x')
    await running.edge.route('shop', {
      routes: [
        { prefix: '/', service: 'web' },
        { prefix: '/files', service: 'files' },
        { prefix: '/.well-known', service: 'files' },
      ],
      services: { web: proxy('r1', [blue]), files: files([folder]) },
    })
    const status = { domain: 'status.example', mails: true }
    await running.edge.configure(() => [{ ...running.site, domains: ['shop.example'], status }])
    const page = { 'index.html': 'page', 'feed.xml': '<rss/>', 'status.json': '{}' }
    await statusPages(running.home).publish('shop', page)
  })
  after(async () => {
    await Promise.all([running.stop(), blue.kill()])
    await removeTree(folder)
  })

  it('is what the rows say: run `node server/src/drivers/nginx/table.ts` after a change', () => {
    assert.equal(readFileSync(join(import.meta.dirname, '../../../../docs/edge.md'), 'utf8'), edgePage())
  })

  it('has no row that nothing asks for', () => {
    assert.deepEqual([...Object.keys(checks), ...Object.keys(elsewhere)].sort(), [...rows].sort())
    for (const [file, title] of Object.values(elsewhere))
      assert.ok(readFileSync(join(import.meta.dirname, file), 'utf8').includes(title), `${file}: ${title}`)
  })

  for (const [row, check] of Object.entries(checks)) it(row, check)
})
