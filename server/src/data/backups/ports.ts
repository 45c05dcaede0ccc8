import type { AppStore } from '../../apps/app/store.ts'
import type { Cluster } from '../../apps/databases/cluster.ts'
import type { ReleaseStore } from '../../apps/releases/store.ts'
import type { Home } from '../../config/home.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { Account } from '../../servers/confinement/account.ts'
import type { BucketPlace, Place } from '../places/place.ts'
import type { Policy } from '../places/policy.ts'
import type { Physical } from '../repositories/physical.ts'
import type { Finding, Snapshots } from '../repositories/snapshots.ts'
import type { PointStore } from './store.ts'

/** Everything outside that backups touch. */
export interface BackupPorts {
  home: Home
  apps: AppStore
  releases: ReleaseStore
  points: PointStore
  cluster: Cluster
  physical: Physical
  snapshots: Snapshots
  clock: Clock
  /** What all apps ask for, as they are now. */
  policy(): Promise<Policy>
  /** Puts, reads, lists and deletes as backups will; what does not work as it must. */
  checkBucket(place: BucketPlace): Promise<Finding[]>
  /** How many things were found wrong at a place when all of it was read last; null: it never was. */
  verified: {
    note(place: Place, findings: number): Promise<void>
    last(place: Place): Promise<number | null>
  }
  /** Places that were ready once. */
  known: { has(place: Place): Promise<boolean>; add(place: Place): Promise<void> }
  /** The user that PostgreSQL runs as; null: ours. */
  postgresAccount(): Promise<Account | null>
  /** Writes a consistent copy of the keeper's own state into a folder. */
  copyKeeper(into: string): Promise<void>
  /** What dumps the database at a URL, with a tool of its own major. Failure `backup.pg-dump`. */
  dumpOf(url: string): Promise<{ argv: readonly string[]; env: Readonly<Record<string, string>> }>
  /** Writes what a Redis holds now into a file, and reads the file again. Failure `backup.redis`. */
  redisSnapshot(order: { port: number; password: string; file: string; signal: AbortSignal }): Promise<void>
  /** On the disk of a folder; null: it is not there yet. */
  freeBytes(path: string): Promise<number | null>
  files: {
    exists(path: string): Promise<boolean>
    folder(path: string, mode?: number): Promise<void>
    remove(path: string): Promise<void>
    /** Paths of all files below a folder; none when it is not there. */
    tree(path: string): Promise<string[]>
  }
}
