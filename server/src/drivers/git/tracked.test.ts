import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { type TestContext, test } from 'node:test'
import { exec, SYSTEM_PATH } from '../host/exec.ts'
import { pack, packable, readArchived, unpack } from '../tar/archive.ts'
import { originOf } from './origin.ts'
import { listed, tracked } from './tracked.ts'

async function scratch(t: TestContext): Promise<string> {
  const at = await mkdtemp(join(tmpdir(), 'inn-git-'))
  t.after(() => rm(at, { recursive: true, force: true }))
  return at
}

async function git(folder: string, ...args: string[]): Promise<void> {
  const id = ['-c', 'user.name=a', '-c', 'user.email=a@b.c', '-c', 'protocol.file.allow=always']
  const argv = ['git', '-C', folder, ...id, ...args]
  const { code, tail } = await exec({ argv, env: { PATH: SYSTEM_PATH, HOME: '/' }, timeoutMs: 20_000 })
  assert.equal(code, 0, tail)
}

async function repository(at: string, files: Record<string, string>): Promise<string> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(at, path)), { recursive: true })
    await writeFile(join(at, path), text)
  }
  await git(at, 'init', '-q')
  await git(at, 'add', '-A')
  await git(at, 'commit', '-q', '-m', 'first')
  return at
}

test('a path of any name that git tracks is taken in and comes out as it was', async t => {
  const at = await scratch(t)
  const files = {
    '@types/index.d.ts': 'a',
    '@readme': 'b',
    '-rf': 'c',
    'a b\n"ü".txt': 'd',
    '--help/x': 'e',
    [`${'long/'.repeat(40)}${'n'.repeat(120)}`]: 'g',
  }
  const root = await repository(join(at, 'r'), files)
  const { paths } = await tracked(root)
  assert.deepEqual(new Set(paths), new Set(Object.keys(files)))
  await writeFile(join(root, 'C:\\x'), '')
  assert.deepEqual(await packable(root, ['C:\\x']), [], 'it would lose its beginning')
  assert.deepEqual(new Set(await packable(root, paths)), new Set(paths))
  await pack(root, paths, join(at, 's.tgz'))
  assert.equal((await unpack(join(at, 's.tgz'), join(at, 'out'))).files, Object.keys(files).length)
  for (const [path, text] of Object.entries(files))
    assert.equal(await readArchived(join(at, 's.tgz'), path), text, path)
  const again = await tracked(join(at, 'out'))
  assert.deepEqual(new Set(again.paths), new Set(Object.keys(files)))
})

test('the same files are listed alone, also of a folder outside of git that is named from here; no folder has its own failure', async t => {
  const at = await scratch(t)
  const inner = await repository(join(at, 'inner'), { 'theme.css': '' })
  const outer = await repository(join(at, 'outer'), { 'server.js': '', 'a/b.js': '' })
  await git(outer, 'submodule', 'add', '-q', inner, 'theme')
  await writeFile(join(outer, 'innkeeper.yaml'), '')
  await writeFile(join(outer, 'left.txt'), '')
  const all = await listed(outer)
  assert.deepEqual(new Set(all), new Set((await tracked(outer)).paths))
  assert.ok(all.includes('theme/theme.css') && all.includes('innkeeper.yaml'))
  await mkdir(join(at, 'plain'))
  await writeFile(join(at, 'plain/.gitignore'), 'b\n')
  for (const name of ['a', 'b']) await writeFile(join(at, 'plain', name), '')
  assert.deepEqual(await listed(relative(process.cwd(), join(at, 'plain'))), ['.gitignore', 'a'])
  for (const path of ['none', 'plain/a'])
    await assert.rejects(listed(join(at, path)), { code: 'source.no-folder' }, path)
})

test('the files of a submodule are taken in; one that is not checked out is named with its fix', async t => {
  const at = await scratch(t)
  const inner = await repository(join(at, 'inner'), { 'theme.css': '' })
  const outer = await repository(join(at, 'outer'), { 'server.js': '' })
  await git(outer, 'submodule', 'add', '-q', inner, 'vendor/theme')
  const { paths } = await tracked(outer)
  assert.deepEqual(new Set(paths), new Set(['.gitmodules', 'server.js', 'vendor/theme/theme.css']))
  await git(outer, 'commit', '-q', '-m', 'second')
  await git(at, 'clone', '-q', outer, 'clone')
  await assert.rejects(tracked(join(at, 'clone')), {
    code: 'source.submodule',
    message: 'the submodule vendor/theme is not checked out here',
  })
})

test('a submodule inside of another, and a repository that was added by mistake, are told too', async t => {
  const at = await scratch(t)
  const deep = await repository(join(at, 'deep'), { 'deep.css': '' })
  const inner = await repository(join(at, 'inner'), { 'theme.css': '' })
  await git(inner, 'submodule', 'add', '-q', deep, 'base')
  await git(inner, 'commit', '-q', '-m', 'second')
  const outer = await repository(join(at, 'outer'), { 'server.js': '' })
  await git(outer, 'submodule', 'add', '-q', inner, 'theme')
  await assert.rejects(tracked(outer), {
    code: 'source.submodule',
    message: /theme\/base is not checked out/,
  })
  await git(outer, 'submodule', 'update', '-q', '--init', '--recursive')
  assert.ok((await tracked(outer)).paths.includes('theme/base/deep.css'))
  const mistake = join(at, 'mistake')
  await repository(join(mistake, 'lib'), { 'lib.js': '' })
  await repository(mistake, { 'server.js': '' })
  await assert.rejects(tracked(mistake), { code: 'source.submodule', fix: /remove lib\/\.git/ })
})

test('where a source comes from: its first commit, its remote without a password, its place; outside of git its folder', async t => {
  const at = await scratch(t)
  const root = await repository(join(at, 'r'), { 'a.js': '', 'apps/web/b.js': '' })
  const own = await originOf(root)
  assert.deepEqual([own.remote, own.first.length, own.folder], [null, 1, ''])
  await git(root, 'remote', 'add', 'origin', 'https://anna:canary@host.example/team/shop.git')
  const { place, ...web } = await originOf(join(root, 'apps/web'))
  assert.match(place, /:.*\/r\/apps\/web$/)
  assert.deepEqual(web, {
    remote: 'https://host.example/team/shop.git',
    first: own.first,
    folder: 'apps/web',
  })
  await git(root, 'commit', '-q', '--allow-empty', '-m', 'more')
  await git(at, 'clone', '-q', '--depth=1', `file://${root}`, 'cut')
  assert.deepEqual(
    (await originOf(join(at, 'cut'))).first,
    [],
    'a history that is cut off has no first commit',
  )
  await mkdir(join(at, 'plain'))
  const plain = await originOf(join(at, 'plain'))
  assert.deepEqual([plain.remote, plain.first], [null, []])
  assert.match(plain.place, /:.*\/plain$/)
})
