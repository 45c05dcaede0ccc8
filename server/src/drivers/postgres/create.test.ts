import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Failure } from '../../kernel/failure.ts'
import { dataOf, majorOf, newestMajor, programsOf } from './create.ts'

test('files of a major whose programs are not installed are never opened by another one, and the package is named', async t => {
  const at = await mkdtemp(join(tmpdir(), 'inn-major-'))
  t.after(() => rm(at, { recursive: true }))
  const { major } = await newestMajor()
  assert.equal(await majorOf(at), major, 'a new cluster')
  await writeFile(join(at, 'major'), '9\n')
  assert.equal(await majorOf(at), 9, 'while its files are gone')
  await mkdir(dataOf(at), { recursive: true })
  await writeFile(join(dataOf(at), 'PG_VERSION'), '8\n')
  assert.equal(await majorOf(at), 8)
  await assert.rejects(programsOf(8), (error: Failure) => {
    assert.deepEqual([error.code, error.message], ['database.major', 'PostgreSQL 8 is not installed'])
    assert.match(error.fix, /apt-get install postgresql-8/)
    return true
  })
})
