import assert from 'node:assert/strict'
import {
  chmod,
  chown,
  lstat,
  mkdir,
  mkdtemp,
  readFile,
  rm,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { exec } from './exec.ts'
import { compare, seal } from './seal.ts'
import { protect, share } from './share.ts'

const APP = { name: 'share-test', uid: 61_234, gid: 61_234 }
const root = { skip: process.getuid!() !== 0 }

/** Path → content, as files of the app, all of the same age. */
async function release(t: TestContext, at: string, files: Record<string, string>): Promise<string> {
  for (const [path, content] of Object.entries(files)) {
    const file = join(at, 'tree', path)
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, content)
    await utimes(file, 1_000_000, 1_000_000)
  }
  await exec({ argv: ['chown', '-R', `${APP.uid}:${APP.gid}`, join(at, 'tree')], timeoutMs: 10_000 })
  await chmod(at, 0o711)
  t.after(() => rm(at, { recursive: true, force: true }))
  return at
}

async function folder(t: TestContext): Promise<string> {
  const at = await mkdtemp(join(tmpdir(), 'inn-share-'))
  await chmod(at, 0o755)
  t.after(() => rm(at, { recursive: true, force: true }))
  return at
}

const as = (argv: string[]) => exec({ argv, timeoutMs: 10_000, user: APP })
const same = async (a: string, b: string) => (await lstat(a)).ino === (await lstat(b)).ino

test(
  'equal package files are one file that no release can write to, and each release can still replace',
  root,
  async t => {
    const at = await folder(t)
    const files = {
      'node_modules/a/index.js': 'the same in both',
      'deep/node_modules/b/b.js': 'the same in both, too',
      'node_modules/a/own.js': 'of the newer one',
      'node_modules/.prisma/client/index.js': 'made by the build',
      'node_modules/.cache/x': 'kept by a tool',
      'src/page.js': 'source',
    }
    const newer = await release(t, join(at, 'r2'), files)
    const earlier = await release(t, join(at, 'r1'), {
      ...files,
      'node_modules/a/own.js': 'of the other one',
    })
    await chmod(join(newer, 'tree/node_modules/a/index.js'), 0o600)
    await chmod(join(earlier, 'tree/node_modules/a/index.js'), 0o600)
    const both = (path: string) => same(join(newer, 'tree', path), join(earlier, 'tree', path))

    const bytes = await share({ newer, earlier, idle: [], account: APP })

    assert.equal(bytes, 'the same in both'.length + 'the same in both, too'.length)
    const shared: string[] = []
    for (const path of Object.keys(files)) if (await both(path)) shared.push(path)
    assert.deepEqual(shared, ['node_modules/a/index.js', 'deep/node_modules/b/b.js'])
    const file = join(newer, 'tree/node_modules/a/index.js')
    assert.equal((await as(['cat', file])).stdout, 'the same in both')
    assert.notEqual((await as(['sh', '-c', `echo written >> ${file}`])).code, 0)
    assert.notEqual((await as(['chmod', 'u+w', file])).code, 0)
    assert.equal((await as(['sh', '-c', `echo replaced > ${file}.new && mv -f ${file}.new ${file}`])).code, 0)
    assert.equal(await readFile(join(earlier, 'tree/node_modules/a/index.js'), 'utf8'), 'the same in both')
    assert.equal((await as(['sh', '-c', `echo more >> ${join(newer, 'tree/src/page.js')}`])).code, 0)
  },
)

test('a third release shares with the second what that has from the first', root, async t => {
  const at = await folder(t)
  const files = { 'node_modules/a/index.js': 'the same in all' }
  const [first, second, third] = [
    await release(t, join(at, 'r1'), files),
    await release(t, join(at, 'r2'), files),
    await release(t, join(at, 'r3'), files),
  ]
  await share({ newer: second, earlier: first, idle: [], account: APP })
  await share({ newer: third, earlier: second, idle: [], account: APP })
  const file = (release: string) => join(release, 'tree/node_modules/a/index.js')
  assert.ok(await same(file(first), file(third)))
  assert.equal((await lstat(file(first))).nlink, 3)
})

test(
  'what releases have in common is protected again after another machine gave all of it to the app',
  root,
  async t => {
    const at = await folder(t)
    const files = { 'node_modules/a/index.js': 'the same', 'src/a.js': 'source' }
    const newer = await release(t, join(at, 'r2'), files)
    await share({ newer, earlier: await release(t, join(at, 'r1'), files), idle: [], account: APP })
    await exec({ argv: ['chown', '-R', `${APP.uid}:${APP.gid}`, at], timeoutMs: 10_000 })
    const writes = async (path: string) =>
      (await as(['sh', '-c', `echo written >> ${join(newer, 'tree', path)}`])).code === 0
    await protect(at, APP)
    assert.deepEqual([await writes('node_modules/a/index.js'), await writes('src/a.js')], [false, true])
  },
)

