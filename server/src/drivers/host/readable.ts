import { stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { exec } from './exec.ts'

const READ = 0o004
const ENTER = 0o001
/** Files that are named; more of them say nothing more. */
const MOST = 20
const LONGEST_MS = 20_000

/** Those of these files that users can read who are neither their owner nor of their group. A missing file is none. */
export async function readableByOthers(paths: readonly string[]): Promise<string[]> {
  const open = await Promise.all(
    paths.map(async path => ((await allows(path, READ)) && (await entered(dirname(path))) ? [path] : [])),
  )
  return open.flat()
}

/** Files below a folder of an app's that others can read, by their paths in it. No link is followed. */
export async function readableBelow(folder: string): Promise<string[]> {
  if (!(await allows(folder, ENTER)) || !(await entered(folder))) return []
  const found = await exec({
    argv: [
      'find',
      '.',
      '-type',
      'd',
      '!',
      '-perm',
      '-o=x',
      '-prune',
      '-o',
      '-type',
      'f',
      '-perm',
      '-o=r',
      '-print',
    ],
    ...{ cwd: folder, timeoutMs: LONGEST_MS, background: true },
  })
  return found.stdout
    .split('\n')
    .filter(line => line !== '')
    .slice(0, MOST)
}

const allows = async (path: string, mode: number): Promise<boolean> =>
  (((await stat(path).catch(() => null))?.mode ?? 0) & mode) !== 0

/** Whether others get into a folder: they must get into each one above it, too. */
async function entered(folder: string): Promise<boolean> {
  if (!(await allows(folder, ENTER))) return false
  return folder === dirname(folder) || entered(dirname(folder))
}
