import type { ClusterPlace, DatabaseAccess, Login } from '../../apps/databases/cluster.ts'
import type { Query } from '../../apps/databases/migrations.ts'
import type { Place } from '../places/place.ts'
import type { Physical, Target } from '../repositories/physical.ts'
import type { Progress } from '../repositories/snapshots.ts'

export interface CopyOrder {
  /** Name of the copy: small letters, digits and -, at most 12. */
  name: string
  place: Place
  target: Target
  /** Folders that the WAL was streamed to: segments that were not archived yet come from there. */
  received?: readonly string[]
  /** Its port on loopback; null: it does not listen on the network. */
  port: number | null
  /** Run with lower priority for processor and disk than the services. */
  background: boolean
  /** Whether it takes the place of the cluster afterwards. */
  replaces: boolean
  signal?: AbortSignal
  onProgress?: (progress: Progress) => void
}

/**
 * Port to restored copies of an app's cluster, each a server of its own beside the real one. A copy does not archive its
 * WAL, and is reached over the network only on the port in its order.
 */
export interface ClustersBeside {
  /** Restores the files of a copy. An older copy of that name is removed. */
  fetch(physical: Physical, order: CopyOrder): Promise<{ label: string; bytes: number }>
  /** Starts a copy and waits until it has reached its target. Failure `restore.target`: the WAL ended before it. */
  start(name: string, signal?: AbortSignal): Promise<void>
  /**
   * Stops a copy that takes the place of the cluster, without anything that only the copy needed, and writes its files to
   * the disk. Resolves with its data folder, and the subscriptions that were disabled: they would go on at another moment
   * than the one at which their publisher is.
   */
  settle(name: string): Promise<{ data: string; disabled: string[] }>
  /** Connects as superuser to a database in which no app could create anything. */
  superuser<T>(name: string, database: 'postgres', work: (query: Query) => Promise<T>): Promise<T>
  /**
   * Connects as a role that exists only in this copy. It may read everything in the app's database and do what its owner
   * may: no role with more rights reads objects of an app. `longestMs`: a longer statement ends the session.
   */
  reading<T>(
    name: string,
    order: { access: DatabaseAccess; longestMs?: number },
    work: (query: Query) => Promise<T>,
  ): Promise<T>
  /** The login of the role of `reading`, for tools that connect themselves. */
  reader(name: string, access: DatabaseAccess): Promise<Login>
  /** The same login, which may also check pages with amcheck. Failure `drill.unchecked`. */
  checker(name: string, access: DatabaseAccess): Promise<Login>
  place(name: string): Promise<ClusterPlace>
  /** Stops a copy and deletes it; does nothing when there is none. */
  remove(name: string): Promise<void>
  list(): Promise<string[]>
}
