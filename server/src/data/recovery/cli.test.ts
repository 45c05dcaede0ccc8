import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { z } from 'zod'
import { typed } from '../../bin/program.fixture.ts'
import { says } from '../../cli/stand-in.fixture.ts'
import { ChangeAnswer } from '../../engine/wire-change.ts'
import { exitCodeOf } from '../../kernel/exit.ts'
import { describe } from '../../kernel/failure.ts'
import { RecoveryRequest } from './wire.ts'

const kit = { 'POST /api/recovery/kit': says(z.object({ kit: z.string() }), { kit: 'the kit\n' }) }

async function scratch(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'inn-kit-'))
  t.after(() => rm(folder, { recursive: true }))
  return folder
}

test('the kit goes to the terminal as it is, or into a document', async t => {
  assert.equal((await typed(t, ['recovery', 'kit'], kit)).out, 'the kit\n')
  assert.deepEqual((await typed(t, ['recovery', 'kit', '--json'], kit)).json(), { kit: 'the kit\n' })
})

test('a kit that is saved is for its owner alone, and an older one is never written over', async t => {
  const file = join(await scratch(t), 'kit.txt')
  const { out } = await typed(t, ['recovery', 'kit', '--save', file], kit)
  assert.match(out, /^saved to .*kit\.txt: carry it/)
  assert.doesNotMatch(out, /the kit/)
  assert.equal(await readFile(file, 'utf8'), 'the kit\n')
  assert.equal((await stat(file)).mode & 0o777, 0o600)
  const other = { 'POST /api/recovery/kit': says(z.object({ kit: z.string() }), { kit: 'another\n' }) }
  const failure = describe(
    await typed(t, ['recovery', 'kit', '--save', file], other).catch(e => e as unknown),
  )
  assert.equal(failure.code, 'usage.save')
  assert.equal(await readFile(file, 'utf8'), 'the kit\n')
})

test('a recovery from a kit that is not there is a mistake in the command line, and no defect', async t => {
  const args = ['recover', '--kit', join(await scratch(t), 'none.txt')]
  const { code, why } = describe(await typed(t, args).catch(e => e as unknown))
  assert.deepEqual([code, exitCodeOf(code)], ['usage.kit', 2], why)
})

test('a recovery of one cluster is asked for with the backup that it begins from', async t => {
  const plan = says(ChangeAnswer, { plan: { title: 'p', steps: [], cleanup: [], notices: [] } })
  const asked = async (...flags: string[]) => {
    const args = ['recovery', 'database', 'shop', '--plan', ...flags]
    const { calls } = await typed(t, args, { 'POST /api/apps/shop/recovery/database': plan })
    return RecoveryRequest.parse(calls[0]![1])
  }
  assert.deepEqual(await asked(), { plan: true })
  assert.deepEqual(await asked('--backup', 'F1'), { plan: true, backup: 'F1' })
})
