import type { Query } from '../../apps/databases/migrations.ts'
import type { StepContext } from '../../engine/run.ts'
import type { Both } from './rule.ts'
import type { Names, RestoreStep } from './step.ts'

type Of<K extends RestoreStep['kind']> = Extract<RestoreStep, { kind: K }>

/** The database of an app at its server, where restored data is put beside, compared and swapped in. */
export interface Target {
  /** Loads the restored data into a new database beside. Returns what a person should know about it. */
  fill(step: Of<'restore.fill'>, context: StepContext): Promise<string | void>
  /** Counts both sides: the source and the restored database. */
  both(step: Of<'restore.verify'>, context: StepContext): Promise<Both>
  /** Exchanges both databases; does nothing when it was done already. */
  swap(names: Pick<Names, 'fresh' | 'aside'>): Promise<void>
  drop(database: string): Promise<void>
  /** Connects to one of the databases, for as long as `work` takes. */
  query<T>(database: string, work: (query: Query) => Promise<T>): Promise<T>
}
