import assert from 'node:assert/strict'
import { chmod, mkdtemp, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { brotliCompressSync, brotliDecompressSync, gzipSync } from 'node:zlib'
import { removeTree } from '../host/files.ts'
import { askFrom } from './guard.fixture.ts'
import { files, only, type Running, startEdge } from './nginx.fixture.ts'

const TEXT = 'let packed = 1;'.repeat(200)

describe('files that a build compressed', () => {
  let running: Running
  let folder: string

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'site-'))
    await chmod(folder, 0o755)
    const put = (name: string, text: string | Buffer) => writeFile(join(folder, name), text)
    await put('both.js', TEXT)
    await put('both.js.br', brotliCompressSync(TEXT))
    await put('both.js.gz', gzipSync(TEXT))
    await put('linked.js', 'plain')
    await put('secret', 'secret')
    await symlink(join(folder, 'secret'), join(folder, 'linked.js.br'))
    await put('alone.js.br', brotliCompressSync(TEXT))
    running = await startEdge()
    await running.edge.route('shop', only(files([folder])))
  })
  after(async () => {
    await running.stop()
    await removeTree(folder)
  })

  const get = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
    running.get(path, { headers, method })

  it('are sent in the form that the visitor takes, brotli before gzip, each with its own tag', async () => {
    const forms = [
      ['br, gzip', 'br'],
      ['gzip, deflate, br', 'br'],
      ['gzip', 'gzip'],
      ['identity', undefined],
      ['br;q=0, gzip', 'gzip'],
    ] as const
    const tags = new Set<string>()
    for (const [accepted, form] of forms) {
      const { headers, status } = await get('/both.js', { 'accept-encoding': accepted })
      assert.deepEqual([status, headers['content-encoding']], [200, form], accepted)
      assert.match(headers['content-type']!, /^text\/javascript/)
      assert.equal(headers['vary'], 'Accept-Encoding', accepted)
      tags.add(headers['etag']!)
    }
    assert.equal(tags.size, 3)
  })

  it('HEAD, conditions and ranges go by the form that is sent', async () => {
    const br = { 'accept-encoding': 'br' }
    const head = await get('/both.js', br, 'HEAD')
    const size = brotliCompressSync(TEXT).length
    assert.deepEqual([head.status, head.headers['content-length'], head.body], [200, String(size), ''])
    const { etag, 'last-modified': since } = head.headers
    assert.equal((await get('/both.js', { ...br, 'if-none-match': etag! })).status, 304)
    assert.equal((await get('/both.js', { ...br, 'if-modified-since': since! })).status, 304)
    assert.equal((await get('/both.js', { ...br, 'if-match': '"other"' })).status, 412)
    assert.equal(
      (await get('/both.js', { 'if-none-match': etag! })).status,
      200,
      'the plain form is another one',
    )
    const part = await get('/both.js', { range: 'bytes=0-3' })
    assert.deepEqual(
      [part.status, part.body, part.headers['content-range']],
      [206, 'let ', `bytes 0-3/${TEXT.length}`],
    )
    assert.equal((await get('/both.js', { range: 'bytes=0-3', 'if-range': '"other"' })).status, 200)
    assert.equal((await get('/both.js', { range: `bytes=${TEXT.length}-` })).status, 416)
    const whole = await askFrom('127.0.0.1', {
      port: running.site.port,
      path: '/both.js',
      headers: ['Accept-Encoding: br'],
    })
    assert.equal(brotliDecompressSync(Buffer.from(whole.body, 'latin1')).toString(), TEXT)
  })

  it('are no way to what a link leads to, nor to a file that is there in no other form', async () => {
    const linked = await get('/linked.js', { 'accept-encoding': 'br' })
    assert.deepEqual([linked.status, linked.body], [200, 'plain'])
    assert.equal((await get('/alone.js', { 'accept-encoding': 'br' })).status, 404)
  })
})
