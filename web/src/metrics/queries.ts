import { useQueries, useQuery } from '@tanstack/react-query'
import { z } from 'zod'
import { AppMetrics, AppVitals, Chart, Forecast } from '../../../server/src/watch/metrics/wire.ts'
import { ask } from '../keeper/request.ts'

const SHORTEST_MS = 15_000

const MINUTE_MS = 60_000

/** What visitors felt. */
export const useVitals = (app: string, rangeMs: number) =>
  useQuery({
    queryKey: ['vitals', app, rangeMs],
    queryFn: () => ask(AppVitals, `/api/apps/${app}/vitals?rangeMs=${rangeMs}`),
    refetchInterval: MINUTE_MS,
    retry: false,
  })

/** Figures by route. */
export const useSummary = (app: string, rangeMs: number) =>
  useQuery({
    queryKey: ['summary', app, rangeMs],
    queryFn: () => ask(AppMetrics, `/api/apps/${app}/metrics?rangeMs=${rangeMs}`),
    refetchInterval: MINUTE_MS,
    retry: false,
  })

/** What becomes full, and when. Two weeks are read for it. */
export const useForecasts = () =>
  useQuery({
    queryKey: ['forecasts'],
    queryFn: () => ask(z.array(Forecast), '/api/metrics/forecasts'),
    refetchInterval: 10 * MINUTE_MS,
    retry: false,
  })

/** A chart of PromQL. */
export const useQueryChart = (query: string, rangeMs: number) =>
  useQuery({
    queryKey: ['chart', 'query', query, rangeMs],
    queryFn: () => {
      const asked = new URLSearchParams({ query, rangeMs: String(rangeMs), points: '180' })
      return ask(Chart, `/api/metrics/chart?${asked}`)
    },
    refetchInterval: Math.max(SHORTEST_MS, rangeMs / 180),
    retry: false,
  })

interface Wanted {
  app?: string
  rangeMs: number
}

interface Found<N extends string> {
  data: Record<N, Chart> | undefined
  isError: boolean
  error: Error | null
  /** Whether this server measures nothing. */
  none: boolean
}

/** Charts by their names, all over the same time. */
export const useCharts = <N extends string>(names: readonly N[], { app, rangeMs }: Wanted): Found<N> =>
  useQueries({
    queries: names.map(name => ({
      queryKey: ['chart', name, app ?? null, rangeMs],
      queryFn: () => {
        const query = new URLSearchParams({ chart: name, rangeMs: String(rangeMs), points: '180' })
        if (app !== undefined) query.set('app', app)
        return ask(Chart, `/api/metrics/chart?${query}`)
      },
      refetchInterval: Math.max(SHORTEST_MS, rangeMs / 180),
      retry: false,
    })),
    combine: results => {
      const error = results.find(one => one.error !== null)?.error ?? null
      const known = results.every(one => one.data !== undefined)
      return {
        data: known
          ? (Object.fromEntries(names.map((name, n) => [name, results[n]!.data])) as Record<N, Chart>)
          : undefined,
        isError: error !== null,
        error,
        none: results.every(one => one.data?.times.length === 0),
      }
    },
  })
