import type { Clock } from '../../kernel/clock.ts'
import type { Machine } from '../setup/machine.ts'
import type { Supervisor } from '../supervisor/supervisor.ts'
import type { Said } from './facts.ts'

/** The keeper's store as a file: beside a keeper that has it open, or while none does. */
export interface StoreFile {
  /** How many migrations were applied to it; null: there is none. */
  version(path: string): number | null
  /** Writes a whole copy of it that belongs to its owner alone, also after a power cut. */
  copy(from: string, to: string): void
  /** Puts such a copy in the place of a store that nobody has open. */
  put(copy: string, to: string): void
  /** What is under way in it, by its title; null: nothing. */
  busy(path: string): string | null
}

/** What an upgrade needs of the machine. */
export interface UpgradePorts {
  home: string
  clock: Clock
  machine: Machine
  supervisor: Pick<Supervisor, 'stop' | 'start' | 'state'>
  store: StoreFile
  /** Asks the keeper of this home. Rejects when none answers. */
  ask(): Promise<Said>
}
