import type { Found } from './ports.ts'
import { CHARTS } from './queries.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
/** Over which time it is looked back, and how densely. */
export const LOOK_BACK_MS = 14 * DAY
export const STEP_MS = HOUR
/** Less says nothing: a night and a day differ. */
const LEAST_MS = DAY
/** Share of what moves that a straight line has to explain. Below it, it goes up and down. */
const CLEAR = 0.5
/** What is further away than this is nobody's concern. */
const FURTHEST_MS = 730 * DAY
/** Less than this in a day is none. */
const LEAST_A_DAY = 1e-5

/** What can become full, as a share of what there is. */
export const FORECASTS = {
  disk: CHARTS.hostDisk,
  memory: CHARTS.hostMemory,
  instance:
    'max by (app, service) (process_resident_memory_bytes{job="keeper",app!=""} / innkeeper_instance_memory_limit_bytes{job="keeper"})',
  database:
    'max by (app) (innkeeper_database_bytes{job="keeper"} / innkeeper_database_quota_bytes{job="keeper"})',
} as const
export type ForecastKind = keyof typeof FORECASTS

export interface Forecast {
  kind: ForecastKind
  /** `/`, `shop`, `shop web`; '' : the server. */
  of: string
  /** null: the server. */
  app: string | null
  /** Share that is taken now; 1: full. */
  share: number
  /** By how much the share grows in a day; null: too little is known, or it goes up and down. */
  perDay: number | null
  /** When it is full, in milliseconds since 1970, if it goes on like this; null: not in the next two years. */
  fullAt: number | null
}

/** What the figures of two weeks say of the time to come. */
export function forecastOf(kind: ForecastKind, { labels, points }: Found, now: number): Forecast | null {
  const known = points.filter((point): point is readonly [number, number] => point[1] !== null)
  const share = known.at(-1)?.[1]
  if (share === undefined) return null
  const of = ['mountpoint', 'app', 'service'].flatMap(name => labels[name] ?? []).join(' ')
  const app = labels['app'] ?? null
  const line = known.at(-1)![0] - known[0]![0] >= LEAST_MS ? fitted(known) : null
  if (line === null) return { kind, of, app, share, perDay: null, fullAt: null }
  const perDay = line.slope * DAY
  const left = perDay > LEAST_A_DAY ? Math.max(0, (1 - share) / line.slope) : Number.POSITIVE_INFINITY
  return { kind, of, app, share, perDay, fullAt: left > FURTHEST_MS ? null : Math.round(now + left) }
}

/** The straight line of least squares; null: it explains too little. */
function fitted(points: ReadonlyArray<readonly [number, number]>): { slope: number } | null {
  const mean = (of: (point: readonly [number, number]) => number) =>
    points.reduce((sum, point) => sum + of(point), 0) / points.length
  const [at, value] = [mean(point => point[0]), mean(point => point[1])]
  const both = mean(point => (point[0] - at) * (point[1] - value))
  const spread = mean(point => (point[0] - at) ** 2)
  const moved = mean(point => (point[1] - value) ** 2)
  // What does not move at all is explained.
  if (moved === 0) return { slope: 0 }
  return both ** 2 / (spread * moved) < CLEAR ? null : { slope: both / spread }
}

/** What is full soonest first, then what is fullest. */
export const inOrder = (all: readonly Forecast[]): Forecast[] =>
  all.toSorted((a, b) => (a.fullAt ?? Number.MAX_VALUE) - (b.fullAt ?? Number.MAX_VALUE) || b.share - a.share)
