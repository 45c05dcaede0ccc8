import assert from 'node:assert/strict'
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { gzipSync } from 'node:zlib'
import { execOk } from '../host/exec.ts'
import { removeTree } from '../host/files.ts'
import { files, only, type Running, startEdge } from './nginx.fixture.ts'

const FOREVER = 'public, max-age=31536000, immutable'

async function put(root: string, content: Record<string, string | Buffer>): Promise<void> {
  for (const [name, text] of Object.entries(content)) {
    await mkdir(dirname(join(root, name)), { recursive: true })
    await writeFile(join(root, name), text)
  }
}

describe('the edge serves the files of a release', () => {
  let running: Running
  let folder: string
  let current: string
  let older: string

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'site-'))
    await chmod(folder, 0o755)
    current = join(folder, 'r2')
    older = join(folder, 'r1')
    await put(current, {
      'index.html': 'home of r2',
      'about.html': 'about',
      'docs/index.html': 'docs',
      'a b/ü.txt': 'odd name',
      'empty.css': '',
      'sw.js': 'worker',
      'logo.png': 'picture',
      'big.txt': 'word '.repeat(1000),
      'packed.js': 'let packed = 1',
      'packed.js.gz': gzipSync('let packed = 1'),
      'vendor-bootstrap5.js': 'not a hash',
      'assets/index-DiwrgTda.js': 'r2',
      'main.3f2a9c1b.js': 'r2',
      'chunk-5ZKQWXYZ.css': 'r2',
      '_next/static/chunks/pages/app.js': 'r2',
      '.env': 'secret',
      '.git/config': 'secret',
      '.well-known/security.txt': 'contact',
      'manifest.webmanifest': '{}',
    })
    await put(older, { 'index.html': 'home of r1', 'assets/index-Ab3dEf9h.js': 'r1', 'old.html': 'r1' })
    await put(folder, { secret: 'secret' })
    await symlink(join(folder, 'secret'), join(current, 'link.txt'))
    await symlink(folder, join(current, 'up'))
    running = await startEdge()
    await running.edge.route('shop', only(files([current, older])))
  })
  after(async () => {
    await running.stop()
    await removeTree(folder)
  })

  const statuses = (paths: readonly string[]) =>
    Promise.all(paths.map(async path => (await running.get(path)).status))
  const cached = async (path: string) => (await running.get(path)).headers['cache-control']
  /** Sends a path unchanged; a client library would normalise it. */
  const raw = (path: string) =>
    new Promise<string>(resolve => {
      let text = ''
      const socket = connect(running.site.port, '127.0.0.1')
      socket.on('data', chunk => {
        text += chunk
      })
      socket.on('end', () => resolve(text))
      socket.end(`GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`)
    })

  it('a named pipe among the files holds up no request', async () => {
    for (const name of ['pipe', 'pipe.html', 'open.js'])
      await execOk({ argv: ['mkfifo', '-m', '644', join(current, name)], timeoutMs: 5_000 }, 'mkfifo')
    for (const path of ['/pipe', '/open.js', '/pipe.html']) {
      const answer = await running.get(path, { timeoutMs: 3_000 })
      assert.notEqual(answer.body, undefined)
    }
    assert.equal((await running.get('/about.html', { timeoutMs: 1_000 })).body, 'about')
    for (const name of ['pipe', 'pipe.html', 'open.js']) await rm(join(current, name))
  })

  it('a page by its name, with or without .html, and a folder by its index', async () => {
    const paths = ['/', '/index.html', '/about', '/about.html', '/docs/', '/a%20b/%C3%BC.txt', '/empty.css']
    const bodies = await Promise.all(paths.map(async path => (await running.get(path)).body))
    assert.deepEqual(bodies, ['home of r2', 'home of r2', 'about', 'about', 'docs', 'odd name', ''])
    const { status, headers } = await running.get('/docs?x=1')
    assert.deepEqual([status, headers.location], [301, '/docs/?x=1'])
  })

  it('names with a hash are kept for ever, pages and code are asked for again, pictures kept for minutes', async () => {
    const hashed = [
      '/assets/index-DiwrgTda.js',
      '/main.3f2a9c1b.js',
      '/chunk-5ZKQWXYZ.css',
      '/_next/static/chunks/pages/app.js',
    ]
    assert.deepEqual(
      await Promise.all(hashed.map(cached)),
      hashed.map(() => FOREVER),
    )
    const asked = ['/', '/about', '/sw.js', '/vendor-bootstrap5.js', '/manifest.webmanifest', '/packed.js']
    assert.deepEqual(
      await Promise.all(asked.map(cached)),
      asked.map(() => 'no-cache'),
    )
    assert.equal(await cached('/logo.png'), 'public, max-age=300')
  })

  it('older releases lend their hashed names, and nothing else', async () => {
    const { body, headers } = await running.get('/assets/index-Ab3dEf9h.js')
    assert.deepEqual([body, headers['cache-control']], ['r1', FOREVER])
    assert.deepEqual(await statuses(['/old.html', '/assets/index-Zz9zZz9z.js']), [404, 404])
  })

  it('what is hidden, outside or behind a link is not there', async () => {
    const paths = [
      '/.env',
      '/.git/config',
      '/docs/../.env',
      '/%2eenv',
      '/link.txt',
      '/up/secret',
      '/up/r1/index.html',
    ]
    assert.deepEqual(
      await statuses(paths),
      paths.map(() => 404),
    )
    assert.equal((await running.get('/.well-known/security.txt')).body, 'contact')
    for (const path of [
      '/../secret',
      '/..%2fsecret',
      '/%2e%2e/secret',
      '/docs/%2e%2e/%2e%2e/secret',
      '//../secret',
      '/x%00',
    ]) {
      assert.match(await raw(path), /^HTTP\/1.1 40[04]/, path)
    }
  })

  it('HEAD, ranges, conditions and compression work, and nothing else than reading', async () => {
    const head = await running.get('/big.txt', { method: 'HEAD' })
    assert.deepEqual([head.status, head.headers['content-length'], head.body], [200, '5000', ''])
    const part = await running.get('/big.txt', { headers: { range: 'bytes=5-8' } })
    assert.deepEqual([part.status, part.body], [206, 'word'])
    const same = await running.get('/big.txt', { headers: { 'if-none-match': head.headers.etag! } })
    assert.equal(same.status, 304)
    for (const path of ['/big.txt', '/packed.js']) {
      const { headers } = await running.get(path, { headers: { 'accept-encoding': 'gzip' } })
      assert.deepEqual([headers['content-encoding'], headers.vary], ['gzip', 'Accept-Encoding'], path)
    }
    assert.equal((await running.get('/', { method: 'POST', body: 'x' })).status, 405)
  })

  it('a single page app gets its index for navigation only', async () => {
    const accept = { headers: { accept: 'text/html' } }
    assert.equal((await running.get('/orders/7', accept)).status, 404)
    await running.edge.route('shop', only(files([current, older], true)))
    const page = await running.get('/orders/7')
    assert.deepEqual([page.status, page.body, page.headers['cache-control']], [200, 'home of r2', 'no-cache'])
    assert.equal((await running.get('/users/ada@example.com', accept)).body, 'home of r2')
    assert.equal((await running.get('/assets/index-Zz9zZz9z.js', accept)).status, 404)
    assert.deepEqual(await statuses(['/missing.js', '/.env', '/users/x.json']), [404, 404, 404])
  })

  it('counts what it serves', async () => {
    const { status, requests, active } = (await running.edge.traffic('shop'))['web/r1']!
    assert.ok(status['2xx'] > 10 && status['4xx'] > 10 && requests > 20)
    assert.equal(active, 0)
  })
})
