import assert from 'node:assert/strict'
import { mkdir, mkdtemp, readdir, readFile, readlink, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { Header } from 'tar'
import { digestApart, readApart, unpackApart } from './apart.ts'
import { pack, packable, readArchived, refused, unpack } from './archive.ts'
import { digestOfFiles, digestOfPackages } from './digest.ts'

let at: string
before(async () => {
  at = await mkdtemp(join(tmpdir(), 'inn-archive-'))
})
after(() => rm(at, { recursive: true, force: true }))

test('what is packed comes out the same, and the same files give the same bytes', async () => {
  const source = join(at, 'source')
  await mkdir(join(source, 'src'), { recursive: true })
  await writeFile(join(source, 'src/a.js'), 'one')
  await writeFile(join(source, 'innkeeper.yaml'), 'name: a')
  await symlink('nowhere', join(source, 'dangling'))
  await symlink('/etc/passwd', join(source, 'outside'))
  const paths = await packable(source, ['src/a.js', 'innkeeper.yaml', 'dangling', 'outside', 'deleted.js'])
  assert.deepEqual(
    paths,
    ['src/a.js', 'innkeeper.yaml', 'dangling'],
    'a dangling link stays, what leaves or is gone does not',
  )
  const [one, two] = [join(at, 'one.tgz'), join(at, 'two.tgz')]
  await pack(source, paths, one)
  await pack(source, paths, two)
  assert.deepEqual(await readFile(one), await readFile(two))
  await unpack(one, join(at, 'out'))
  assert.equal(await readFile(join(at, 'out/src/a.js'), 'utf8'), 'one')
  assert.equal(await readlink(join(at, 'out/dangling')), 'nowhere')
  assert.equal(await readArchived(one, 'innkeeper.yaml'), 'name: a')
  assert.equal(await readArchived(one, 'missing'), null)
})

test('entries that leave the folder, and devices, are refused', () => {
  const bad = [
    { path: '../x', type: 'File' },
    { path: 'a/../../x', type: 'File' },
    { path: '/etc/cron.d/x', type: 'File' },
    { path: 'x', type: 'SymbolicLink', linkpath: '/etc/shadow' },
    { path: 'a/x', type: 'SymbolicLink', linkpath: '../../out' },
    { path: 'x', type: 'Link', linkpath: '../out' },
    { path: 'dev', type: 'CharacterDevice' },
    { path: 'fifo', type: 'FIFO' },
  ]
  for (const entry of bad) assert.notEqual(refused(entry), null, JSON.stringify(entry))
  for (const entry of [
    { path: 'a/b', type: 'File' },
    { path: 'a/x', type: 'SymbolicLink', linkpath: '../b' },
    { path: 'a..b', type: 'File' },
  ])
    assert.equal(refused(entry), null, entry.path)
})

test('what is no archive says so and writes nothing', async () => {
  const path = join(at, 'noise.tgz')
  await writeFile(path, Buffer.from('this is not an archive at all'))
  await assert.rejects(unpack(path, join(at, 'noise')), { code: 'archive.broken' })
  await assert.rejects(readdir(join(at, 'noise')), { code: 'ENOENT' })
})

/** An archive of these entries as they are written here: no file system has to agree with them. */
async function made(name: string, entries: ConstructorParameters<typeof Header>[0][]): Promise<string> {
  const blocks = entries.map(entry => {
    const header = new Header({ mode: 0o644, ...(entry as object) })
    header.encode()
    return header.block!
  })
  const path = join(at, name)
  await writeFile(path, gzipSync(Buffer.concat([...blocks, Buffer.alloc(1024)])))
  return path
}

test('an entry below a link or a file, and one that is there twice, are refused', async () => {
  const link = { path: 'a', type: 'SymbolicLink', linkpath: 'b' } as const
  const file = (path: string) => ({ path, type: 'File', size: 0 }) as const
  for (const [n, entries] of [
    [link, file('a/x')],
    [file('a'), file('a/x')],
    [
      { ...link, path: 'd/a', linkpath: '..' } as const,
      { ...link, path: 'd/a/l', linkpath: '../z' } as const,
    ],
    [file('a'), file('./a')],
  ].entries()) {
    const archive = await made(`bad-${n}.tgz`, [...entries])
    await assert.rejects(unpack(archive, join(at, `bad-${n}`)), { code: 'archive.refused' })
    await assert.rejects(readdir(join(at, `bad-${n}`)), { code: 'ENOENT' })
  }
})

test('modes and links come out as they were, without what others could use', async () => {
  const entries = [
    { path: 'run.sh', type: 'File', size: 0, mode: 0o4777 },
    { path: 'same', type: 'Link', linkpath: 'run.sh' },
    { path: 'empty', type: 'Directory' },
    { path: 'secret', type: 'File', size: 0, mode: 0o000 },
  ] as const
  await unpack(await made('modes.tgz', [...entries]), join(at, 'modes'))
  const mode = async (name: string) => ((await stat(join(at, 'modes', name))).mode & 0o7777).toString(8)
  assert.deepEqual(await Promise.all(['run.sh', 'same', 'empty', 'secret'].map(mode)), [
    '755',
    '755',
    '755',
    '600',
  ])
})

test('a process of its own unpacks and reads many files with long names, and tells its failures', async () => {
  const source = join(at, 'many')
  const long = 'a-long-name-of-a-folder/'.repeat(6)
  await mkdir(join(source, long), { recursive: true })
  const paths = Array.from({ length: 3_000 }, (_, n) => `${long}${'x'.repeat(120)}-${n}.ts`)
  for (const path of paths) await writeFile(join(source, path), path)
  const archive = join(at, 'many.tgz')
  await pack(source, paths, archive)
  const found = await unpackApart(archive, join(at, 'many-out'))
  assert.deepEqual(found, { files: 3_000, bytes: paths.join('').length })
  assert.equal((await readdir(join(at, 'many-out', long))).length, 3_000)
  assert.equal(await readApart(archive, paths[7]!), paths[7])
  assert.equal(await readApart(archive, 'innkeeper.yaml'), null)
  await assert.rejects(readApart(join(at, 'noise.tgz'), 'x'), { code: 'archive.broken' })
})

test('the digest of the files says whether they are the same, one of them left out', async () => {
  const file = (path: string, more: object = {}) => ({ path, type: 'File', size: 0, ...more }) as const
  const link = (linkpath: string) => ({ path: 'l', type: 'SymbolicLink', linkpath }) as const
  const archives = [
    [file('a'), file('b'), link('a')],
    [file('a'), file('b'), link('b')],
    [file('a'), file('c'), link('a')],
    [file('a', { mode: 0o755 }), file('b'), link('a')],
    [file('a'), link('a')],
  ]
  const digests = await Promise.all(
    archives.map(async (entries, n) =>
      digestOfFiles(await made(`digest-${n}.tgz`, entries), 'innkeeper.yaml'),
    ),
  )
  assert.equal(new Set(digests).size, archives.length)
  const turned = [
    link('a'),
    file('b', { mtime: new Date() }),
    file('innkeeper.yaml', { mode: 0o755 }),
    file('./a'),
  ]
  const same = await made('digest-same.tgz', turned)
  assert.equal(await digestOfFiles(same, 'innkeeper.yaml'), digests[0], 'their order and times say nothing')
  assert.equal(await digestApart(same, 'innkeeper.yaml'), digests[0])
  const source = join(at, 'digest')
  await mkdir(source)
  const of = async (text: string) => {
    await writeFile(join(source, 'a'), text)
    await pack(source, ['a'], join(at, 'digest.tgz'))
    return digestOfFiles(join(at, 'digest.tgz'), 'innkeeper.yaml')
  }
  assert.notEqual(await of('one'), await of('two'), 'of the same size')
})

test('the digest of packages follows what an install sees, and all files where the repository takes part in it', async () => {
  const source = join(at, 'manifests')
  const of = async (files: Record<string, unknown>, folder = '.') => {
    await rm(source, { recursive: true, force: true })
    for (const [path, content] of Object.entries(files)) {
      await mkdir(join(source, path, '..'), { recursive: true })
      await writeFile(join(source, path), typeof content === 'string' ? content : JSON.stringify(content))
    }
    await pack(source, Object.keys(files), join(at, 'manifests.tgz'))
    return digestOfPackages(join(at, 'manifests.tgz'), folder)
  }
  const manifest = { name: 'a', dependencies: { pg: '8' }, scripts: { build: 'tsc' } }
  const files = { 'package.json': manifest, 'package-lock.json': '1', 'src/a.ts': '1' }
  const was = await of(files)
  assert.equal(await of({ ...files, 'src/a.ts': '2' }), was)
  assert.equal(await of({ ...files, 'package.json': { ...manifest, scripts: { build: 'vite build' } } }), was)
  const seen = new Set([was])
  for (const more of [
    { 'package-lock.json': '2' },
    { 'package.json': { ...manifest, dependencies: { pg: '9' } } },
    { 'web/package.json': manifest },
    { '.npmrc': 'legacy-peer-deps=true' },
    { 'patches/pg+8.patch': '' },
    { 'prisma/schema.prisma': '' },
    { 'prisma.config.ts': '' },
  ]) {
    const digest = await of({ ...files, ...more })
    assert.ok(!seen.has(digest), JSON.stringify(more))
    seen.add(digest)
  }
  for (const own of [
    { ...manifest, scripts: { postinstall: 'node setup.js' } },
    { ...manifest, scripts: { prepare: 'husky' } },
    { ...manifest, dependencies: { lib: 'file:./lib' } },
    '{ no json',
  ]) {
    const one = await of({ ...files, 'package.json': own })
    assert.notEqual(await of({ ...files, 'package.json': own, 'src/a.ts': '2' }), one, JSON.stringify(own))
  }
  const apart = { 'api/package.json': manifest, 'web/package.json': manifest }
  assert.equal(
    await of(apart, 'api'),
    await of({ ...apart, 'web/package.json': { ...manifest, dependencies: {} } }, 'api'),
  )
})
