import type { Content, Limit, Outcome } from './channel.ts'

/** How long one request may take, and how long its dispatch belongs to whoever began it. */
export const SEND_MS = 15_000
export const LEASE_MS = 30_000

const SECOND = 1_000
const MINUTE = 60 * SECOND
const FIRST_RETRY_MS = SECOND
/** Longest pause while a provider is away. */
const LONGEST_RETRY_MS = 5 * MINUTE
/** Longest pause while a person has to act: a token that was revoked does not come back by itself. */
const LONGEST_REFUSED_MS = 15 * MINUTE
/** A provider that asks for more is asked again after this, because its clock or ours may be wrong. */
const LONGEST_OBEYED_MS = 60 * MINUTE
const MOST_IN_A_DIGEST = 500
const SHOWN_OF_A_DIGEST = 15

/** A dispatch that has not ended: one message, or several as one. */
export interface OpenDispatch {
  id: number
  nextAt: number
  /** Until when somebody has it in hand; null: nobody has. */
  leaseUntil: number | null
}

export interface Queue {
  open: OpenDispatch | null
  /** Messages that are in no dispatch yet. */
  waiting: number
  digests: boolean
  /** The address takes nothing (see `bounced`). */
  suppressed: boolean
}

export type Next =
  | { do: 'rest' }
  | { do: 'wait'; until: number }
  | { do: 'retry'; dispatch: number }
  | { do: 'send'; most: number }

/** What a channel does next. One dispatch at a time, so that messages keep their order. */
export function next(queue: Queue, budget: Budget, now: number): Next {
  const { open, waiting, digests, suppressed } = queue
  if (suppressed || (open === null && waiting === 0)) return { do: 'rest' }
  if (open !== null) {
    const due = Math.max(dueAt(open, now), budget.at)
    return due > now ? { do: 'wait', until: due } : { do: 'retry', dispatch: open.id }
  }
  if (budget.at > now) return { do: 'wait', until: budget.at }
  return { do: 'send', most: digests && waiting > budget.free ? MOST_IN_A_DIGEST : 1 }
}

/**
 * What the letters of a channel do next. One that fails holds up nobody but whoever it is for, and those that were never
 * tried go first: the first of them that goes well shows that the provider is back.
 */
export function nextLetter(
  { open, waiting }: Pick<Queue, 'open' | 'waiting'>,
  budget: Budget,
  now: number,
): Next {
  if (open === null && waiting === 0) return { do: 'rest' }
  const due = waiting > 0 ? now : dueAt(open!, now)
  if (Math.max(due, budget.at) > now) return { do: 'wait', until: Math.max(due, budget.at) }
  return waiting > 0 ? { do: 'send', most: 1 } : { do: 'retry', dispatch: open!.id }
}

const dueAt = ({ nextAt, leaseUntil }: OpenDispatch, now: number): number =>
  Math.max(clamped(nextAt, now, LONGEST_OBEYED_MS), clamped(leaseUntil ?? 0, now, LEASE_MS))

/** A moment further ahead than it can have been set was set before the clock was put back: it counts as reached. */
const clamped = (at: number, now: number, longest: number): number => (at > now + longest * 1.25 ? now : at)

/** How many requests may be made now, and when the next one may be. */
export interface Budget {
  free: number
  at: number
}

/** `past`: when requests of each scope were begun. */
export function budget(
  limits: readonly Limit[],
  past: (scope: string) => readonly number[],
  now: number,
): Budget {
  let free = Number.POSITIVE_INFINITY
  let at = now
  for (const { scope, most, perMs } of limits) {
    const recent = past(scope)
      .filter(time => time > now - perMs && time <= now)
      .sort((a, b) => a - b)
    free = Math.min(free, Math.max(0, most - recent.length))
    if (recent.length >= most) at = Math.max(at, recent[recent.length - most]! + perMs)
  }
  return { free, at }
}

/**
 * When a dispatch is tried again. `tries`: how often it was tried; `chance`: from 0 to 1, so that many servers that wait
 * for one provider do not come back together.
 */
export function retryAt(
  outcome: Extract<Outcome, { type: 'later' | 'refused' }>,
  { tries, now, chance }: { tries: number; now: number; chance: number },
): number {
  const asked = outcome.type === 'later' ? outcome.afterMs : null
  // Never sooner than it was asked for.
  if (asked !== null)
    return now + Math.ceil(Math.min(Math.max(asked, 0), LONGEST_OBEYED_MS)) + Math.round(chance * 250)
  const longest = outcome.type === 'refused' ? LONGEST_REFUSED_MS : LONGEST_RETRY_MS
  const pause = Math.min(FIRST_RETRY_MS * 2 ** Math.min(tries - 1, 20), longest)
  return now + Math.round(pause * (0.5 + chance / 2))
}

/** Several messages as one. */
export function digest(contents: readonly Content[]): Content {
  if (contents.length === 1) return contents[0]!
  const levels = contents.map(one => one.level)
  const level = levels.includes('late') ? 'late' : levels.includes('soon') ? 'soon' : 'over'
  const left = contents.length - SHOWN_OF_A_DIGEST
  // The newest ones say how it is now.
  const shown = contents.slice(-SHOWN_OF_A_DIGEST).map(one => `- ${one.title}`)
  return {
    level,
    title: `${contents.length} messages in one, because more came than this channel takes`,
    text: [...(left > 0 ? [`- and ${left} before these`] : []), ...shown].join('\n'),
    incidents: contents.flatMap(one => one.incidents),
    link: contents.find(one => one.link !== null)?.link ?? null,
  }
}
