import type { JobConfig } from '../../config/jobs.ts'

/** How late a moment may be and still count as on its time: a keeper that starts again takes seconds. */
export const ON_TIME_MS = 60_000
/** A moment that is later than this is not made up for. */
export const MADE_UP_MS = 86_400_000
/** Moments that are longer ago are not looked for. */
export const LOOK_BACK_MS = 7 * 86_400_000

/** What was decided of one moment, or, where it was missed with others before it, of all of them. */
export type Decision =
  | { moment: number; state: 'due' | 'waiting'; late: boolean }
  | { moment: number; state: 'skipped'; why: string }
  /** `first`: the earliest of them; `count`: how many they are. */
  | { moment: number; state: 'missed'; first: number; count: number }

export interface Asked {
  /** Up to when every moment was decided on. */
  decidedTo: number
  now: number
  /** The next moment of the schedule after another one; null: never. */
  next(after: number): number | null
  policy: Pick<JobConfig, 'overlap' | 'missed'>
  /** What goes on of this job. `waits`: a run that begins when that has ended. */
  active: { waits: boolean } | null
}

/**
 * What becomes of the moments that came since the last time. Of several the newest alone may run: what it does is what
 * the others would have done. A clock that goes back begins anew from where it is; moments that were decided on are
 * known by their rows.
 */
export function decide(asked: Asked): { decidedTo: number; decisions: Decision[] } {
  const { decidedTo, now, policy } = asked
  if (now < decidedTo) return { decidedTo: now, decisions: [] }
  const moments = momentsOf(asked)
  const newest = moments.at(-1)
  if (newest === undefined) return { decidedTo, decisions: [] }
  const late = now - newest > ON_TIME_MS
  const lost = late && (policy.missed === 'skip' || now - newest > MADE_UP_MS)
  const missed = lost ? moments : moments.slice(0, -1)
  return {
    decidedTo: newest,
    decisions: [...asMissed(missed), ...(lost ? [] : [meeting(newest, late, asked)])],
  }
}

function momentsOf({ decidedTo, now, next }: Asked): number[] {
  const moments: number[] = []
  for (let at = next(Math.max(decidedTo, now - LOOK_BACK_MS)); at !== null && at <= now; at = next(at))
    moments.push(at)
  return moments
}

const asMissed = (moments: readonly number[]): Decision[] =>
  moments.length === 0
    ? []
    : [{ moment: moments.at(-1)!, state: 'missed', first: moments[0]!, count: moments.length }]

/** What becomes of a moment that meets a run which is still going on. */
function meeting(moment: number, late: boolean, { active, policy }: Asked): Decision {
  if (active === null) return { moment, state: 'due', late }
  if (policy.overlap === 'skip') return { moment, state: 'skipped', why: 'the run before was still going on' }
  return active.waits
    ? { moment, state: 'skipped', why: 'another one waited already' }
    : { moment, state: 'waiting', late }
}

/** How one try of a run ended. */
export interface Ended {
  /** `lost`: its process went away without a word, as when the server does. `launch`: it could not be started. */
  how: 'exit' | 'signal' | 'timeout' | 'memory' | 'stopped' | 'lost' | 'launch'
  code: number | null
  signal: string | null
}

export type Verdict = { state: 'done' | 'stopped' | 'failed' } | { state: 'retrying'; retryAt: number }

const FIRST_MS = 30_000
const LONGEST_MS = 600_000

/** What becomes of a run after its `attempt`th try: it is tried again after 30 s, 1 min, 2 min … 10 min. */
export function verdict(
  { how, code }: Ended,
  { attempt, retries, now }: { attempt: number; retries: number; now: number },
): Verdict {
  if (how === 'stopped') return { state: 'stopped' }
  if (how === 'exit' && code === 0) return { state: 'done' }
  if (attempt > retries) return { state: 'failed' }
  return { state: 'retrying', retryAt: now + Math.min(FIRST_MS * 2 ** (attempt - 1), LONGEST_MS) }
}

/** How it ended, in words. */
export function endingOf(
  { how, code, signal }: Ended,
  { timeout, memory }: { timeout: string; memory: string },
): string {
  if (how === 'exit') return `it ended with ${code}`
  if (how === 'signal') return `${signal} ended it`
  if (how === 'timeout') return `it took longer than ${timeout}`
  if (how === 'memory') return `it took more than ${memory}`
  if (how === 'stopped') return 'it was stopped'
  if (how === 'launch') return 'it could not be started'
  return 'it was cut off: the server or the programs of Innkeeper ended'
}
