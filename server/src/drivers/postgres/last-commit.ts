import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** The time of the last commit that a recovery replayed, as PostgreSQL wrote it into its log; null: it wrote none. */
export async function lastCommit(log: string): Promise<string | null> {
  const text = await readFile(join(log, 'current'), 'utf8').catch(() => '')
  return [...text.matchAll(/last completed transaction was at log time (.+)$/gm)].at(-1)?.[1] ?? null
}
