import { readlink, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Loss } from '../../apps/databases/cluster.ts'
import { dataOf } from './create.ts'
import type { Options } from './start.ts'
import { expectedPlace, presentPlace } from './where.ts'

type Asked = Pick<Options, 'at' | 'run' | 'service' | 'supervisor'>

/** How the files of a cluster are lost; null: they are there, or there never was a cluster. */
export async function lossOf({ at, run, service, supervisor }: Asked): Promise<Loss | null> {
  const expected = await expectedPlace({ at, run })
  if (expected !== null && (await presentPlace({ at, run })) !== null) return null
  const state = await supervisor.state(service)
  // The service goes first when a cluster is removed: one that is left had its records, and lost them with all else.
  if (state === null) return expected === null ? null : { server: 'waits' }
  if (state.pid === null) return { server: state.wanted ? 'ended' : 'stopped' }
  // PostgreSQL works in its data folder, so what it sees there are the files that it really has.
  const own = `/proc/${state.pid}/cwd`
  const folder = await readlink(own).catch(() => '/')
  if (folder === '/') return { server: 'ended' }
  const problem = await stat(join(own, 'PG_VERSION')).then(
    () => null,
    (error: NodeJS.ErrnoException) => error.code ?? '',
  )
  if (problem === null) return folder === dataOf(at) ? null : { server: 'elsewhere', data: folder }
  return { server: problem === 'ENOENT' ? 'runs' : 'ended' }
}

/**
 * Stops a server whose files were deleted. It holds them open, so it would go on to confirm commits, and each is lost
 * when it ends. PostgreSQL looks for its files once a minute and then ends itself for the same reason; an outage that
 * everybody sees is better than orders that nobody has. Files that were moved are not lost: their server goes on.
 */
export async function endLost(asked: Asked): Promise<void> {
  if ((await lossOf(asked))?.server === 'runs') await asked.supervisor.stop(asked.service)
}
