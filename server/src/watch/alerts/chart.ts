import type { Chart } from '../messages/channel.ts'
import type { Labels } from './alert.ts'

/** What a rule measures, and the number that it compares it with. */
export interface Asked {
  query: string
  threshold: number
}

export interface Series {
  labels: Labels
  points: Chart['lines'][number]['points']
}

/** The last comparison with a number, at the end or before `and …`. */
const COMPARED = /^(.+?)\s*(?:[<>]=?|==)\s*(-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)(?:\s+and\s.+)?$/s
/** More lines than this show nothing in a small picture. */
const MOST_LINES = 4

/** What the rule of an alert measures, from the address by which Prometheus names it; null: it compares nothing with a number. */
export function askedBy(url: string | null): Asked | null {
  if (url === null || !URL.canParse(url)) return null
  const [, query, number] = COMPARED.exec(new URL(url).searchParams.get('g0.expr')?.trim() ?? '') ?? []
  return query === undefined ? null : { query, threshold: Number(number) }
}

interface Shown {
  title: string
  labels: Labels
  from: number
  to: number
}

/** The picture of an alert: the series that it is about. null: nothing is known of them. */
export function chartOf(asked: Asked, series: readonly Series[], { labels, ...shown }: Shown): Chart | null {
  const own = series.filter(one =>
    Object.entries(one.labels).every(([name, value]) => labels[name] === value),
  )
  const lines = own.filter(({ points }) => points.some(([, value]) => value !== null)).slice(0, MOST_LINES)
  if (lines.length === 0) return null
  return {
    ...{ ...shown, unit: unitOf(asked), threshold: asked.threshold },
    lines: lines.map(({ points }) => ({ points })),
  }
}

/** A quotient of two of a kind, or what is left of 1, is a share. */
function unitOf({ query }: Asked): Chart['unit'] {
  if (/histogram_quantile|_seconds(?!_total)\b/.test(query)) return 'seconds'
  if (/\s\/\s|^1 - /.test(query)) return 'percent'
  return /_bytes\b/.test(query) ? 'bytes' : 'number'
}
