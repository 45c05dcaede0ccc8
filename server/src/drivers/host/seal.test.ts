import assert from 'node:assert/strict'
import { chmod, mkdir, mkdtemp, rename, rm, symlink, unlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { sealOf } from './seal.ts'

async function tree(t: TestContext): Promise<string> {
  const at = await mkdtemp(join(tmpdir(), 'inn-seal-'))
  t.after(() => rm(at, { recursive: true, force: true }))
  await mkdir(join(at, 'node_modules/a'), { recursive: true })
  await mkdir(join(at, '.next/server'), { recursive: true })
  await writeFile(join(at, 'node_modules/a/index.js'), 'one')
  await writeFile(join(at, '.next/server/page.html'), 'page')
  await symlink('node_modules/a', join(at, 'link'))
  return at
}

test('whatever is written, added or taken away in a tree changes its seal', async t => {
  const at = await tree(t)
  const seen = new Set([await sealOf(at)])
  const changes: Array<() => Promise<unknown>> = [
    () => writeFile(join(at, 'node_modules/a/index.js'), 'two'),
    () => writeFile(join(at, 'a new\nname'), ''),
    () => unlink(join(at, '.next/server/page.html')),
    () => chmod(join(at, 'node_modules/a/index.js'), 0o700),
    () => chmod(join(at, 'node_modules'), 0o700),
    () => rename(join(at, 'node_modules/a'), join(at, 'node_modules/b')),
    () => unlink(join(at, 'link')).then(() => symlink('node_modules/b', join(at, 'link'))),
    () => mkdir(join(at, 'empty')),
    // A clock that was set back gives a file an earlier time than it had.
    () => utimes(join(at, 'node_modules/b/index.js'), 1, 1),
  ]
  for (const [n, change] of changes.entries()) {
    await change()
    const now = await sealOf(at)
    assert.ok(!seen.has(now), `change ${n}`)
    assert.equal(await sealOf(at), now)
    seen.add(now)
  }
})

test('what programs keep in their caches while an app runs changes nothing', async t => {
  const at = await tree(t)
  const was = await sealOf(at)
  for (const folder of ['node_modules/.cache/x', 'node_modules/.vite', '.next/cache/images']) {
    await mkdir(join(at, folder), { recursive: true })
    await writeFile(join(at, folder, 'kept'), 'x')
    assert.equal(await sealOf(at), was, folder)
  }
})

test('a tree that is gone has no seal', async t => {
  const at = await tree(t)
  await assert.rejects(sealOf(join(at, 'gone')), { code: 'release.seal' })
})
