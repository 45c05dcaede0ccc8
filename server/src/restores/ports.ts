import type { Physical } from '../backups/physical.ts'
import type { Place } from '../backups/place.ts'
import type { Snapshots } from '../backups/snapshots.ts'
import type { PointStore } from '../backups/store.ts'
import type { Cluster, ClusterPlace } from '../databases/cluster.ts'
import type { DeployPorts } from '../deploys/ports.ts'
import type { Copies } from './copies.ts'
import type { RestoreStore } from './store.ts'

/** Everything outside that restores touch. */
export interface RestorePorts {
  deploys: DeployPorts
  points: PointStore
  restores: RestoreStore
  cluster: Cluster
  physical: Physical
  snapshots: Snapshots
  copies: Copies
  places(): Promise<Place[]>
  /** Copies a database from one server into an empty one of another. */
  transfer(order: {
    from: ClusterPlace
    database: string
    to: ClusterPlace
    into: string
    scratch: string
    signal?: AbortSignal
    say: (line: string) => void
  }): Promise<void>
  /** A folder for the database's user alone, for what is on its way. */
  scratch(copy: string): Promise<string>
  rename(from: string, to: string): Promise<void>
}
