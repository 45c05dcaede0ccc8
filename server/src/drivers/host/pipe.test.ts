import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { execInto } from './pipe.ts'

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

const of = (script: string) => ({ argv: ['sh', '-c', script], timeoutMs: 30_000 })

test('a command that fails half-way: its reader sees no end, and is killed', async () => {
  const at = await mkdtemp(join(tmpdir(), 'inn-exec-'))
  try {
    const took = join(at, 'took')
    const reading = of(`cat >/dev/null; echo whole >${took}`)
    await assert.rejects(execInto(of('echo half; exit 3'), reading, 'reading'), {
      code: 'exec.failed',
      message: 'reading failed',
    })
    await assert.rejects(readFile(took))
  } finally {
    await rm(at, { recursive: true, force: true })
  }
})

test('a reader that ends early: its own result says why, and the command is stopped', async () => {
  const done = await execInto(of('yes'), of('head -c 10 >/dev/null; echo full >&2; exit 7'), 'reading')
  assert.deepEqual([done.code, done.tail.trim()], [7, 'full'])
  await assert.rejects(execInto(of('yes'), of('exit 0'), 'reading'), /did not read to the end/)
})

test('a reader that has read everything may end first; what it got counts only when the command ends well', async () => {
  const five = of('head -c 5 >/dev/null')
  const done = await execInto(of('printf whole; sleep 0.3'), five, 'reading')
  assert.equal(done.code, 0)
  const fails = of('printf whole; sleep 0.3; exit 3')
  await assert.rejects(execInto(fails, five, 'reading'), { code: 'exec.failed', message: 'reading failed' })
  const more = of('printf whole; sleep 0.3; printf more; sleep 20')
  await assert.rejects(execInto(more, five, 'reading'), /did not read to the end/)
})

test('a program that is not there, at either end', async () => {
  const none = { argv: ['/no/such/program'], timeoutMs: 5_000 }
  await assert.rejects(execInto(none, of('cat'), 'reading'), { code: 'exec.missing' })
  await assert.rejects(execInto(of('yes'), none, 'reading'), { code: 'exec.missing' })
})
