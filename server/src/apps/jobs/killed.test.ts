import assert from 'node:assert/strict'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { killedOverADay } from './killed.fixture.ts'

test('a process that is killed again and again runs every moment of its hours once, with real programs', async t => {
  const folder = await mkdtemp(join(tmpdir(), 'inn-jobs-killed-'))
  await chmod(folder, 0o711)
  t.after(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }))
  const found = await killedOverADay({ folder, jobs: 60, hours: 2, speed: 300, kills: 6 })
  const { code, missed, twice, others } = found
  assert.deepEqual(
    { code, missed, twice, others },
    { code: 0, missed: 0, twice: 0, others: 0 },
    JSON.stringify(found),
  )
})
