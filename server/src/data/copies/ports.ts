import type { RestorePorts } from '../restores/ports.ts'
import type { LentStore } from './store.ts'

/** What copies to look at use, beyond what restores use. */
export interface CopyPorts extends RestorePorts {
  lent: LentStore
  /** Finds a port that nobody listens on and that is not in `taken`. */
  freePort(taken: ReadonlySet<number>): Promise<number>
}
