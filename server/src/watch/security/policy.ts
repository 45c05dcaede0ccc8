import { CHECKS } from './checks.ts'
import type { Outcome } from './outcome.ts'
import type { SecurityReport, Severity } from './wire.ts'

const POINTS: Readonly<Record<Severity, number>> = { critical: 8, high: 4, medium: 2, low: 1 }
/** With a finding of this severity the score is no higher, however much else is good. */
const MOST: Readonly<Partial<Record<Severity, number>>> = { critical: 49, high: 79 }

/** Of the points of all checks those of the passed ones. What could not be looked at gives none. */
export function scoreOf(outcomes: readonly Outcome[]): number {
  const points = (some: readonly Outcome[]) => some.reduce((sum, { severity }) => sum + POINTS[severity], 0)
  const all = points(outcomes)
  const passed = points(outcomes.filter(({ said }) => said.state === 'passed'))
  const found = outcomes.filter(({ said }) => said.state === 'found')
  const most = Math.min(100, ...found.map(({ severity }) => MOST[severity] ?? 100))
  return all === 0 ? 100 : Math.min(most, Math.floor((100 * passed) / all))
}

type Accepted = (app: string) => Readonly<Partial<Record<string, string>>>

/** The report, the worst first. `accepted`: check → why, as innkeeper.yaml of an app says it. */
export function reportOf(outcomes: readonly Outcome[], at: string, accepted: Accepted): SecurityReport {
  const reasonFor = ({ app, check, said }: Outcome) =>
    app === null || said.state !== 'found' ? undefined : accepted(app)[check]
  const sorted = outcomes.toSorted((a, b) => POINTS[b.severity] - POINTS[a.severity])
  const counted = sorted.filter(one => reasonFor(one) === undefined)
  return {
    at,
    score: scoreOf(counted),
    findings: counted.flatMap(findingOf),
    unknown: counted.flatMap(({ said, ...about }) =>
      said.state === 'unknown' ? [{ ...about, reason: said.reason }] : [],
    ),
    accepted: sorted.flatMap(one => {
      const reason = reasonFor(one)
      return reason === undefined ? [] : findingOf(one).map(finding => ({ ...finding, reason }))
    }),
    passed: counted.flatMap(({ said, ...about }) =>
      said.state === 'passed' ? [{ ...about, good: CHECKS[about.check].good }] : [],
    ),
  }
}

const findingOf = ({ said, ...about }: Outcome) =>
  said.state === 'found' ? [{ ...about, what: said.what, why: CHECKS[about.check].why, fix: said.fix }] : []
