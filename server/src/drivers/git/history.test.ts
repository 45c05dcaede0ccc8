import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { appendFile, chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { history } from './history.ts'
import { listed } from './tracked.ts'

async function scratch(t: TestContext): Promise<string> {
  const at = await mkdtemp(join(tmpdir(), 'inn-history-'))
  t.after(() => rm(at, { recursive: true, force: true }))
  return at
}

const gitIn =
  (at: string) =>
  (...args: string[]) =>
    execFileSync('git', ['-C', at, '-c', 'user.name=a', '-c', 'user.email=a@b.example', ...args], {
      stdio: ['ignore', 'pipe', 'ignore'],
    })

async function repository(t: TestContext) {
  const at = await scratch(t)
  const git = gitIn(at)
  git('init', '-q', '-b', 'main')
  return { at, git, write: (path: string, text: string) => writeFile(join(at, path), text) }
}

/** What the history says that is read of it, without names of commits. */
const linesOf = async (folder: string): Promise<string[]> =>
  (await Array.fromAsync((await history(folder))!.lines))
    .filter(line => /^(?:commit:|[+ ]|@@)/.test(line))
    .map(line => line.replace(/^commit:\w+ \S+/, 'commit'))

/** A program that leaves a mark where it ran, and then does what it is there for. */
async function marking(at: string, then = ''): Promise<{ program: string; ran: () => boolean }> {
  const program = join(at, 'program')
  await writeFile(program, `#!/bin/sh\ntouch ${at}/ran\n${then}\n`)
  await chmod(program, 0o755)
  return { program, ran: () => existsSync(join(at, 'ran')) }
}

test('lines that commits of all branches added below a folder', async t => {
  const { at, git, write } = await repository(t)
  assert.deepEqual(await linesOf(at), [], 'no commit yet')
  await mkdir(join(at, 'app'))
  await write('app/a b.txt', 'one\nsecret\n')
  await write('beside.txt', 'beside\n')
  git('add', '-A')
  git('commit', '-qm', 'first')
  git('checkout', '-qb', 'other')
  await write('app/a b.txt', 'one\n')
  git('commit', '-qam', 'gone')
  git('checkout', '-q', '--orphan', 'unborn')
  assert.deepEqual(await linesOf(join(at, 'app')), [
    'commit',
    '+++ b/a b.txt\t',
    '@@ -2 +1,0 @@ one',
    'commit',
    '+++ b/a b.txt\t',
    '@@ -0,0 +1,2 @@',
    '+one',
    '+secret',
  ])
})

test('no program that the repository names runs: not for its files, its history, its signatures or what is not here', async t => {
  const { at, git, write } = await repository(t)
  const { program, ran } = await marking(await scratch(t), 'cat')
  await write('.gitattributes', '*.txt diff=ran filter=ran\n')
  await write('a.txt', 'one\n')
  git('add', '-A')
  git('commit', '-qm', 'first')
  const signed = `${git('cat-file', 'commit', 'HEAD')}`.replace(
    /\n\n/,
    '\ngpgsig -----BEGIN PGP SIGNATURE-----\n \n x\n -----END PGP SIGNATURE-----\n\n',
  )
  await write('signed', signed)
  git('update-ref', 'HEAD', `${git('hash-object', '-t', 'commit', '-w', 'signed')}`.trim())
  await write('a.txt', 'two\n')
  for (const [key, value] of Object.entries({
    'core.fsmonitor': program,
    'core.pager': program,
    'diff.external': program,
    'diff.ran.textconv': program,
    'diff.ran.command': program,
    'filter.ran.clean': program,
    'filter.ran.smudge': program,
    'log.showSignature': 'true',
    'gpg.program': program,
  }))
    git('config', key, value)
  assert.deepEqual(await listed(at), ['.gitattributes', 'a.txt'])
  assert.ok((await linesOf(at)).includes('+one'))
  assert.equal(ran(), false)
  git('status')
  assert.equal(ran(), true, 'git would run it')
})

test('what a partial clone lacks is not fetched: the program of its remote does not run', async t => {
  const { at, git, write } = await repository(t)
  await write('a.txt', 'one\n')
  git('add', '-A')
  git('commit', '-qm', 'first')
  git('config', 'uploadpack.allowFilter', 'true')
  const clone = join(await scratch(t), 'clone')
  git('clone', '-q', '--no-checkout', '--filter=blob:none', `file://${at}`, clone)
  const { program, ran } = await marking(await scratch(t), 'exec git-upload-pack "$@"')
  gitIn(clone)('config', 'remote.origin.uploadpack', program)
  gitIn(clone)('config', 'protocol.file.allow', 'always')
  await assert.rejects(linesOf(clone), { code: 'source.git', message: /history .* could not be read/ })
  assert.equal(ran(), false)
  gitIn(clone)('log', '-p')
  assert.equal(ran(), true, 'git would run it')
})

test('lines are told that only a merge added, that .gitattributes hides, of a renamed file, and whatever the configuration leaves out', async t => {
  const { at, git, write } = await repository(t)
  await write('a.txt', 'one\n')
  await write('.gitattributes', 'hidden -diff\n')
  await write('hidden', 'attribute\nb\nc\n')
  await write('old.txt', 'two\nthree\nfour\nfive\n')
  git('add', '-A')
  git('commit', '-qm', 'first')
  git('checkout', '-qb', 'other')
  git('commit', '-qm', 'aside', '--allow-empty')
  git('checkout', '-q', 'main')
  git('commit', '-qm', 'ahead', '--allow-empty')
  git('merge', '-q', '--no-ff', '--no-commit', 'other')
  await write('a.txt', 'one\nmerge\n')
  git('commit', '-qam', 'merge')
  git('mv', 'old.txt', 'new.txt')
  await write('new.txt', 'two\nthree\nfour\nfive\nrenamed\n')
  await write('hidden', 'attributes\nb\nd\n')
  git('commit', '-qam', 'renamed')
  for (const [key, value] of Object.entries({
    'log.showRoot': 'false',
    'log.diffMerges': 'off',
    'diff.noprefix': 'true',
    'diff.interHunkContext': '9',
  }))
    git('config', key, value)
  const lines = await linesOf(at)
  for (const line of ['+attribute', '+merge', '+renamed', '+++ b/hidden'])
    assert.ok(lines.includes(line), line)
  assert.ok(!lines.some(line => line.startsWith(' ')), 'lines that did not change')
})

test('a line that no string could hold is cut', async t => {
  const { at, git, write } = await repository(t)
  await write('a.bin', `${'x'.repeat(300_000)}\nafter\n`)
  git('add', '-A')
  git('commit', '-qm', 'first')
  assert.deepEqual(
    (await linesOf(at)).slice(3).map(line => line.length),
    [100_000, '+after'.length],
  )
})

test('no repository, a repository that git refuses, and a shallow one are told apart', async t => {
  assert.equal(await history(await scratch(t)), null)
  const { at, git, write } = await repository(t)
  await write('a.txt', 'one\n')
  git('add', '-A')
  git('commit', '-qm', 'first')
  git('commit', '-qm', 'second', '--allow-empty')
  assert.equal((await history(at))!.shallow, false)
  const clone = join(await scratch(t), 'clone')
  git('clone', '-q', '--depth=1', `file://${at}`, clone)
  assert.equal((await history(clone))!.shallow, true)
  await appendFile(join(at, '.git/config'), '[broken')
  await assert.rejects(history(at), { code: 'source.git', message: /git refuses/, why: /bad config line/ })
})
