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
  /** An empty database there. */
  into: string
  /** What of it is brought by others. */
  keep: Kept
  /** Folder that PostgreSQL's user may write to, for the dump on its way. */
  scratch: string
  signal?: AbortSignal
  say: (line: string) => void
}

/** Where backups are, and what of them is written down. */
export interface Archives {
  points: PointStore
  physical: Physical
  snapshots: Snapshots
  /** Where backups are. */
  policy(): Promise<Policy>
}

/** What brings a database from one place to another. */
export interface Carriers {
  copies: ClustersBeside
  elsewhere: Elsewhere
  /** Copies a database from one server into an empty one of another; what only a superuser could make there is left out, and named. */
  transfer(order: Transfer): Promise<string[]>
  /** A folder for the database's user alone, for what is on its way. */
  scratch(copy: string): Promise<string>
  rename(from: string, to: string): Promise<void>
}

/** Everything outside that restores touch: instances are started again, and traffic is not theirs to move. */
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
