import type { RestorePorts } from '../restores/ports.ts'
import type { LentStore } from './store.ts'

/** What copies of one app to look at use, beyond what restores use. */
export interface CopyPorts extends RestorePorts {
  lent: LentStore
  /** Finds a port that nobody listens on and that is not in `taken`. */
  freePort(taken: ReadonlySet<number>): Promise<number>
}

/** The ports for copies of each app. */
export interface CopiesPorts extends Pick<CopyPorts, 'lent' | 'apps' | 'clock'> {
  of(app: string): CopyPorts
}
