import {
  FORECASTS,
  type Forecast,
  type ForecastKind,
  forecastOf,
  inOrder,
  LOOK_BACK_MS,
  STEP_MS,
} from './forecast.ts'
import type { Prometheus } from './ports.ts'

/** What becomes full, and when: soonest first. Failure `metrics.down`. */
export async function forecasts(prometheus: Pick<Prometheus, 'range'>, now: number): Promise<Forecast[]> {
  const wanted = { from: now - LOOK_BACK_MS, to: now, stepMs: STEP_MS }
  const kinds = Object.entries(FORECASTS) as Array<[ForecastKind, string]>
  const found = kinds.map(async ([kind, query]) =>
    (await prometheus.range({ query, ...wanted })).flatMap(one => forecastOf(kind, one, now) ?? []),
  )
  return inOrder((await Promise.all(found)).flat())
}
