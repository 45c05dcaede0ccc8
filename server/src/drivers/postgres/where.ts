import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { ClusterPlace } from '../../apps/databases/cluster.ts'
import { installed, portOf, socketFolderOf } from './create.ts'

/** Where the cluster of a home is and listens, also while its files do not exist; null: none was ever created. */
export async function expectedPlace({ at, run }: { at: string; run: string }): Promise<ClusterPlace | null> {
  const port = await portOf(at)
  if (port === null) return null
  const { major, bin } = await installed(at)
  const data = join(at, String(major))
  const socketFolder = socketFolderOf(run)
  return { major, bin, data, socketFolder, port, user: 'innkeeper', passFile: join(at, 'pgpass') }
}

/** The same; null when its files do not exist. `since`: when it was created, in milliseconds since 1970. */
export async function presentPlace(options: {
  at: string
  run: string
}): Promise<(ClusterPlace & { since: number }) | null> {
  const where = await expectedPlace(options)
  const made = where === null ? null : await stat(join(where.data, 'PG_VERSION')).catch(() => null)
  return where === null || made === null ? null : { ...where, since: made.mtimeMs }
}

/** Whether the cluster takes new connections. */
export async function acceptsConnections(at: string): Promise<boolean> {
  // The eighth line of postmaster.pid is the state: starting, ready, stopping. A smart shutdown may take hours.
  const { major } = await installed(at)
  const told = await readFile(join(at, String(major), 'postmaster.pid'), 'utf8').catch(() => '')
  return told.split('\n')[7]?.trim() === 'ready'
}
