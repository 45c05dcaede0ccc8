import assert from 'node:assert/strict'
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { type TestContext, test } from 'node:test'
import type { Carrying } from '../../apps/releases/sealed.ts'
import { homeAt } from '../../config/home.ts'
import { confinement } from '../../servers/confinement/confinement.ts'
import { carried, carry } from './carry.ts'
import { exec } from './exec.ts'
import { makeFolder } from './files.ts'
import { seal } from './seal.ts'
import { files } from './tree.ts'

/** A sealed tree of one app and an empty one of another. */
async function carrying(t: TestContext, content: Record<string, string>): Promise<Carrying> {
  const root = await mkdtemp(join(tmpdir(), 'inn-carry-'))
  t.after(() => rm(root, { recursive: true, force: true }))
  await chmod(root, 0o711)
  const home = homeAt(root)
  await makeFolder(home.runtimes)
  const side = async (app: string) => {
    const { tree, seal: list } = home.app(app).release('r1')
    await mkdir(tree, { recursive: true })
    await files.temporary(home.app(app).tmp, root)
    const own = confinement({ home, app, user: null, inside: tree, cgroup: null })
    return { tree, seal: list, run: { confinement: own, env: {} as Record<string, string> } }
  }
  const [from, to] = [await side('shop@staging'), await side('shop')]
  for (const [path, text] of Object.entries(content)) {
    await mkdir(dirname(join(from.tree, path)), { recursive: true })
    await writeFile(join(from.tree, path), text)
  }
  await seal(from.tree, from.seal)
  return { from, to, without: ['uploads'], signal: new AbortController().signal }
}

/** The same, but what packs is the app's own. */
async function packedBy(order: Carrying, script: string): Promise<Carrying> {
  const bin = join(order.from.tree, '..', 'bin')
  await mkdir(bin)
  await writeFile(join(bin, 'tar'), `#!/bin/sh\n${script}`, { mode: 0o755 })
  const env = { PATH: `${bin}:/usr/bin:/bin` }
  return { ...order, from: { ...order.from, run: { ...order.from.run, env } } }
}

test('what was sealed arrives, and nothing of what came later or stays behind', async t => {
  const order = await carrying(t, { 'a new\nname': '', '--dist/a.js': 'one', 'uploads/x': 'of visitors' })
  await writeFile(join(order.from.tree, 'later'), '')
  assert.deepEqual(await carry(order), { files: 4, differs: null })
  assert.deepEqual((await readdir(order.to.tree)).sort(), ['--dist', 'a new\nname'])
  assert.equal(await readFile(join(order.to.tree, '--dist/a.js'), 'utf8'), 'one')
})

test('what an app puts into the archive besides is found, in a cache too', async t => {
  for (const path of ['extra.js', 'node_modules/.cache/extra.js', '.next/cache/extra.js']) {
    const order = await carrying(t, { 'server.js': 'one' })
    const besides = `mkdir -p "$(dirname ${path})"; echo 1 > ${path}; exec /bin/tar "$@" ./${path}`
    const { differs } = await carry(await packedBy(order, besides))
    assert.ok(differs?.startsWith(path.split('/')[0]!), `${path}: ${differs}`)
  }
})

test('one that leads out of the tree, or is not what was asked for, puts nothing elsewhere', async t => {
  const order = await carrying(t, { 'server.js': 'one' })
  const out = join(order.to.tree, '..', 'out')
  const hostile = `ln -s .. up; /bin/tar -cP --transform 's,^server.js$,up/out,' up server.js`
  const found = await carry(await packedBy(order, hostile)).catch((error: Error) => error)
  assert.ok(found instanceof Error || found.differs !== null, String(found))
  assert.equal((await exec({ argv: ['ls', out], timeoutMs: 5_000 })).code, 2)
})

test('one that is cancelled, or whose packer or unpacker fails, ends with that reason and leaves nobody', async t => {
  const order = await carrying(t, { 'server.js': 'one' })
  const cancel = new AbortController()
  const slow = await packedBy({ ...order, signal: cancel.signal }, 'exec sleep 4712')
  const reason = new Error('cancelled')
  setTimeout(() => cancel.abort(reason), 300)
  await assert.rejects(carry(slow), reason)
  assert.equal((await exec({ argv: ['pgrep', '-f', '^sleep 4712'], timeoutMs: 5_000 })).code, 1)
  await rm(join(slow.from.tree, '..', 'bin'), { recursive: true })
  await assert.rejects(carry(await packedBy(order, 'echo broken >&2; exit 2')), /packing the release/)
  const noTar = { ...order, to: { ...order.to, run: { ...order.to.run, env: { PATH: '/nowhere' } } } }
  await assert.rejects(carry(noTar), { code: 'release.carried' })
})

test('what was carried before is what was sealed, as long as nobody wrote to it', async t => {
  const order = await carrying(t, { 'server.js': 'one', 'lib/a.js': 'two' })
  await carry(order)
  assert.deepEqual(await carried(order), { files: 4, differs: null })
  await writeFile(join(order.to.tree, 'lib/a.js'), 'six')
  assert.equal((await carried(order)).differs, 'lib/a.js')
  await carry(order)
  await writeFile(join(order.to.tree, 'besides.js'), '')
  assert.equal((await carried(order)).differs, 'besides.js')
})
