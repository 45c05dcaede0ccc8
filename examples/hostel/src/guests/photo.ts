import { randomUUID } from 'node:crypto'
import { mkdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Refusal } from '../http/refusal.ts'

export const PHOTO_LIMIT = '5mb'

const kinds = [
  { extension: 'jpg', start: 'ffd8ff', at: 0 },
  { extension: 'png', start: '89504e470d0a1a0a', at: 0 },
  { extension: 'webp', start: '57454250', at: 8 },
]

/** The declared type is the sender's word; the first bytes are not. */
export function kindOf(bytes: Buffer): string | undefined {
  return kinds.find(({ start, at }) => bytes.subarray(at, at + start.length / 2).toString('hex') === start)?.extension
}

/** Returns the name of the file in `folder`. It appears there whole or not at all. */
export async function keepPhoto(folder: string, bytes: unknown): Promise<string> {
  const kind = Buffer.isBuffer(bytes) ? kindOf(bytes) : undefined
  if (!kind) throw new Refusal(415, 'not_a_photo', 'Send a JPEG, PNG or WebP picture.')
  await mkdir(folder, { recursive: true })
  const name = `${randomUUID()}.${kind}`
  await writeFile(join(folder, `${name}.part`), bytes as Buffer)
  await rename(join(folder, `${name}.part`), join(folder, name))
  return name
}
