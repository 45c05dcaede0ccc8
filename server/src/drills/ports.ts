import type { ClusterPlace } from '../databases/cluster.ts'
import type { RestorePorts } from '../restores/ports.ts'
import type { Isolation } from './isolation.ts'
import type { DrillStore } from './store.ts'

/** Everything outside that drills touch: what restores do, and these. */
export interface DrillPorts extends Omit<RestorePorts, 'restores' | 'transfer' | 'rename'> {
  drills: DrillStore
  isolation: Isolation
  /** Reads every page of a database, tables against their indexes; what is wrong, in lines. Each page is read once. */
  checkPages(order: {
    place: ClusterPlace
    database: string
    signal: AbortSignal
    say: (line: string) => void
  }): Promise<string[]>
}
