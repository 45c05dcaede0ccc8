import { readFile } from 'node:fs/promises'
import type { Cipher } from '../../kernel/cipher.ts'
import { writeDurable } from '../host/files.ts'

/** Writes a text that lies on the disk as encrypted, unless that is what the file holds. Resolves with whether it was written. */
export async function writeEncrypted(path: string, text: string, cipher: Cipher): Promise<boolean> {
  const kept = await readFile(path, 'utf8').catch(() => null)
  if (kept !== null && (await cipher.decrypt(kept.trim()).catch(() => null)) === text) return false
  await writeDurable(path, `${await cipher.encrypt(text)}\n`)
  return true
}
