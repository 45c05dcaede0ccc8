import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** When the last commit that a recovery replayed was made, as PostgreSQL wrote it into its log: milliseconds since 1970; null: it wrote none. */
export async function lastCommit(log: string): Promise<number | null> {
  const text = await readFile(join(log, 'current'), 'utf8').catch(() => '')
  const said = [...text.matchAll(/last completed transaction was at log time (.+)$/gm)].at(-1)?.[1]
  return said === undefined ? null : Date.parse(said)
}
