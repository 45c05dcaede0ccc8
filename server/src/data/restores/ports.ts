import type { Cluster, Login } from '../../apps/databases/cluster.ts'
import type { Accounts, Machine, Programs, Records, Sockets } from '../../apps/deploys/ports.ts'
import type { PointStore } from '../backups/store.ts'
import type { Policy } from '../places/policy.ts'
import type { Physical } from '../repositories/physical.ts'
import type { Snapshots } from '../repositories/snapshots.ts'
import type { Kept } from './belongings.ts'
import type { ClustersBeside } from './clusters-beside.ts'
import type { Elsewhere } from './elsewhere.ts'
import type { RestoreStore } from './store.ts'

export interface Transfer {
  from: Login
  database: string
  to: Login
  /** An empty database at `to`. */
  into: string
  /** What the owner cannot restore from the dump. */
  keep: Kept
  /** Folder that PostgreSQL's user may write to, for the dump between the two servers. */
  scratch: string
  signal?: AbortSignal
  say: (line: string) => void
}

/** The backups, and the store of restore points. */
export interface Archives {
  points: PointStore
  physical: Physical
  snapshots: Snapshots
  /** The policy for backups: it names the places. */
  policy(): Promise<Policy>
}

/** What brings a database from one server to another. */
export interface Carriers {
  copies: ClustersBeside
  elsewhere: Elsewhere
  /** Copies a database into an empty one on another server. Returns what was left out because only a superuser could create it. */
  transfer(order: Transfer): Promise<string[]>
  /** Makes a scratch folder that only PostgreSQL's user can enter. */
  scratch(copy: string): Promise<string>
  rename(from: string, to: string): Promise<void>
}

/** Everything outside of this noun that restores use. A restore starts instances again, but never moves traffic. */
export interface RestorePorts
  extends Archives,
    Carriers,
    Records,
    Omit<Programs, 'run'>,
    Pick<Accounts, 'account'>,
    Sockets,
    Omit<Machine, 'random'> {
  restores: RestoreStore
  cluster: Cluster
}
