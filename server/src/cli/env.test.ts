import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { givenEnv } from './env.ts'
import { failsWith, recorder } from './stand-in.fixture.ts'

let folder: string

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'inn-env-'))
})
after(() => rm(folder, { recursive: true }))

async function given(env: string[] | undefined, file?: string) {
  const { terminal, noted } = recorder()
  const envFile = file === undefined ? undefined : join(folder, 'env')
  if (file !== undefined) await writeFile(envFile!, file)
  return { env: await givenEnv({ env, envFile }, terminal), noted }
}

test('a file has a value on each line, with quotes and comments, and nothing is said about it', async () => {
  const { env, noted } = await given(undefined, '# mine\nA="two words"\nB=x=y # why\nexport C=\'$A\'\n')
  assert.deepEqual({ ...env }, { A: 'two words', B: 'x=y', C: '$A' })
  assert.deepEqual(noted, [])
})

test('what is given by name comes from this shell, and goes before the file', async t => {
  process.env['INN_T_ENV'] = 'from the shell'
  t.after(() => delete process.env['INN_T_ENV'])
  const { env, noted } = await given(['INN_T_ENV'], 'INN_T_ENV=file\nB=1\n')
  assert.deepEqual({ ...env }, { INN_T_ENV: 'from the shell', B: '1' })
  assert.deepEqual(noted, [])
})

test('a value in the command line is taken with all its signs, and it is said once who can read it', async () => {
  const { env, noted } = await given(['A=x=y=', 'B='])
  assert.deepEqual({ ...env }, { A: 'x=y=', B: '' })
  assert.equal(noted.length, 1)
  assert.match(noted[0]!, /can read A and B in its list of processes.*--env A keep/)
  assert.doesNotMatch(noted[0]!, /x=y/)
})

test('what the command line gives goes before the file, and only that is warned of', async t => {
  process.env['INN_T_ENV'] = 'from shell'
  t.after(() => delete process.env['INN_T_ENV'])
  const file = 'A=from file\n# a comment\nB="two words"\n'
  const { env, noted } = await given(['INN_T_ENV', 'A=given=twice'], file)
  assert.deepEqual({ ...env }, { A: 'given=twice', B: 'two words', INN_T_ENV: 'from shell' })
  assert.match(noted.join(), /other users of this machine can read A /)
  assert.doesNotMatch(noted.join(), /INN_T_ENV/)
})

test('names that this shell does not have are all named, and nothing is sent', async () => {
  await assert.rejects(given(['INN_T_NO', 'A=1', 'INN_T_NOT']), (error: Error & { fix: string }) => {
    assert.equal(error.message, 'INN_T_NO and INN_T_NOT is not set in this shell')
    assert.match(error.fix, /export INN_T_NO=value/)
    return failsWith('usage.env')(error)
  })
})

test('a file that is not there is a mistake in the command line', async () => {
  const flags = { envFile: join(folder, 'none') }
  await assert.rejects(givenEnv(flags, recorder().terminal), failsWith('usage.env-file'))
})
