import type { Alarm } from '../../kernel/wire-alarm.ts'
import type { ReportPeriod } from './wire.ts'

const DAY_MS = 86_400_000
/** How long each period is. A month has thirty days, so that one can be compared with the one before. */
export const LENGTHS: Record<ReportPeriod, number> = { day: DAY_MS, week: 7 * DAY_MS, month: 30 * DAY_MS }

/** The time that a report is about, in milliseconds since 1970. What came before is as long, and ends at `from`. */
export interface Span {
  period: ReportPeriod
  from: number
  to: number
}

export const spanOf = (period: ReportPeriod, to: number): Span => ({ period, from: to - LENGTHS[period], to })

/** What could be had of a section, or why nothing could. */
export type Known<T> = { items: readonly T[] } | { why: string }

/** null: it is about the server. */
interface About {
  app: string | null
}

export interface Figures {
  requests: number
  /** Answers that are 5xx. */
  errors: number
  /** Seconds within which 95 of 100 answers began; null: it was not measured. */
  p95: number | null
}

export interface Slot {
  /** When it begins. */
  at: number
  requests: number
  errors: number
}

export interface Traffic extends About {
  app: string
  now: Figures
  /** null: nothing was measured then. */
  before: Figures | null
  /** Hours of a day, days of what is longer; oldest first. */
  slots: readonly Slot[]
  /** Which share of the time was measured. */
  measured: number
}

/** What is asked for a report, each by itself. Times are milliseconds since 1970. */
export interface Items {
  /** What the keeper's own nouns say is wrong now. */
  alarms: Pick<Alarm, 'code' | 'level' | 'what' | 'fix'> & About
  /** Alerts that fire, or did since a moment; `own`: the keeper's, whose alarms are told as such. */
  alerts: About & {
    what: string
    level: 'late' | 'soon'
    fix: string | null
    firing: boolean
    since: number
    own: boolean
  }
  incidents: About & {
    id: number
    title: string
    severity: 'critical' | 'major' | 'minor'
    openedAt: number
    resolvedAt: number | null
  }
  traffic: Traffic
  runs: About & {
    kind: string
    title: string
    outcome: 'done' | 'done-but' | 'undone' | 'stuck' | null
  }
  maintenance: About & {
    id: number
    state: 'planned' | 'on' | 'over' | 'cancelled' | 'missed'
    beginsAt: number
  }
  /** How many of what looked at it: probes, rules. */
  checks: About & { by: string; n: number }
  checkins: About & { name: string; state: string }
  /** How the runs of a job ended in that time. `since`: runs of before are not kept; null: all are. */
  jobs: About & { name: string; good: number; failed: number; missed: number; since: number | null }
  /** What an app, or the keeper's own state, has at a place; `place` null: nothing of it is backed up. `points`: those that were taken. */
  backups: About & { place: string | null; lastGood: number | null; problem: string | null; points: number }
  drills: About & {
    state: 'running' | 'proven' | 'failed' | 'cancelled'
    at: number
    rtoMs: number | null
    id: string
  }
  /** `share`: what is taken now, 1: full; `trend`: whether enough was measured to look ahead. */
  forecasts: About & {
    kind: 'disk' | 'memory' | 'instance' | 'database'
    of: string
    share: number
    fullAt: number | null
    trend: boolean
  }
  updates: About & { security: number; all: number; heard: number | null; restart: string | null }
  security: About & { severity: 'critical' | 'high' | 'medium' | 'low' | 'unknown' }
  certificates: About & {
    state: 'good' | 'part' | 'none' | 'over'
    to: number | null
    renewal: number | null
  }
  access: About & { people: number; tokens: number; questions: number; reviewedAt: number | null }
}

export type Subject = keyof Items
export type Facts = { readonly [K in Subject]: Known<Items[K]> }
/** How each is asked. */
export type Sources = { readonly [K in Subject]: (span: Span) => Promise<ReadonlyArray<Items[K]>> }

/** What somebody may see of them. */
export function visible(facts: Facts, permits: (app: string | null) => boolean): Facts {
  const seen = Object.entries(facts).map(([name, known]: [string, Known<About>]) => [
    name,
    'why' in known ? known : { items: known.items.filter(one => permits(one.app)) },
  ])
  return Object.fromEntries(seen) as Facts
}
