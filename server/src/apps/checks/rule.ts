import type { HealthConfig, ServiceConfig } from '../../config/config.ts'
import type { InstanceState } from '../app/wire.ts'

/** What is known of the process of an instance. Times are milliseconds since 1970. */
export interface Seen {
  /** null: no process runs. */
  pid: number | null
  startedAt: number
  /** When a check was last answered well; null: never yet. */
  goodAt: number | null
  /** Checks that failed since then. */
  bad: number
  /** Whether it took the place of a process of the same release, so that nobody waited for it to be ready. */
  again: boolean
}

/** A little less than `interval` × `retries`, so that the edge has been told when that time is over. */
const SHARE = 0.9

/** The state of an instance. It fails when checks failed and no good answer came for `interval` × `retries`. */
export function stateOf(seen: Seen, health: HealthConfig, now: number): InstanceState {
  if (seen.pid === null) return 'down'
  const waited = seen.goodAt === null ? now - seen.startedAt : now - seen.goodAt
  const patience = seen.goodAt === null ? health.startPeriod : health.interval * health.retries * SHARE
  if (seen.bad > 0 && waited >= patience) return 'failing'
  return seen.goodAt === null ? 'starting' : 'ready'
}

interface Candidate {
  state: InstanceState
  again: boolean
}

/** Which instances of one service and colour the edge is to leave out: none, when no other one is well. */
export function leftOut<T extends Candidate>(group: readonly T[]): T[] {
  if (!group.some(one => one.state === 'ready')) return []
  return group.filter(
    one => one.state === 'failing' || one.state === 'down' || (one.state === 'starting' && one.again),
  )
}

/** What was done for a slot before. */
export interface Care {
  /** Replacements in a row that did not help for long. */
  times: number
  at: number
}

export interface Patient {
  state: InstanceState
  restart: ServiceConfig['restart']
  care: Care
  /** Since when it is failing, or ready. */
  since: number
  overMemory: boolean
}

export type Why = 'failing' | 'memory'

/** Of a service that says `restart: false`: it is replaced for its memory all the same. */
const DEFAULT_WAIT = { after: 10_000, longest: 300_000 }

/** The waits between replacements of an instance, in milliseconds. */
export const waits = (restart: ServiceConfig['restart']) => (restart === false ? DEFAULT_WAIT : restart)

/** The wait before the next replacement: it doubles each time, up to the longest. */
export const waitOf = (restart: ServiceConfig['restart'], times: number): number => {
  const { after, longest } = waits(restart)
  return Math.min(after * 2 ** times, longest)
}

/** Why an instance is to be replaced now; null: it is not. */
export function replaceNow({ state, restart, care, since, overMemory }: Patient, now: number): Why | null {
  if (state === 'failing' && restart !== false)
    return now - Math.max(since, care.at) >= waitOf(restart, care.times) ? 'failing' : null
  if (state !== 'ready' || !overMemory) return null
  // The first time at once. A limit that is too small for the app must not start it again without end.
  return care.times === 0 || now - care.at >= waitOf(restart, care.times) ? 'memory' : null
}
