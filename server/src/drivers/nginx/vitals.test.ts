import assert from 'node:assert/strict'
import { chmod, mkdtemp, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { removeTree } from '../host/files.ts'
import { type App, files, proxy, type Running, startApp, startEdge } from './nginx.fixture.ts'

const PAGE = '<!doctype html><html><head><title>x</title></head><body>hello</body></html>'
const OPENED = { accept: 'text/html', 'sec-fetch-dest': 'document' }
const TAG = /<script defer src="\/\.innkeeper\/vitals\.js\?[0-9a-f]{10}"( nonce="[^"]*")?><\/script>/

let edge: Running
let app: App
let folder: string

const raw = (headers: string, body: string) =>
  `/raw?text=${encodeURIComponent(
    `HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n${headers}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  )}`
const open = (path: string, headers: Record<string, string> = OPENED) => edge.get(path, { headers })
const page = async (headers: string, body = PAGE) => (await open(raw(headers, body))).body
const policy = (text: string) => page(`Content-Security-Policy: ${text}\r\n`)
const beacon = (said: Record<string, string> | string, more: Record<string, string> = {}) =>
  edge.get('/.innkeeper/vitals', {
    method: 'POST',
    body: typeof said === 'string' ? said : new URLSearchParams(said).toString(),
    headers: { 'sec-fetch-site': 'same-origin', ...more },
  })
const routed = (vitals: boolean, prefix = '/') =>
  edge.edge.route('shop', {
    routes: [
      { prefix, service: 'web' },
      { prefix: '/files', service: 'files' },
      { prefix: '/plain', service: 'plain' },
    ],
    services: {
      web: proxy('r1', [app], vitals ? { vitals } : {}),
      files: { ...files([folder], true), ...(vitals ? { vitals } : {}) },
      plain: files([folder]),
    },
  })

/** Values of series with these words in them, in the order of the text. */
const told = async (...words: string[]): Promise<number[]> =>
  (await edge.edge.metrics())
    .split('\n')
    .filter(line => !line.startsWith('#') && words.every(word => line.includes(word)))
    .map(line => Number(line.split(' ').at(-1)))

before(async () => {
  ;[edge, app, folder] = await Promise.all([startEdge(), startApp('blue'), mkdtemp(join(tmpdir(), 'site-'))])
  await chmod(folder, 0o755)
  await writeFile(join(folder, 'index.html'), PAGE)
  await writeFile(join(folder, 'index.html.gz'), 'not a page')
  await writeFile(join(folder, 'about.html'), PAGE)
  await writeFile(join(folder, 'a.txt'), PAGE)
  await routed(true)
})
after(async () => {
  await Promise.all([edge.stop(), app.kill()])
  await removeTree(folder)
})

describe('the script in pages', { timeout: 120_000 }, () => {
  it('stands at the end of the head, and all else is as it was', async () => {
    const body = await page('ETag: "x"\r\nX-Own: kept\r\n')
    assert.match(body, TAG)
    assert.equal(body.replace(TAG, ''), PAGE)
    assert.equal(body.indexOf('</script></head>'), body.search(TAG) + body.match(TAG)![0].length - 9)
    const answer = await open(raw('ETag: "x"\r\n', PAGE))
    assert.equal(answer.headers['etag'], 'W/"x"')
    assert.equal(answer.headers['content-length'], undefined)
  })

  it('is not misled by what looks like the end of the head, and takes a body for it', async () => {
    for (const inner of [
      '<script>"</head>"</script>',
      '<STYLE>/*</head>*/</STYLE >',
      '<!-- </head> > <body> -->',
      '<title></head></title>',
    ]) {
      const body = await page('', PAGE.replace('<title>x</title>', inner))
      assert.ok(body.includes(`${inner}<script defer`), body)
    }
    const short = '<!doctype html><title>x</title><BODY class="a">hello'
    assert.equal((await page('', short)).replace(TAG, '@'), short.replace('<BODY', '@<BODY'))
  })

  it('is left out of what is no page that a person opens', async () => {
    for (const headers of [
      'Cache-Control: public, no-transform\r\n',
      'Content-Disposition: attachment\r\n',
      'Content-Encoding: br\r\n',
      'Repr-Digest: sha-256=:x=:\r\n',
    ])
      assert.equal(await page(headers), PAGE, headers)
    const path = raw('', PAGE)
    for (const [headers, method] of [
      [{ accept: '*/*' }],
      [{ ...OPENED, 'sec-fetch-dest': 'empty' }],
      [{ ...OPENED, range: 'bytes=0-4' }],
      [OPENED, 'POST'],
    ] as const)
      assert.equal((await edge.get(path, { headers, method: method ?? 'GET' })).body, PAGE)
    assert.equal((await open(path.replace('200', '404'))).body, PAGE)
    assert.equal((await open(path.replace('text%2Fhtml', 'text%2Fplain'))).body, PAGE)
    assert.equal(await page('', '<p>a piece</p>'), '<p>a piece</p>')
    const head = await edge.get(path, { method: 'HEAD', headers: OPENED })
    assert.equal(head.headers['content-length'], String(PAGE.length))
  })

  it('follows the policy of the page, with its nonce where that is what it asks for', async () => {
    for (const lets of ["default-src 'self'", "script-src *; img-src 'none'", "frame-ancestors 'none'"])
      assert.match(await policy(lets), TAG, lets)
    const own = "script-src 'nonce-r4nd0m+/=' 'strict-dynamic'; connect-src 'self'"
    assert.equal((await policy(own)).match(TAG)![1], ' nonce="r4nd0m+/="')
    for (const forbids of [
      "default-src 'none'",
      "script-src 'sha256-abc'",
      "script-src 'self' 'strict-dynamic'",
      "script-src 'self'; connect-src https://api.example",
      "default-src 'self', script-src 'none'",
      'sandbox allow-forms',
    ])
      assert.equal(await policy(forbids), PAGE, forbids)
    assert.equal((await told('pages_left_out_total', 'why="policy"', 'service="web"'))[0], 6)
  })

  it('comes into a page that streams, piece by piece, while it streams', async () => {
    const pieces: string[] = []
    const socket = connect(edge.site.port, '127.0.0.1').setEncoding('utf8')
    const arrived = (text: string) =>
      new Promise<void>((resolve, reject) => {
        const bound = setTimeout(() => reject(new Error(`${text} did not come: ${pieces.join('|')}`)), 5_000)
        const look = () => {
          if (!pieces.join('').includes(text)) return
          clearTimeout(bound)
          socket.off('data', look)
          resolve()
        }
        socket.on('data', look)
        look()
      })
    socket.on('data', (chunk: string) => pieces.push(chunk))
    socket.write('GET /drip HTTP/1.1\r\nHost: shop\r\nAccept: text/html\r\n\r\n')
    await arrived('first')
    await edge.get('/drip?next')
    await arrived('second')
    await edge.get('/drip?next')
    await arrived('end')
    socket.destroy()
    assert.match(pieces.join(''), /second\r\n.*<script defer.*<\/script>.*<\/head>/s)
  })

  it('is in files, too, and of an app that would have compressed the page', async () => {
    for (const path of ['/files/', '/files/about', '/files/about.html', '/files/of/the/router']) {
      const answer = await open(path)
      assert.match(answer.body, TAG, path)
      assert.ok(answer.headers['etag']?.startsWith('W/'), path)
      const again = await open(path, { ...OPENED, 'if-none-match': answer.headers['etag']! })
      assert.equal(again.status, 304)
    }
    const compressed = await open('/files/', { ...OPENED, 'accept-encoding': 'gzip' })
    assert.equal(compressed.headers['content-encoding'], 'gzip')
    assert.doesNotMatch(compressed.body, /not a page/)
    assert.equal((await open('/files/a.txt')).body, PAGE)
    assert.doesNotMatch((await open('/plain/about.html')).body, TAG)
    const seen = async (dest: string) => {
      const headers = { 'accept-encoding': 'gzip, br', 'sec-fetch-dest': dest }
      return (JSON.parse((await open('/headers', headers)).body) as Record<string, string>)['accept-encoding']
    }
    assert.deepEqual([await seen('document'), await seen('script')], [undefined, 'gzip, br'])
  })

  it('loads from the site itself, for ever, without a cookie in it', async () => {
    const answer = await open('/.innkeeper/vitals.js?0123456789')
    assert.equal(answer.headers['cache-control'], 'public, max-age=31536000, immutable')
    assert.match(answer.headers['content-type']!, /^text\/javascript/)
    assert.match(answer.body, /sendBeacon/)
    assert.doesNotMatch(answer.body, /document\.cookie|localStorage|sourceMappingURL|globalThis\.webVitals/)
    assert.equal((await edge.get('/.innkeeper/vitals.js', { method: 'POST' })).status, 404)
    const small = await edge.get('/.innkeeper/vitals.js', { headers: { 'accept-encoding': 'gzip' } })
    assert.equal(small.headers['content-encoding'], 'gzip')
  })
})

describe('an app that sends interim answers', { timeout: 120_000 }, () => {
  it('has its pages as they are where one came before, and measured where none did', async () => {
    const hint = 'HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n'
    const answer = await open(raw('', PAGE).replace('text=', `text=${encodeURIComponent(hint)}`))
    assert.deepEqual([answer.status, answer.body], [200, PAGE])
    assert.match(await page(''), TAG)
  })
})

describe('beacons', { timeout: 120_000 }, () => {
  it('become counts by page, with a zero before the first', async () => {
    await beacon({
      path: '/products/17',
      view: '/products/17',
      lcp: '2400',
      inp: '90',
      cls: '0.12',
      load: '1500',
    })
    const product = 'page="/products/:id"'
    assert.deepEqual(await told('page_views_total', product), [0])
    assert.deepEqual(await told('page_views_total', product), [1])
    await beacon('path=/products/18&lcp=700&view=/products/18&view=/about%3Fq')
    assert.deepEqual(await told('page_views_total', product), [2])
    assert.deepEqual(await told('lcp_seconds_bucket', product), [0, 1, 1, 1, 2, 2, 2, 2, 2, 2])
    assert.deepEqual(await told('lcp_seconds_sum', product), [3.1])
    assert.deepEqual(await told('cls_sum', product), [0.12])
    assert.deepEqual(await told('page_views_total', 'page="/about"', 'service="web"'), [1])
  })

  it('count for the service that the page is of, and not where nobody measures', async () => {
    await beacon({ path: '/files/x', view: '/files/x' })
    await beacon({ path: '/plain/x', view: '/plain/x' })
    const text = await edge.edge.metrics()
    assert.match(text, /page_views_total\{app="shop",service="files",page="\/files\/x"\}/)
    assert.doesNotMatch(text, /page_views_total.*plain/)
  })

  it('are counted by kind of page: what tells one thing from another of its kind is left out', async () => {
    const pages = {
      '/orders/3f2a9c1e-77aa-4b1c-9d7e-0123456789ab/items': '/orders/:id/items',
      '/u/deadbeef42': '/u/:id',
      '/u/Ab3dEf6hIj9kLm2nOp': '/u/:id',
      '/facade/accessible': '/facade/accessible',
      '/caf%C3%A9': '/caf%C3%A9',
      '/a/b/c/d/e': '/a/b/c/d/…',
    }
    await beacon(
      Object.keys(pages)
        .map(path => `view=${encodeURIComponent(path)}`)
        .join('&'),
    )
    const text = await edge.edge.metrics()
    for (const page of Object.values(pages)) assert.ok(text.includes(`service="web",page="${page}"`), page)
  })

  it('raise counts, whatever is in them, and make no series without bound', async () => {
    for (const wrong of ['nan', 'inf', '-1', '0x10', '1e9', '99999999', '600001', '', '1".5'])
      await beacon({ path: '/wrong', lcp: wrong, cls: wrong, view: '/wrong' })
    await edge.edge.metrics()
    assert.deepEqual(await told('lcp_seconds_count', 'page="/wrong"'), [0])
    const long = '/x'.repeat(900)
    await beacon(`path=a"}%0Ax&view=${long}&view=%22%7D%0A&view=//&view&lcp=1&lcp=2&path=/b`)
    for (let n = 0; n < 15; n++)
      await beacon(
        Array.from({ length: 20 }, (_, i) => `view=/name-${'abcdefghijklmnopqrst'[i]}${n}z`).join('&'),
      )
    const text = await edge.edge.metrics()
    const pages = new Set(text.match(/page="[^"]*"/g))
    assert.ok(pages.size <= 22, `${pages.size} pages`)
    assert.ok(text.split('\n').every(line => /^(#.*|[a-z_]+(\{[^{}\n]*\})? [\d.]+|)$/.test(line)))
    assert.ok((await told('page_views_total', 'page="other"', 'service="web"'))[0]! > 100)
  })

  it('are refused when they are large, of another site, or too many', async () => {
    assert.equal((await beacon('x'.repeat(5_000))).status, 413)
    assert.equal((await beacon('', { 'sec-fetch-site': 'cross-site' })).status, 403)
    assert.equal((await edge.get('/.innkeeper/vitals')).status, 405)
    let last = 204
    for (let n = 0; n < 61 && last === 204; n++)
      last = (await beacon('', { 'x-real-ip': '203.0.113.9' })).status
    assert.equal(last, 429)
  })

  it('are the app’s own where no page is measured', async () => {
    await routed(false)
    assert.match((await beacon('x')).body, /^blue POST \/\.innkeeper\/vitals/)
    assert.equal((await open(raw('', PAGE))).body, PAGE)
    await edge.edge.forget('shop')
    assert.doesNotMatch(await edge.edge.metrics(), /(page_|pages_|web_).*shop/)
  })
})
