import { createHash } from 'node:crypto'
import { posix } from 'node:path'
import { read } from './archive.ts'

/**
 * A digest of the files of an archive: their paths, contents, targets of links, and whether they can be run. The file
 * `without` has no part in it. The order of the entries and their times have none either.
 */
export async function digestOfFiles(archive: string, without: string): Promise<string> {
  const lines: string[] = []
  await read(archive, entry => {
    const path = posix.normalize(entry.path)
    if (entry.type === 'Directory' || path === without) return
    const content = createHash('sha256')
    entry.on('data', (chunk: Buffer) => void content.update(chunk))
    entry.on('end', () => {
      const runs = ((entry.mode ?? 0) & 0o100) !== 0
      lines.push(JSON.stringify([path, entry.type, entry.linkpath ?? '', runs, content.digest('hex')]))
    })
  })
  const whole = createHash('sha256')
  for (const line of lines.sort()) whole.update(`${line}\n`)
  return whole.digest('hex')
}
