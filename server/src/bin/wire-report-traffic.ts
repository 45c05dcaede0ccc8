import type { TrafficHistory } from '../apps/checks/traffic.ts'
import { notMeasured } from '../watch/metrics/none.ts'
import type { Prometheus } from '../watch/metrics/ports.ts'
import type { Span, Traffic } from '../watch/reports/facts.ts'
import {
  HOUR_MS,
  type Hour,
  hoursFrom,
  hoursOf,
  MEASURED,
  measuredOf,
  trafficOf,
  trafficQueries,
} from '../watch/reports/figures.ts'
import type { Keeper } from './wire.ts'

/** What visitors got, from Prometheus. Without one the keeper's own counts are enough for a day. */
export function reportTraffic({ apps, prometheus }: Keeper, counts: TrafficHistory) {
  return async (span: Span): Promise<Traffic[]> => {
    const names = (await apps.all()).map(({ name }) => name)
    if (prometheus !== null) return measured(prometheus, names, span)
    if (span.period !== 'day') throw notMeasured()
    return Promise.all(names.map(app => countedOf(counts, app, span)))
  }
}

async function countedOf(counts: TrafficHistory, app: string, span: Span): Promise<Traffic> {
  const hours: Hour[] = []
  for (const end of hoursOf(span)) {
    const { requests, errors } = await counts.between(app, end - HOUR_MS, end - 1)
    hours.push({ at: end - HOUR_MS, requests, errors, seconds: [] })
  }
  return trafficOf(app, hours, { span, measured: 1, measuredBefore: 1 })
}

/** One app after the other: each answer has a bound of samples, and Prometheus has others to answer. */
async function measured(prometheus: Prometheus, names: readonly string[], span: Span): Promise<Traffic[]> {
  const ends = hoursOf(span)
  const wanted = { from: ends[0]!, to: span.to, stepMs: HOUR_MS }
  const ask = (query: string) => prometheus.range({ query, ...wanted })
  const up = await ask(MEASURED)
  const shares = {
    measured: measuredOf(up, span),
    measuredBefore: measuredOf(up, { from: 2 * span.from - span.to, to: span.from }),
  }
  const found: Traffic[] = []
  for (const app of names) {
    const { all, errors, seconds } = trafficQueries(app)
    const answers = { all: await ask(all), errors: await ask(errors), seconds: await ask(seconds) }
    found.push(trafficOf(app, hoursFrom(answers, span), { span, ...shares }))
  }
  return found
}
