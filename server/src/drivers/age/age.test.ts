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
  const empty = join(folder, 'empty.key')
  await writeFile(empty, '')
  await assert.rejects(ensureKey(empty, { first: false }), { code: 'store.key' })
  await ensureKey(empty, { first: true })
  assert.match(await readFile(empty, 'utf8'), /^AGE-SECRET-KEY-/m)
})

test('a text comes back byte for byte, by another process and by the stock tool', async () => {
  const text = 'line\r\n  tab\té \u{1F511} $(no) \n\n'
  const encrypted = await ageCipher(key()).encrypt(text)
  // No word: letters of the encrypted text may form one.
  assert.doesNotMatch(encrypted, /\$\(no\)/)
  assert.equal(await ageCipher(key()).decrypt(encrypted), text)
  assert.equal(execFileSync('age', ['-d', '-i', key()], { input: encrypted, encoding: 'utf8' }), text)
})

test('a text of 9 MB comes back whole, and one that was cut is refused', async () => {
  const text = 'é 24 bytes of the text.\n'.repeat(360_000)
  const encrypted = await ageCipher(key()).encrypt(text)
  assert.equal((await ageCipher(key()).decrypt(encrypted)) === text, true)
  await assert.rejects(ageCipher(key()).decrypt(encrypted.slice(0, 8 * 1024 * 1024)), {
    code: 'store.key',
    message: /not whole/,
  })
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
  const attempts = [
    () => ageCipher(key()).decrypt(lines.join('\n')),
    () => ageCipher(other).decrypt(encrypted),
  ]
  for (const attempt of attempts)
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
