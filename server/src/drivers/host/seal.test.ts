import assert from 'node:assert/strict'
import { chmod, mkdir, mkdtemp, rename, rm, symlink, unlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { compare, seal } from './seal.ts'

const broken = async (tree: string, list: string) => (await compare(tree, list)).lost

async function tree(t: TestContext): Promise<string> {
  const at = await mkdtemp(join(tmpdir(), 'inn-seal-'))
  t.after(async () => {
    for (const path of [at, `${at}.seal`, `${at}.seal.half`]) await rm(path, { recursive: true, force: true })
  })
  await writeFile(join(at, 'a new\nname'), '')
  await mkdir(join(at, 'node_modules/a'), { recursive: true })
  await mkdir(join(at, '.next/server'), { recursive: true })
  await writeFile(join(at, 'node_modules/a/index.js'), 'one')
  await writeFile(join(at, '.next/server/page.html'), 'page')
  await symlink('node_modules/a', join(at, 'link'))
  return at
}

test('whatever is changed or taken away in a tree breaks its seal', async t => {
  const at = await tree(t)
  const changes: Array<[path: string, change: () => Promise<unknown>]> = [
    ['node_modules/a/index.js', () => writeFile(join(at, 'node_modules/a/index.js'), 'two')],
    ['.next/server/page.html', () => unlink(join(at, '.next/server/page.html'))],
    ['node_modules/a/index.js', () => chmod(join(at, 'node_modules/a/index.js'), 0o700)],
    ['node_modules', () => chmod(join(at, 'node_modules'), 0o700)],
    ['node_modules/a', () => rename(join(at, 'node_modules/a'), join(at, 'node_modules/b'))],
    ['link', () => unlink(join(at, 'link')).then(() => symlink('node_modules/b', join(at, 'link')))],
    // As after the clock was set back.
    ['node_modules/b/index.js', () => utimes(join(at, 'node_modules/b/index.js'), 1, 1)],
    ['a new\nname', () => rename(join(at, 'a new\nname'), join(at, 'name'))],
  ]
  for (const [n, [path, change]] of changes.entries()) {
    await seal(at, `${at}.seal`)
    assert.equal(await broken(at, `${at}.seal`), null, `before change ${n}`)
    await change()
    assert.equal(await broken(at, `${at}.seal`), path, `change ${n}`)
  }
})

test('what an app adds while it runs, and what it keeps in caches, breaks no seal', async t => {
  const at = await tree(t)
  await mkdir(join(at, '.next/cache'))
  await writeFile(join(at, '.next/cache/kept'), 'by the build')
  await seal(at, `${at}.seal`)
  await writeFile(join(at, '.next/cache/kept'), 'by the app')
  for (const folder of [
    'node_modules/.cache/x',
    'node_modules/.vite',
    '.next/cache/images',
    '.next/server/made',
  ]) {
    await mkdir(join(at, folder), { recursive: true })
    await writeFile(join(at, folder, 'a new\nname'), 'x')
    assert.equal(await broken(at, `${at}.seal`), null, folder)
  }
})

test('a tree that is gone, or was never sealed, is not as it was', async t => {
  const at = await tree(t)
  assert.equal(await broken(at, `${at}.seal`), '.')
  await seal(at, `${at}.seal`)
  assert.equal(await broken(join(at, 'gone'), `${at}.seal`), '.')
  await assert.rejects(seal(join(at, 'gone'), `${at}.seal`), { code: 'release.seal' })
  assert.equal(await broken(at, `${at}.seal`), null, 'a try that failed leaves the one before')
})

test('of packages alone, what was added since is told too', async t => {
  const at = await tree(t)
  const list = `${at}.seal`
  await mkdir(join(at, 'web/node_modules/c'), { recursive: true })
  await seal(at, list, 'packages')
  await writeFile(join(at, '.next/server/page.html'), 'another')
  assert.deepEqual(await compare(at, list, 'packages'), { lost: null, added: [] })
  await mkdir(join(at, 'node_modules/.cache'))
  await mkdir(join(at, 'node_modules/.prisma'))
  await writeFile(join(at, 'node_modules/.prisma/client.js'), '')
  await writeFile(join(at, 'web/node_modules/c/made'), '')
  const added = ['node_modules/.prisma', 'node_modules/.prisma/client.js', 'web/node_modules/c/made']
  assert.deepEqual(await compare(at, list, 'packages'), { lost: null, added })
  for (let n = 0; n < 3_000; n++) await writeFile(join(at, `node_modules/${'x'.repeat(200)}${n}`), '')
  assert.deepEqual(await compare(at, list, 'packages'), { lost: null, added: null }, 'too many')
  await writeFile(join(at, 'node_modules/a/index.js'), 'two')
  assert.equal((await compare(at, list, 'packages')).lost, 'node_modules/a/index.js')
})
