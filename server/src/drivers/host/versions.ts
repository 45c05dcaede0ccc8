import { exec } from './exec.ts'

/** Versions of the tools that write backups, as they say them themselves; `unknown` when one says none. */
export async function toolVersions(): Promise<Record<string, string>> {
  const ask = async (argv: readonly string[]) =>
    /\d+(\.\d+)+/.exec((await exec({ argv, timeoutMs: 10_000 })).stdout)?.[0] ?? 'unknown'
  return { pgbackrest: await ask(['pgbackrest', 'version']), restic: await ask(['restic', 'version']) }
}
