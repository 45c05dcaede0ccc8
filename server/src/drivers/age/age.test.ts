import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { ageCipher, ensureKey } from './age.ts'

let folder: string
const key = () => join(folder, 'keeper.key')
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'inn-age-'))
  await ensureKey(key(), { first: true })
})
after(() => rm(folder, { recursive: true, force: true }))

test('the key is made once, for its owner alone, and never again where something was encrypted with it', async () => {
  assert.equal((await stat(key())).mode & 0o777, 0o600)
  const made = await readFile(key(), 'utf8')
  await ensureKey(key(), { first: true })
  assert.equal(await readFile(key(), 'utf8'), made)
  await assert.rejects(ensureKey(join(folder, 'other.key'), { first: false }), { code: 'store.key' })
})

test('a text comes back byte for byte, by another process and by the stock tool', async () => {
  const text = 'line\r\n  tab\té \u{1F511} $(no) \n\n'
  const encrypted = await ageCipher(key()).encrypt(text)
  assert.doesNotMatch(encrypted, /tab|line/)
  assert.equal(await ageCipher(key()).decrypt(encrypted), text)
  assert.equal(execFileSync('age', ['-d', '-i', key()], { input: encrypted, encoding: 'utf8' }), text)
})

test('what was never encrypted comes back as it is', async () => {
  assert.equal(await ageCipher(key()).decrypt('{"A":"b"}'), '{"A":"b"}')
})

test('what was changed, or encrypted with another key, is refused without a word of the secret', async () => {
  const encrypted = await ageCipher(key()).encrypt('geheim '.repeat(20_000))
  const lines = encrypted.split('\n')
  const at = lines.length - 3
  lines[at] = lines[at]!.replace(/^./, letter => (letter === 'A' ? 'B' : 'A'))
  const other = join(folder, 'other.key')
  await ensureKey(other, { first: true })
  for (const attempt of [ageCipher(key()).decrypt(lines.join('\n')), ageCipher(other).decrypt(encrypted)])
    await assert.rejects(attempt, (error: Error & { code: string; why: string }) => {
      assert.equal(error.code, 'store.key')
      assert.doesNotMatch(JSON.stringify(error) + error.message, /geheim/)
      return true
    })
})

test('a key that cannot be read is named', async () => {
  const broken = join(folder, 'broken.key')
  await writeFile(broken, 'no key\n')
  await assert.rejects(ageCipher(broken).encrypt('x'), { code: 'store.key' })
})
