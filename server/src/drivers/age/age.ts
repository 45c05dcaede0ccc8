import { statSync } from 'node:fs'
import { ENCRYPTED_END, type FileCipher, isEncrypted } from '../../kernel/cipher.ts'
import { Failure } from '../../kernel/failure.ts'
import { exec, execOk } from '../host/exec.ts'
import { writeDurable } from '../host/files.ts'

const LONGEST_MS = 20_000
/** Texts that are kept open in memory. Some are asked for every second, and `age` takes some milliseconds for each. */
const KNOWN = 500

/** Encrypts with the program `age` and the key in this file: `age -d -i FILE` opens each text by hand. */
export function ageCipher(key: string): FileCipher {
  const known = new Map<string, string>()
  const remember = (encrypted: string, text: string) => {
    known.delete(encrypted)
    known.set(encrypted, text)
    if (known.size > KNOWN) known.delete(known.keys().next().value!)
    return text
  }
  return {
    opener: ['age', '--decrypt', '-i', key],
    async encrypt(text) {
      const encrypted = (await run(['age', '--encrypt', '--armor', '-i', key], text)).trim()
      if (!encrypted.endsWith(ENCRYPTED_END)) throw cut(key)
      remember(encrypted, text)
      return encrypted
    },
    async decrypt(kept) {
      if (!isEncrypted(kept)) return kept
      if (!kept.endsWith(ENCRYPTED_END)) throw cut(key)
      return remember(kept, known.get(kept) ?? (await run(['age', '--decrypt', '-i', key], `${kept}\n`)))
    },
  }
}

/** Makes the key, unless there is one; an empty file is none. `first`: whether nothing was encrypted yet. Failure `store.key`: what was encrypted needs the one that is gone. */
export async function ensureKey(key: string, { first }: { first: boolean }): Promise<void> {
  if ((statSync(key, { throwIfNoEntry: false })?.size ?? 0) > 0) return
  if (!first) throw gone(key)
  const { stdout } = await execOk({ argv: ['age-keygen'], cwd: '/', timeoutMs: LONGEST_MS }, 'making a key')
  await writeDurable(key, stdout)
}

async function run(argv: readonly string[], input: string): Promise<string> {
  // An encrypted text is a third longer than what it is of, and has ends of its lines and a head of some hundred bytes.
  const mostOutput = 2 * Buffer.byteLength(input) + 4_096
  const { code, stdout, tail } = await exec({ argv, input, cwd: '/', timeoutMs: LONGEST_MS, mostOutput })
  if (code === 0) return stdout
  // What it printed besides may be a part of the secret.
  const said = tail.split('\n').find(line => line.startsWith('age:'))
  throw new Failure('store.key', 'a secret of the keeper cannot be opened', {
    why: said ?? `age ended with ${code}`,
    fix: `put the key back that belongs to this store: ${argv.at(-1)} (each backup of the keeper has both)`,
  })
}

const cut = (key: string): Failure =>
  new Failure('store.key', 'a secret of the keeper is not whole', {
    why: `the text that ${key} opens has lost its end`,
    fix: 'take the keeper’s store from a backup: `inn recover`',
  })

const gone = (key: string): Failure =>
  new Failure('store.key', 'the key of the keeper’s store is gone', {
    why: `${key} is not there, and the store holds secrets that only it opens`,
    fix: 'put it back (each backup of the keeper has it beside the store), or take the whole server back: `inn recover`',
  })
