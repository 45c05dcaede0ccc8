import type { Physical, Target } from '../backups/physical.ts'
import type { Place } from '../backups/place.ts'
import type { Progress } from '../backups/snapshots.ts'
import type { ClusterPlace } from '../databases/cluster.ts'
import type { Query } from '../databases/migrations.ts'

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
export interface Copies {
  /** Restores the files; what lay there under that name is gone. */
  fetch(physical: Physical, order: CopyOrder): Promise<{ label: string; bytes: number }>
  /** Starts it and waits until it reached its target. Failure `restore.target`: the log ended before. */
  start(name: string, signal?: AbortSignal): Promise<void>
  /** As superuser. */
  query<T>(name: string, database: string, work: (query: Query) => Promise<T>): Promise<T>
  place(name: string): Promise<ClusterPlace>
  /** Ends it and deletes it; nothing happens when there is none. */
  remove(name: string): Promise<void>
  list(): Promise<string[]>
}
