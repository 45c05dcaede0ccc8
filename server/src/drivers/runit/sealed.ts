import { readFile } from 'node:fs/promises'
import type { Seal } from '../../kernel/seal.ts'
import { writeDurable } from '../host/files.ts'

/** Writes a text that lies on the disk as sealed, unless that is what the file holds. Resolves with whether it was written. */
export async function writeSealed(path: string, text: string, seal: Seal): Promise<boolean> {
  const kept = await readFile(path, 'utf8').catch(() => null)
  if (kept !== null && (await seal.open(kept.trim()).catch(() => null)) === text) return false
  await writeDurable(path, `${await seal.seal(text)}\n`)
  return true
}
