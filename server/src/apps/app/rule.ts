import type { AppStatus } from './wire.ts'

/** What visitors had of a service in the last minute, as the edge counted it; checks of the keeper are not among them. */
export interface Visited {
  service: string
  requests: number
  /** Answers of 500 and above, and no answer at all. */
  errors: number
}

/** An instance that does not stay up. */
export interface Unsteady {
  /** `api 1` */
  instance: string
  /** How often it ended or was replaced in the last two minutes. */
  ends: number
}

export interface Verdict {
  state: Exclude<AppStatus['state'], 'serving' | 'stopped' | 'new'>
  reason: string
}

/** Fewer failures say nothing: a scanner finds a broken page, or one request hit a restart. */
const FEWEST_ERRORS = 5
/** Part of the requests from which visitors count as badly served. */
const BAD_PART = 0.1
/** Part from which nobody gets what they came for. */
const DEAD_PART = 0.9
const FEWEST_OF_DEAD = 10
/** One end may be an accident, two a bad moment. */
const FEWEST_ENDS = 3

/** What visitors' requests say of an app whose health is well; null: nothing bad. The worst service is told. */
export function ofVisitors(all: readonly Visited[]): Verdict | null {
  const [worst] = all
    .filter(({ errors, requests }) => errors >= FEWEST_ERRORS && errors >= requests * BAD_PART)
    .toSorted((a, b) => b.errors / b.requests - a.errors / a.requests)
  if (worst === undefined) return null
  const { service, requests, errors } = worst
  return {
    state: errors >= FEWEST_OF_DEAD && errors >= requests * DEAD_PART ? 'down' : 'degraded',
    reason: `${Math.round((errors / requests) * 100)} % of ${requests} requests to ${service} failed in the last minute`,
  }
}

/** What instances that end again and again say of an app; null: they stay up. */
export function ofEnds(all: readonly Unsteady[]): Verdict | null {
  const [worst] = all.filter(({ ends }) => ends >= FEWEST_ENDS).toSorted((a, b) => b.ends - a.ends)
  return worst === undefined
    ? null
    : {
        state: 'degraded',
        reason: `${worst.instance} ended or was replaced ${worst.ends} times in the last two minutes`,
      }
}
