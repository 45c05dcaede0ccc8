import type { Physical } from '../backups/physical.ts'
import type { Policy } from '../backups/policy.ts'
import type { Snapshots } from '../backups/snapshots.ts'
import type { PointStore } from '../backups/store.ts'
import type { Cluster, ClusterPlace } from '../databases/cluster.ts'
import type { DeployPorts } from '../deploys/ports.ts'
import type { Copies } from './copies.ts'
import type { Elsewhere } from './elsewhere.ts'
import type { RestoreStore } from './store.ts'

export interface Transfer {
  from: ClusterPlace
  database: string
  to: ClusterPlace
  /** An empty database there. */
  into: string
  /** Folder that PostgreSQL's user may write to, for the dump on its way. */
  scratch: string
  signal?: AbortSignal
  say: (line: string) => void
}

/** Everything outside that restores touch. */
export interface RestorePorts {
  deploys: DeployPorts
  points: PointStore
  restores: RestoreStore
  cluster: Cluster
  physical: Physical
  snapshots: Snapshots
  copies: Copies
  elsewhere: Elsewhere
  /** Where backups are. */
  policy(): Promise<Policy>
  /** Copies a database from one server into an empty one of another. */
  transfer(order: Transfer): Promise<void>
  /** A folder for the database's user alone, for what is on its way. */
  scratch(copy: string): Promise<string>
  rename(from: string, to: string): Promise<void>
}
