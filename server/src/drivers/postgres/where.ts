import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { ClusterPlace } from '../../apps/databases/cluster.ts'
import { dataOf, majorOf, portOf, socketFolderOf } from './create.ts'
import { postgresAnswers } from './frozen.ts'

/** Where a cluster is and listens, also while its files do not exist; null: none was ever created. */
export async function expectedPlace({ at, run }: { at: string; run: string }): Promise<ClusterPlace | null> {
  const port = await portOf(at)
  if (port === null) return null
  const major = await majorOf(at)
  return {
    ...{ major, bin: `/usr/lib/postgresql/${major}/bin`, data: dataOf(at), port, user: 'innkeeper' },
    ...{ socketFolder: socketFolderOf(run), passFile: join(at, 'pgpass') },
  }
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
  // The eighth line of postmaster.pid is the state: starting, ready, stopping.
  const told = await readFile(join(dataOf(at), 'postmaster.pid'), 'utf8').catch(() => '')
  return told.split('\n')[7]?.trim() === 'ready'
}

/** Whether the cluster answers now. A frozen one has written that it is ready, and does not. */
export async function answersNow({ at, run }: { at: string; run: string }): Promise<boolean> {
  if (!(await acceptsConnections(at))) return false
  const port = await portOf(at)
  return port !== null && postgresAnswers({ host: socketFolderOf(run), port })
}
