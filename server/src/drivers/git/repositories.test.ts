import assert from 'node:assert/strict'
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { execOk } from '../host/exec.ts'
import { receivedIn } from './received.ts'
import { defineHook, repositories } from './repositories.ts'

/** A home with one repository, in which a commit was pushed; its user has a configuration that is hostile to us. */
async function pushed(t: TestContext, files: Record<string, string>) {
  const root = await mkdtemp(join(tmpdir(), 'inn-repo-'))
  const home = process.env['HOME']
  t.after(async () => {
    if (home === undefined) delete process.env['HOME']
    else process.env['HOME'] = home
    await rm(root, { recursive: true, force: true })
  })
  process.env['HOME'] = root
  const ran = join(root, 'ran')
  await writeFile(
    join(root, '.gitconfig'),
    `[user]\nname = t\nemail = t@example.com\n[core]\nhooksPath = ${root}/others\n[filter "evil"]\nsmudge = "touch ${ran} && cat"\n`,
  )
  const inn = join(root, 'inn')
  await writeFile(inn, `#!/bin/sh\necho "$@ in $INNKEEPER_HOME" > ${root}/called\ncat >> ${root}/called\n`, {
    mode: 0o755,
  })
  const all = repositories({ root, git: join(root, 'git') }, inn)
  await all.make('shop@staging', 'main')
  const [made] = await all.list()
  const source = join(root, 'source')
  await mkdir(source)
  for (const [path, text] of Object.entries(files)) await writeFile(join(source, path), text)
  const git = async (...args: string[]) => {
    const argv = ['git', '-C', source, ...args]
    return (await execOk({ argv, env: { HOME: root }, timeoutMs: 20_000 }, 'git')).stdout.trim()
  }
  await git('init', '-q', '-b', 'main')
  await git('add', '.')
  await git('commit', '-qm', 'one')
  await git('push', '-q', made!.path, 'main')
  return { root, all, path: made!.path, ran, commit: await git('rev-parse', 'HEAD') }
}

test('a repository is for its user alone, calls its own hook, and another branch is one word', async t => {
  const { root, all, path, commit } = await pushed(t, { a: '1' })
  assert.equal((await stat(join(root, 'git'))).mode & 0o777, 0o700)
  const called = await readFile(join(root, 'called'), 'utf8')
  assert.equal(called, `git receive in ${root}\n${'0'.repeat(40)} ${commit} refs/heads/main\n`)
  const { user: _, host: __, ...seen } = (await all.list())[0]!
  assert.deepEqual(seen, { app: 'shop@staging', branch: 'main', path, commit })
  await defineHook({ root, git: join(root, 'git') }, '/opt/newer/inn')
  assert.match(
    await readFile(join(root, 'git/hooks/pre-receive'), 'utf8'),
    / \/opt\/newer\/inn git receive\n$/,
  )
  await all.make('shop@staging', 'dev/2')
  assert.deepEqual(
    (await all.list()).map(({ branch, commit: at }) => [branch, at]),
    [['dev/2', null]],
  )
  await assert.rejects(all.make('shop@staging', 'a..b'), { code: 'git.branch' })
  assert.deepEqual([await all.remove('shop@staging'), await all.remove('shop@staging')], [true, false])
})

test('neither the configuration of the user nor the commit names what is run or left out', async t => {
  const { root, path, commit, ran } = await pushed(t, {
    '.gitattributes': 'a filter=evil export-subst\nb export-ignore\n',
    a: '$Format:%H$\n',
    b: 'two\n',
  })
  const received = receivedIn(path, {})
  assert.deepEqual([await received.branch(), await received.at('refs/heads/main')], ['main', commit])
  const folder = join(root, 'unpacked')
  const found = await received.unpack(commit, folder)
  assert.deepEqual(found.paths, ['.gitattributes', 'a', 'b'])
  assert.deepEqual(found.first, [commit])
  assert.deepEqual((await readdir(folder)).sort(), found.paths)
  assert.equal(await readFile(join(folder, 'a'), 'utf8'), '$Format:%H$\n')
  await assert.rejects(stat(ran))
})
