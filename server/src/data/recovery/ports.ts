import type { Machine } from '../../apps/deploys/ports.ts'
import type { RestoresPorts } from '../restores/ports.ts'

/** What recovery uses, beyond what restores of each app use. */
export interface RecoveryPorts extends RestoresPorts, Pick<Machine, 'room'> {
  /** The time of the last commit that a copy's recovery replayed, as its log has it; null: the log has none. */
  lastCommit(app: string, copy: string): Promise<number | null>
}
