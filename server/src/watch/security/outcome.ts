import { CHECKS, type CheckId } from './checks.ts'
import type { Severity } from './wire.ts'

/** What became of one check of one subject. */
export interface Outcome {
  check: CheckId
  /** null: the server. */
  app: string | null
  subject: string
  severity: Severity
  said:
    | { state: 'passed' }
    | { state: 'unknown'; reason: string }
    | { state: 'found'; what: string; fix: string }
}

/** What was seen, or why it could not be. */
export type Sight<T> = { seen: T } | { unseen: string }

interface About {
  app: string | null
  subject: string
}

export interface Found {
  what: string
  fix: string
  severity?: Severity
  /** Default: that of the check. */
  subject?: string
}

/** What others wrote may not look like a command of ours, which the dashboard offers to copy. */
export const unticked = (text: string): string => text.replaceAll('`', '')

const outcome = (check: CheckId, { app, subject }: About, said: Outcome['said'], severity?: Severity) => ({
  ...{ check, app, subject, said },
  severity: severity ?? CHECKS[check].severity,
})

export const unknown = (check: CheckId, about: About, reason: string): Outcome =>
  outcome(check, about, { state: 'unknown', reason })

/** Passed, where nothing was found. */
export const judged = (check: CheckId, about: About, found: readonly Found[]): Outcome[] =>
  found.length === 0
    ? [outcome(check, about, { state: 'passed' })]
    : found.map(({ what, fix, severity, subject = about.subject }) =>
        outcome(
          check,
          { ...about, subject: unticked(subject) },
          { state: 'found', what: unticked(what), fix },
          severity,
        ),
      )

/** Judges what was seen; what was not is unknown. */
export const judgedOf = <T>(
  check: CheckId,
  about: About,
  sight: Sight<T>,
  find: (seen: T) => readonly Found[],
): Outcome[] =>
  'unseen' in sight ? [unknown(check, about, sight.unseen)] : judged(check, about, find(sight.seen))
