import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { execInto } from './exec.ts'

test('what a command prints before it is written down who it is reaches the reader whole', async () => {
  const at = await mkdtemp(join(tmpdir(), 'inn-exec-'))
  const one = async (n: number) => {
    const from = { argv: ['echo', 'whole'], timeoutMs: 30_000, pidFile: join(at, String(n)) }
    return (await execInto(from, { argv: ['cat'], timeoutMs: 30_000 }, 'reading')).stdout
  }
  try {
    // So many at once that each program has ended long before its output is read.
    const read = await Promise.all(Array.from({ length: 40 }, (_, n) => one(n)))
    assert.deepEqual(new Set(read), new Set(['whole\n']))
  } finally {
    await rm(at, { recursive: true, force: true })
  }
})
