import type { Cluster, Login } from '../../apps/databases/cluster.ts'
import type { Records } from '../../apps/deploys/ports.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { Policy } from '../places/policy.ts'
import type { PlacePorts } from '../repositories/ready.ts'
import type { Snapshots } from '../repositories/snapshots.ts'
import type { RetentionStore } from './store.ts'

/** What a file of rows holds. */
export interface Contents {
  rows: number
  bytes: number
  sha256: string
}

/** The files that rows pass through between the database and a place. */
export interface RowFiles {
  /**
   * Writes the result of a query into a file of root's, in the text format of COPY, by a session that may only read. Its
   * identifiers must be quoted already. Failure `retention.read`.
   */
  extract(order: {
    from: Login
    database: string
    select: string
    settings: Readonly<Record<string, string>>
    into: string
    /** Folder that PostgreSQL's user may write to meanwhile. */
    via: string
    signal: AbortSignal
  }): Promise<void>
  /** Writes a small text, or reads one. */
  note(path: string, text: string): Promise<void>
  noted(path: string): Promise<string>
  /** Reads a file, and counts and hashes it. */
  look(path: string): Promise<Contents>
  lines(path: string): AsyncIterable<string>
  /** Makes the folder empty, whatever was there; only root enters it. */
  empty(folder: string): Promise<void>
}

/** What retention in one app uses. */
export interface RetentionPorts extends Pick<Records, 'apps' | 'releases'> {
  app: string
  cluster: Cluster
  /** Makes places ready for archives, which the write-ahead log has nothing to do with. */
  places: PlacePorts
  /** Where archives lie: apart from the backups, whose own retention sees nothing of them. */
  archives: Snapshots
  policy(): Promise<Policy>
  rowFiles: RowFiles
  /** Folder of the home for the files. */
  scratch: string
  retention: RetentionStore
  random(length: number): string
  clock: Clock
}

/** The ports of each app. */
export interface RetentionsPorts extends Pick<RetentionPorts, 'retention' | 'clock' | 'apps' | 'releases'> {
  of(app: string): RetentionPorts
}
