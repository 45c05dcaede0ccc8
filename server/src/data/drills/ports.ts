import type { Cluster, Login } from '../../apps/databases/cluster.ts'
import type { Machine, SpecPorts } from '../../apps/deploys/ports.ts'
import type { Place } from '../places/place.ts'
import type { Branch } from '../restores/lineage.ts'
import type { Archives, Carriers } from '../restores/ports.ts'
import type { Isolation } from './isolation.ts'
import type { DrillStore } from './store.ts'

export interface ByKit {
  /** When the keeper's state at the place was taken, in milliseconds since 1970. */
  stateAt: number
  /** The release that serves according to that state; null: it does not know the app. */
  release: string | null
  /** Whether the files of the app's releases are at the place. */
  releases: boolean
  secrets: Readonly<Record<string, string>>
  /** Labels of the cluster's backups. */
  backups: readonly string[]
}

/** Everything outside of this noun that drills of one app use. Nothing of it can change what serves: no supervisor, no edge, no swap of databases. */
export interface DrillPorts
  extends Archives,
    Pick<Carriers, 'copies' | 'scratch'>,
    SpecPorts,
    Pick<Machine, 'clock' | 'room' | 'database'> {
  cluster: Pick<Cluster, 'port' | 'place' | 'superuser'>
  drills: DrillStore
  /** The timelines of the cluster, oldest first. */
  branches(): Promise<Branch[]>
  isolation: Isolation
  /** What the recovery kit alone finds at a place. `into`: a scratch folder. Failure `backup.key`, `backup.place`. */
  byKit(order: { place: Place; app: string; into: string; signal: AbortSignal }): Promise<ByKit>
  /** Reads every page of a copy's database once, and checks tables against their indexes. Returns what is wrong, in lines. */
  checkPages(order: {
    as: Login
    database: string
    signal: AbortSignal
    say: (line: string) => void
  }): Promise<string[]>
}

/** The ports of drills of each app. */
export interface DrillsPorts extends Pick<DrillPorts, 'apps' | 'releases' | 'drills' | 'clock'> {
  of(app: string): DrillPorts
}