test('no link that an app makes leads out of its releases', root, async t => {
  const at = await folder(t)
  const files = { 'node_modules/a/index.js': 'the same', 'node_modules/b/index.js': 'the same as well' }
  const releases = join(at, 'releases')
  await mkdir(releases)
  const newer = await release(t, join(releases, 'r2'), files)
  const earlier = await release(t, join(releases, 'r1'), files)
  const others = await release(t, join(at, 'others'), files)
  const foreign = join(others, 'tree/node_modules/b')
  await rm(join(newer, 'tree/node_modules/b'), { recursive: true })
  await symlink(foreign, join(newer, 'tree/node_modules/b'))
  await rm(join(earlier, 'tree'), { recursive: true })
  await symlink(join(others, 'tree'), join(earlier, 'tree'))

  await share({ newer, earlier, idle: ['r1'], account: APP })

  for (const path of Object.keys(files)) {
    const { uid, nlink } = await lstat(join(others, 'tree', path))
    assert.deepEqual([uid, nlink], [APP.uid, 1], path)
  }
})

test('an app that swaps its folders for links meanwhile changes nothing but its own files', root, async t => {
  const at = await folder(t)
  const releases = join(at, 'releases')
  const content = 'x'.repeat(4 * 1024 ** 2)
  const files = { 'node_modules/p/seal.now': content, 'node_modules/p/deploy.log': content }
  const newer = await release(t, join(releases, 'r2'), files)
  const earlier = await release(t, join(releases, 'r1'), files)
  const victim = join(at, 'victim')
  await mkdir(victim)
  for (const release of [newer, earlier])
    await writeFile(join(release, 'deploy.log'), content, { mode: 0o600 })
  for (const name of ['seal.now', 'deploy.log']) await writeFile(join(victim, name), content, { mode: 0o600 })
  const facts = async () => {
    const { stdout } = await exec({
      argv: ['find', at, '-not', '-path', '*/tree/*', '-printf', '%p %y %i %n %U:%G %m %s\\n'],
      timeoutMs: 10_000,
    })
    return stdout.split('\n').sort()
  }
  const before = await facts()
  const swap = (tree: string, to: string) =>
    `cd ${join(tree, 'tree/node_modules')} && while :; do mv p q; ln -s ${to} p; rm p; mv q p; done`
  const ended = new AbortController()
  const swapping = [swap(newer, '../..'), swap(earlier, victim), swap(earlier, '../..')].map(script =>
    exec({ argv: ['sh', '-c', script], user: APP, timeoutMs: 60_000, signal: ended.signal }).catch(() => {}),
  )
  for (let n = 0; n < 15; n++) await share({ newer, earlier, idle: [earlier], account: APP })
  ended.abort(new Error('enough'))
  await Promise.all(swapping)
  assert.deepEqual(await facts(), before)
})

test('files that differ in anything are not shared, and what was sealed stays as it was', root, async t => {
  const at = await folder(t)
  const paths = [
    'node_modules/a/LICENSE',
    'node_modules/b/LICENSE',
    'node_modules/c/runs',
    'node_modules/d/late',
  ]
  const files = Object.fromEntries(paths.map(path => [path, 'the same text']))
  const newer = await release(t, join(at, 'r2'), files)
  const earlier = await release(t, join(at, 'r1'), files)
  for (const one of [newer, earlier]) {
    // Two equal files of one release, written in the same second.
    await utimes(join(one, 'tree', paths[0]!), 1_000_000.25, 1_000_000.25)
    await utimes(join(one, 'tree', paths[1]!), 1_000_000.5, 1_000_000.5)
    await seal(join(one, 'tree'), join(one, 'seal'))
  }
  await chmod(join(newer, 'tree', paths[2]!), 0o700)
  await utimes(join(newer, 'tree', paths[3]!), 1_000_000.75, 1_000_000.75)
  await seal(join(newer, 'tree'), join(newer, 'seal'))
  assert.equal(await share({ newer, earlier, idle: [], account: APP }), 2 * 'the same text'.length)
  for (const one of [newer, earlier])
    assert.equal((await compare(join(one, 'tree'), join(one, 'seal'))).lost, null)
})

test('the caches of idle releases are emptied, and nothing else of them', root, async t => {
  const at = await folder(t)
  const cached = ['web/.next/cache/webpack/0.pack', 'node_modules/.cache/x', 'node_modules/.vite/deps/y']
  const files = {
    ...Object.fromEntries(cached.map(path => [path, 'x'])),
    'node_modules/a.js': 'a',
    'b.js': 'b',
  }
  const newer = await release(t, join(at, 'r2'), files)
  const idle = await release(t, join(at, 'r1'), files)
  await chown(join(newer, 'tree/b.js'), 0, 0)
  assert.equal(await share({ newer, earlier: null, idle: [idle], account: APP }), 0)
  const left = async (release: string) =>
    (await exec({ argv: ['find', '.', '-type', 'f'], cwd: join(release, 'tree'), timeoutMs: 10_000 })).stdout
      .trim()
      .split('\n')
      .sort()
  assert.deepEqual(await left(idle), ['./b.js', './node_modules/a.js'])
  assert.equal((await left(newer)).length, 5)
})

test('without a user of its own nothing is shared', async t => {
  const at = await folder(t)
  assert.equal(await share({ newer: join(at, 'r2'), earlier: join(at, 'r1'), idle: [], account: null }), 0)
})
