import assert from 'node:assert/strict'
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { removeTree } from '../host/files.ts'
import { files, only, type Running, startEdge } from './nginx.fixture.ts'

const FOREVER = 'public, max-age=31536000, immutable'
const page = (...addresses: string[]) =>
  addresses
    .map(address =>
      address.endsWith('.css')
        ? `<link rel="stylesheet" crossorigin href="${address}">`
        : `<script type="module" crossorigin src="${address}"></script>`,
    )
    .join('\n')

async function put(root: string, content: Record<string, string>): Promise<void> {
  for (const [name, text] of Object.entries(content)) {
    await mkdir(dirname(join(root, name)), { recursive: true })
    await writeFile(join(root, name), text)
  }
}

describe('static services as build tools write them', () => {
  let running: Running
  let folder: string

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'site-'))
    await chmod(folder, 0o755)
    running = await startEdge()
  })
  after(async () => {
    await running.stop()
    await removeTree(folder)
  })

  const body = async (path: string) => (await running.get(path)).body
  const cached = async (path: string) => (await running.get(path)).headers['cache-control']
  const statuses = (...paths: string[]) =>
    Promise.all(paths.map(async path => (await running.get(path)).status))
  const under = (prefix: string, root: string, more: { older?: string[]; spa?: boolean } = {}) =>
    running.edge.route('shop', {
      routes: [
        { prefix, service: 'admin' },
        { prefix: '/', service: 'web' },
      ],
      services: {
        admin: files(
          [join(folder, root), ...(more.older ?? []).map(name => join(folder, name))],
          more.spa ?? true,
        ),
        web: files([join(folder, 'web')]),
      },
    })

  it('built with a base, Vite, Astro, Next and Docusaurus work under the prefix of their route', async () => {
    await put(join(folder, 'web'), { 'index.html': 'web', 'assets/x.js': 'x of web' })
    await put(join(folder, 'vite'), {
      'index.html': `vite ${page('/admin/assets/index-DiwrgTda.js')}`,
      'assets/index-DiwrgTda.js': 'code',
      'assets/logo-B1cDe2Fg.svg': 'logo',
      'vite.svg': 'icon',
    })
    await under('/admin', 'vite')
    assert.match(await body('/admin/'), /^vite/)
    const { status, headers } = await running.get('/admin?x=1')
    assert.deepEqual([status, headers.location], [301, '/admin/?x=1'])
    assert.deepEqual(
      [await body('/admin/assets/index-DiwrgTda.js'), await body('/admin/vite.svg')],
      ['code', 'icon'],
    )
    assert.deepEqual(
      [await cached('/admin/assets/index-DiwrgTda.js'), await cached('/admin/assets/logo-B1cDe2Fg.svg')],
      [FOREVER, FOREVER],
    )
    assert.match(await body('/admin/orders/7'), /^vite/, 'a page of the single page app')
    assert.deepEqual(
      await statuses('/admin/assets/x.js', '/adminx', '/admin/.env', '/orders/7'),
      [404, 404, 404, 404],
    )
    assert.equal(await body('/assets/x.js'), 'x of web')

    await put(join(folder, 'next'), {
      'index.html': 'next',
      'about.html': 'about',
      '404.html': 'none',
      '_next/static/chunks/main.js': 'chunk',
    })
    await under('/docs/next', 'next', { spa: false })
    assert.deepEqual(
      [
        await body('/docs/next/'),
        await body('/docs/next/about'),
        await body('/docs/next/_next/static/chunks/main.js'),
      ],
      ['next', 'about', 'chunk'],
    )
    assert.equal(await cached('/docs/next/_next/static/chunks/main.js'), FOREVER)

    await put(join(folder, 'astro'), {
      'index.html': 'astro',
      'blog/index.html': 'blog',
      '_astro/a.D1wrgTda.css': 'css',
    })
    await under('/site', 'astro', { spa: false })
    const slash = await running.get('/site/blog')
    assert.deepEqual([slash.status, slash.headers.location], [301, '/site/blog/'])
    assert.deepEqual([await body('/site/blog/'), await body('/site/_astro/a.D1wrgTda.css')], ['blog', 'css'])
  })

  it('a build that writes its prefix as a folder works, too', async () => {
    await put(join(folder, 'deep'), {
      'admin/index.html': 'deep',
      'admin/app.js': 'code',
      'admin/team/index.html': 'team',
    })
    await under('/admin', 'deep')
    assert.deepEqual(
      await Promise.all(['/admin/', '/admin/app.js', '/admin/team/', '/admin/orders/7'].map(body)),
      ['deep', 'code', 'team', 'deep'],
    )
    assert.equal((await running.get('/admin')).headers.location, '/admin/')
  })

  it('an older release lends its chunks below the prefix', async () => {
    await put(join(folder, 'vite0'), {
      'index.html': page('/admin/assets/index-Ab3dEf9h.js'),
      'assets/index-Ab3dEf9h.js': 'old code',
      'assets/photo-K1mNo2Pq.png': 'old picture',
    })
    await under('/admin', 'vite', { older: ['vite0'] })
    assert.equal(await body('/admin/assets/index-Ab3dEf9h.js'), 'old code')
    assert.equal(await body('/admin/assets/photo-K1mNo2Pq.png'), 'old picture')
  })

  it('names that people give are neither kept for ever nor served after their deletion', async () => {
    const named = [
      '/menu-may-2026.jpg',
      '/team-Margaret.jpg',
      '/assets/team-Margaret.jpg',
      '/assets/hero-Winter24.png',
      '/photos/IMG-20260501.jpg',
      '/photos/cat-3f2a9c1b.jpg',
      '/assets/price-summer24.webp',
      '/invoice.deadbeef.png',
    ]
    await put(join(folder, 'r1'), {
      'index.html': page('/assets/index-DiwrgTda.js'),
      ...Object.fromEntries(named.map(path => [path.slice(1), 'x'])),
      'theme-summer24.css': 'css',
      'page-Settings.js': 'js',
      'report-20260501.js': 'js',
      'css/theme-summer24.css': 'css',
      'page/page-Settings.js': 'js',
      'report-20260501.txt': 'txt',
    })
    await put(join(folder, 'r2'), { 'index.html': page('/assets/index-DiwrgTda.js') })
    await running.edge.route('shop', only(files([join(folder, 'r1')])))
    for (const path of named) assert.equal(await cached(path), 'public, max-age=300', path)
    for (const path of ['/theme-summer24.css', '/page-Settings.js', '/report-20260501.js'])
      assert.equal(await cached(path), 'no-cache', path)
    await running.edge.route('shop', only(files([join(folder, 'r2'), join(folder, 'r1')])))
    const gone = [...named, '/css/theme-summer24.css', '/page/page-Settings.js', '/report-20260501.txt']
    assert.deepEqual(
      await statuses(...gone),
      gone.map(() => 404),
    )
  })

  it('code is lent from where the bundler writes, also when its name could be a word', async () => {
    await put(join(folder, 'w1'), {
      'index.html': page('/assets/index-Abcdefgh.js'),
      'assets/index-Abcdefgh.js': 'entry',
      'assets/view-Settings.js': 'view',
      'assets/team-Margaret.png': 'photo',
      'js/page-Settings.js': 'by hand',
    })
    await running.edge.route('shop', only(files([join(folder, 'r2'), join(folder, 'w1')])))
    const paths = [
      '/assets/index-Abcdefgh.js',
      '/assets/view-Settings.js',
      '/assets/team-Margaret.png',
      '/js/page-Settings.js',
    ]
    assert.deepEqual(await statuses(...paths), [200, 200, 404, 404])
    assert.equal(await cached('/assets/view-Settings.js'), 'no-cache')
  })

  it('what a manifest lists is kept for ever, and a name that had another content before is not', async () => {
    await put(join(folder, 'm2'), {
      'index.html': 'home',
      '.vite/manifest.json': JSON.stringify({
        'a.ts': { file: 'out/app-Bcdefghi.js', isEntry: true, assets: ['out/cat-Abcdefg1.png'] },
      }),
      'out/app-Bcdefghi.js': 'js',
      'out/cat-Abcdefg1.png': 'png',
      'out/dog-Abcdefg2.png': 'png',
      'main.3f2a9c1b.js': 'new',
    })
    await put(join(folder, 'm1'), { 'main.3f2a9c1b.js': 'old', 'out/app-Bcdefghi.js': 'js' })
    await running.edge.route('shop', only(files([join(folder, 'm2'), join(folder, 'm1')])))
    assert.deepEqual(
      await Promise.all(
        ['/out/app-Bcdefghi.js', '/out/cat-Abcdefg1.png', '/out/dog-Abcdefg2.png', '/main.3f2a9c1b.js'].map(
          cached,
        ),
      ),
      [FOREVER, FOREVER, 'public, max-age=300', 'no-cache'],
    )
  })

  it('follows links into the shared folder and inside of the release, and no others', async () => {
    const [tree, shared] = [join(folder, 'app/releases/r1/tree'), join(folder, 'app/shared')]
    await put(tree, {
      'dist/index.html': 'home',
      'media/cat.txt': 'cat',
      'config.json': 'of the release',
      '.env': 'secret',
    })
    await put(shared, {
      'dist/uploads/a b.png': 'upload',
      'dist/uploads/sub/index.html': 'listing',
      'dist/uploads/.hidden': 'secret',
    })
    await put(folder, { 'other/secret.txt': 'neighbour' })
    const links: Record<string, string> = {
      uploads: join(shared, 'dist/uploads'),
      media: '../media',
      absolute: join(tree, 'media'),
      env: '../.env',
      etc: '/etc',
      up: '../../../../../other',
      out: join(folder, 'other'),
      turn: `${shared}/../releases/r1/tree/media`,
      loop: 'loop',
    }
    for (const [name, to] of Object.entries(links)) await symlink(to, join(tree, 'dist', name))
    const uploads = join(shared, 'dist/uploads')
    await symlink('sub', join(uploads, 'inside'))
    await symlink(join(tree, 'config.json'), join(uploads, 'config.json'))
    await symlink('/etc/hostname', join(uploads, 'host.txt'))
    await symlink(join(folder, 'other/secret.txt'), join(uploads, 'secret.txt'))
    const target = { ...files([join(tree, 'dist')]), tree, shared }
    await running.edge.route('shop', only(target))
    assert.deepEqual(
      await Promise.all(
        [
          '/uploads/a%20b.png',
          '/uploads/sub/',
          '/uploads/inside/',
          '/media/cat.txt',
          '/absolute/cat.txt',
          '/turn/cat.txt',
        ].map(body),
      ),
      ['upload', 'listing', 'listing', 'cat', 'cat', 'cat'],
    )
    assert.deepEqual((await running.get('/uploads/sub')).headers.location, '/uploads/sub/')
    const complaints = () => running.log().match(/symbolic links/g)?.length ?? 0
    for (let n = 0; n < 40; n++) await running.get('/media/cat.txt')
    const before = complaints()
    for (let n = 0; n < 40; n++) assert.equal(await body('/media/cat.txt'), 'cat')
    assert.equal(complaints(), before, 'the log has a line for a linked folder, and not for each visitor')
    const refused = [
      '/env',
      '/etc/passwd',
      '/up/secret.txt',
      '/out/secret.txt',
      '/loop',
      '/loop/x',
      '/uploads/.hidden',
    ]
    const sent = ['/uploads/config.json', '/uploads/host.txt', '/uploads/secret.txt']
    for (const path of [...refused, ...sent]) assert.equal((await running.get(path)).status, 404, path)
    await rm(join(tree, 'dist'), { recursive: true })
    await symlink('../../../../other', join(tree, 'dist'))
    assert.equal((await running.get('/secret.txt')).status, 404)
  })
})
