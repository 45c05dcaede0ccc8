import type { Cluster, Login } from '../../apps/databases/cluster.ts'
import type { Machine, SpecPorts } from '../../apps/deploys/ports.ts'
import type { Archives, Carriers } from '../restores/ports.ts'
import type { Isolation } from './isolation.ts'
import type { DrillStore } from './store.ts'

export interface ByKit {
  /** Of the keeper's state that is there, milliseconds since 1970. */
  stateAt: number
  /** What serves by that state; null: it does not know the app. */
  release: string | null
  /** Whether the files of its releases are there. */
  releases: boolean
  secrets: Readonly<Record<string, string>>
  /** Labels of the cluster's backups. */
  backups: readonly string[]
}

/** Everything outside that drills touch. Nothing of it changes what serves: no supervisor, no edge, no swap of databases. */
export interface DrillPorts
  extends Archives,
    Pick<Carriers, 'copies' | 'scratch'>,
    SpecPorts,
    Pick<Machine, 'clock' | 'room' | 'database'> {
  cluster: Pick<Cluster, 'port' | 'place' | 'superuser'>
  drills: DrillStore
  isolation: Isolation
  /** What the recovery kit alone finds at a place. `into`: a folder of ours. Failure `backup.key`, `backup.place`. */
  byKit(order: { place: string; app: string; into: string; signal: AbortSignal }): Promise<ByKit>
  /** Reads every page of a database of a copy, tables against their indexes; what is wrong, in lines. Each page is read once. */
  checkPages(order: {
    as: Login
    database: string
    signal: AbortSignal
    say: (line: string) => void
  }): Promise<string[]>
}
