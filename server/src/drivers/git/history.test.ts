import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { history } from './history.ts'

test('lines that commits of all branches added below a folder, and no program that the repository names runs', async t => {
  const at = await mkdtemp(join(tmpdir(), 'inn-history-'))
  t.after(() => rm(at, { recursive: true, force: true }))
  const git = (...args: string[]) =>
    execFileSync('git', ['-C', at, '-c', 'user.name=a', '-c', 'user.email=a@b.example', ...args])
  git('init', '-q', '-b', 'main')
  assert.deepEqual(await Array.fromAsync(history(at)), [], 'no commit yet')
  await mkdir(join(at, 'app'))
  await writeFile(join(at, 'app/a b.txt'), 'one\nsecret\n')
  await writeFile(join(at, 'beside.txt'), 'beside\n')
  await writeFile(join(at, '.gitattributes'), '*.txt diff=ran\n')
  git('config', 'diff.ran.textconv', `touch ${join(at, 'ran')}; cat`)
  git('config', 'diff.ran.command', `touch ${join(at, 'ran')}`)
  git('add', '-A')
  git('commit', '-qm', 'first')
  git('checkout', '-qb', 'other')
  await writeFile(join(at, 'app/a b.txt'), 'one\n')
  git('commit', '-qam', 'gone')
  git('checkout', '-q', 'main')
  const lines = await Array.fromAsync(history(join(at, 'app')))
  assert.deepEqual(
    lines
      .filter(line => /^(?:commit:|\+|@@)/.test(line))
      .map(line => line.replace(/^commit:\w+ \S+/, 'commit')),
    [
      'commit',
      '+++ b/a b.txt\t',
      '@@ -2 +1,0 @@ one',
      'commit',
      '+++ b/a b.txt\t',
      '@@ -0,0 +1,2 @@',
      '+one',
      '+secret',
    ],
  )
  await assert.rejects(async () => execFileSync('cat', [join(at, 'ran')], { stdio: 'ignore' }), 'nothing ran')
})
