import type { ClusterPlace, DatabaseAccess, Login } from '../../apps/databases/cluster.ts'
import type { Query } from '../../apps/databases/migrations.ts'
import type { Place } from '../places/place.ts'
import type { Physical, Target } from '../repositories/physical.ts'
import type { Progress } from '../repositories/snapshots.ts'

export interface CopyOrder {
  /** Of our own: small letters, digits and -, 12 long at most. */
  name: string
  place: Place
  target: Target
  /** Only these databases; null: all. */
  databases: readonly string[] | null
  /** On loopback; null: nobody reaches it over the network. */
  port: number | null
  /** Below the services in processor and disk. */
  background: boolean
  signal?: AbortSignal
  onProgress?: (progress: Progress) => void
}

/**
 * Port to restored copies of the cluster, each a server of its own beside the real one. None archives what it writes,
 * and none can be reached over the network but on the port that it was given.
 */
export interface ClustersBeside {
  /** Restores the files; what lay there under that name is gone. */
  fetch(physical: Physical, order: CopyOrder): Promise<{ label: string; bytes: number }>
  /** Starts it and waits until it reached its target. Failure `restore.target`: the log ended before. */
  start(name: string, signal?: AbortSignal): Promise<void>
  /** As superuser, where no app has made anything. */
  superuser<T>(
    name: string,
    database: 'postgres' | 'innkeeper',
    work: (query: Query) => Promise<T>,
  ): Promise<T>
  /**
   * As a role of this copy alone, which may read all that is in the database of the app, and what its owner may do:
   * what an app has made is read by nobody with more rights. `longestMs`: a statement that takes longer ends the session.
   */
  reading<T>(
    name: string,
    order: { access: DatabaseAccess; longestMs?: number },
    work: (query: Query) => Promise<T>,
  ): Promise<T>
  /** That role, for tools that sign in by themselves. */
  reader(name: string, access: DatabaseAccess): Promise<Login>
  /** The same, which may also use PostgreSQL's checks of pages. Failure `drill.unchecked`. */
  checker(name: string, access: DatabaseAccess): Promise<Login>
  place(name: string): Promise<ClusterPlace>
  /** Ends it and deletes it; nothing happens when there is none. */
  remove(name: string): Promise<void>
  list(): Promise<string[]>
}
