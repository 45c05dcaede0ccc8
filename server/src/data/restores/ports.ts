import type { Cluster } from '../../apps/databases/cluster.ts'
import type { Accounts, Machine, Programs, Records, Sockets } from '../../apps/deploys/ports.ts'
import type { PointStore } from '../backups/store.ts'
import type { Policy } from '../places/policy.ts'
import type { Physical } from '../repositories/physical.ts'
import type { Snapshots } from '../repositories/snapshots.ts'
import type { ClustersBeside } from './clusters-beside.ts'
import type { Elsewhere } from './elsewhere.ts'
import type { RestoreStore } from './store.ts'

/** The backups of one app, and the store of its restore points. */
export interface Archives {
  app: string
  points: PointStore
  physical: Physical
  snapshots: Snapshots
  /** The policy for backups of the app: it names its places. */
  policy(): Promise<Policy>
}

/** What brings data from a backup to where it is needed. */
export interface Carriers {
  copies: ClustersBeside
  elsewhere: Elsewhere
  /** Makes a scratch folder that only PostgreSQL's user can enter. */
  scratch(copy: string): Promise<string>
  rename(from: string, to: string): Promise<void>
  /** Names of all that lies in the folder of the app's cluster; empty: it has none. */
  inCluster(): Promise<string[]>
}

/** Everything outside of this noun that restores of one app use. Instances are stopped and started by steps of deploys. */
export interface RestorePorts
  extends Archives,
    Carriers,
    Records,
    Omit<Programs, 'run'>,
    Pick<Accounts, 'account'>,
    Pick<Sockets, 'probe'>,
    Omit<Machine, 'random'> {
  restores: RestoreStore
  cluster: Cluster
}

/** The ports of restores of each app. */
export interface RestoresPorts extends Pick<RestorePorts, 'restores' | 'clock'> {
  /** Apps that have a cluster, or had one whose files are gone. */
  clusters(): Promise<string[]>
  of(app: string): RestorePorts
}
