import assert from 'node:assert/strict'
import { mkdir, mkdtemp, readdir, readFile, readlink, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { pack, packable, readArchived, refused, unpack } from './archive.ts'

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
