import { quantile } from '../../apps/checks/counters.ts'
import type { Found } from '../metrics/ports.ts'
import type { Figures, Slot, Span, Traffic } from './facts.ts'

export const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
/** The edge is asked for its counts every 15 s. */
const SCRAPES_AN_HOUR = 240

/** What the edge counted in an hour, of one app. */
export interface Hour {
  /** When it begins. */
  at: number
  requests: number
  errors: number
  /** Cumulative counts by the seconds until an answer began; empty: they were not measured. */
  seconds: ReadonlyArray<{ le: number; count: number }>
}

/** What Prometheus is asked of an app, an hour each: a longer window would hold too many samples at once. */
export const trafficQueries = (app: string) => ({
  all: `sum(increase(http_requests_total{job="edge",app="${app}"}[1h]))`,
  errors: `sum(increase(http_requests_total{job="edge",app="${app}",code="5xx"}[1h]))`,
  seconds: `sum by (le) (increase(http_request_duration_seconds_bucket{job="edge",app="${app}"}[1h]))`,
})
/** Which share of an hour the edge was asked. */
export const MEASURED = `sum(count_over_time(up{job="edge"}[1h])) / ${SCRAPES_AN_HOUR}`

type Answers = Readonly<Record<keyof ReturnType<typeof trafficQueries>, readonly Found[]>>

/** The times at which the hours of a span and of the one before end. */
export const hoursOf = ({ from, to }: Span): number[] => {
  const n = Math.round((2 * (to - from)) / HOUR_MS)
  return Array.from({ length: n }, (_, i) => to - (n - 1 - i) * HOUR_MS)
}

/** Answers to `trafficQueries`, by hour. */
export function hoursFrom(answers: Answers, span: Span): Hour[] {
  const at = (points: Found['points'], end: number): number =>
    points.find(([time]) => Math.abs(time - end) < HOUR_MS / 2)?.[1] ?? 0
  const sum = (found: readonly Found[], end: number) =>
    found.reduce((all, { points }) => all + at(points, end), 0)
  return hoursOf(span).map(end => ({
    at: end - HOUR_MS,
    requests: sum(answers.all, end),
    errors: sum(answers.errors, end),
    seconds: answers.seconds
      .map(({ labels, points }) => ({
        le: Number(labels['le']?.replace('+Inf', 'Infinity')),
        count: at(points, end),
      }))
      .toSorted((a, b) => a.le - b.le),
  }))
}

/** Which share of a span was measured, by the answer to `MEASURED`. */
export function measuredOf(found: readonly Found[], { from, to }: Pick<Span, 'from' | 'to'>): number {
  const points = found.flatMap(one => one.points).filter(([at]) => at > from && at <= to)
  const sum = points.reduce((all, [, share]) => all + Math.min(1, share ?? 0), 0)
  return Math.min(1, sum / ((to - from) / HOUR_MS))
}

/** Less of a time says nothing to compare with. */
const COMPARABLE = 0.5

interface Measured {
  span: Span
  /** Which share of the span was measured, and of the time before. */
  measured: number
  measuredBefore: number
}

/** The hours of a span and of the one before, as the figures of both. */
export function trafficOf(
  app: string,
  hours: readonly Hour[],
  { span, measured, measuredBefore }: Measured,
): Traffic {
  const now = hours.filter(({ at }) => at >= span.from)
  const before = figuresOf(hours.filter(({ at }) => at < span.from))
  return {
    ...{ app, measured },
    now: figuresOf(now),
    before: before.requests === 0 || measuredBefore < COMPARABLE ? null : before,
    slots: slotsOf(now, span),
  }
}

function figuresOf(hours: readonly Hour[]): Figures {
  const sums = new Map<number, number>()
  for (const { le, count } of hours.flatMap(one => one.seconds)) sums.set(le, (sums.get(le) ?? 0) + count)
  const seconds = [...sums].map(([le, count]) => ({ le, count })).toSorted((a, b) => a.le - b.le)
  return { ...counted(hours), p95: quantile({ seconds }, 0.95) }
}

const counted = (hours: readonly Hour[]) => ({
  requests: Math.round(hours.reduce((sum, one) => sum + one.requests, 0)),
  errors: Math.round(hours.reduce((sum, one) => sum + one.errors, 0)),
})

function slotsOf(hours: readonly Hour[], { period, from, to }: Span): Slot[] {
  const width = period === 'day' ? HOUR_MS : DAY_MS
  return Array.from({ length: Math.round((to - from) / width) }, (_, n) => from + n * width).map(at => ({
    at,
    ...counted(hours.filter(hour => hour.at >= at && hour.at < at + width)),
  }))
}
