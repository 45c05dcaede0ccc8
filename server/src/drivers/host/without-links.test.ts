import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { exec } from './exec.ts'
import { isRoot } from './proc.ts'
import { NOT_MOUNTED, withoutLinks } from './without-links.ts'

test('root reads the files of a folder, and what its links are, but never through one', {
  skip: !isRoot(),
}, async () => {
  const at = await mkdtemp(join(tmpdir(), 'inn-links-'))
  try {
    await mkdir(join(at, 'app'))
    await mkdir(join(at, 'secret'))
    await writeFile(join(at, 'secret/file'), 'canary')
    await writeFile(join(at, 'app/file'), 'own')
    await symlink('../secret', join(at, 'app/link'))
    const ask = async (...argv: string[]) =>
      exec({ argv: withoutLinks(join(at, 'app'), argv), cwd: join(at, 'app'), timeoutMs: 10_000 })
    assert.equal((await ask('cat', 'file')).stdout, 'own')
    assert.equal((await ask('readlink', 'link')).stdout, '../secret\n')
    const through = await ask('cat', 'link/file')
    assert.notEqual(through.code, 0)
    assert.equal(through.stdout, '')
    // A file of root's stands in the place of one in the folder, but never behind a link of the app's.
    await writeFile(join(at, 'copy'), 'copied')
    const seen = (path: string, ...argv: string[]) =>
      exec({
        argv: withoutLinks(join(at, 'app'), argv, [{ path, file: join(at, 'copy'), without: [] }]),
        cwd: join(at, 'app'),
        timeoutMs: 10_000,
      })
    assert.equal((await seen('file', 'cat', 'file')).stdout, 'copied')
    assert.equal((await seen('link/file', 'cat', 'file')).code, NOT_MOUNTED)
    // The mount is only in the namespace of that program, so here the link still works.
    assert.equal(
      (await exec({ argv: ['cat', join(at, 'app/link/file')], timeoutMs: 10_000 })).stdout,
      'canary',
    )
  } finally {
    await rm(at, { recursive: true, force: true })
  }
})
