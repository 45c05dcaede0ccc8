import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { exec } from '../host/exec.ts'
import { branchOf } from './branch.ts'

test('the branch is the one that is checked out, else what the service says that checked out a commit', async t => {
  const folder = await mkdtemp(join(tmpdir(), 'inn-branch-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  const git = (...args: string[]) =>
    exec({
      argv: ['git', '-C', folder, '-c', 'user.name=t', '-c', 'user.email=t@example.com', ...args],
      timeoutMs: 20_000,
    })
  const github = { GITHUB_REF_TYPE: 'branch', GITHUB_REF_NAME: 'main' }
  assert.equal(await branchOf(folder, github), null)
  await git('init', '-q', '-b', 'release/2')
  assert.equal(await branchOf(folder, {}), 'release/2')
  await git('commit', '-q', '--allow-empty', '-m', 'one')
  await git('checkout', '-q', '--detach')
  assert.equal(await branchOf(folder, {}), null)
  assert.equal(await branchOf(folder, github), 'main')
  assert.equal(await branchOf(folder, { ...github, GITHUB_REF_TYPE: 'tag' }), null)
  assert.equal(await branchOf(folder, { CI_COMMIT_BRANCH: 'dev' }), 'dev')
})
