import type { DrillPorts } from './ports.ts'
import type { DrillStep } from './step.ts'

export type Of<K extends DrillStep['kind']> = Extract<DrillStep, { kind: K }>

/** What a level has proven. A level that finds something wrong throws a Failure. */
export interface Proof {
  detail: string
  unproven?: readonly string[]
  /** `skipped`: the level could not be tried on this machine. */
  state?: 'skipped'
}

/** Ends the sessions of a copy. A long query does not notice an abort signal, and a server waits for its clients before it stops. */
export function endSessions({ copies }: Pick<DrillPorts, 'copies'>, copy: string): void {
  const end = `select pg_terminate_backend(pid) from pg_stat_activity
                where backend_type = 'client backend' and pid <> pg_backend_pid()`
  copies.superuser(copy, 'postgres', query => query(end)).catch(() => {}) // The copy may not answer yet, or no more.
}
