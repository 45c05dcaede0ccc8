import type { Query } from '../../apps/databases/migrations.ts'
import type { StepContext } from '../../engine/run.ts'
import type { Both } from './rule.ts'
import type { Names, RestoreStep } from './step.ts'

type Of<K extends RestoreStep['kind']> = Extract<RestoreStep, { kind: K }>

/** The database of an app at its server: where its data is put beside, compared and swapped in. */
export interface Target {
  /** Puts the restored data into a new database beside. Answers what a person should know of it. */
  fill(step: Of<'restore.fill'>, context: StepContext): Promise<string | void>
  /** What was to come back, and what did. */
  both(step: Of<'restore.verify'>, context: StepContext): Promise<Both>
  /** Both databases change places. Nothing happens when they have done so already. */
  swap(names: Pick<Names, 'fresh' | 'aside'>): Promise<void>
  drop(database: string): Promise<void>
  /** On one of its databases. */
  query<T>(database: string, work: (query: Query) => Promise<T>): Promise<T>
}
