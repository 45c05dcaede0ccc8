import { z } from 'zod'
import type { Routes } from '../../api/routes.ts'
import { Failure } from '../../kernel/failure.ts'
import { iso } from '../../kernel/moments.ts'
import { type FactPorts, readFacts } from './facts.ts'
import { forecasts } from './forecasts.ts'
import { jsonMetrics } from './json.ts'
import { type MarkPorts, marksOf } from './marks.ts'
import type { Metrics } from './metrics.ts'
import { notMeasured } from './none.ts'
import { ownMetrics } from './own.ts'
import type { Prometheus, Scraped } from './ports.ts'
import {
  CHARTS,
  type ChartName,
  filled,
  linesOf,
  MOST_POINTS,
  SCRAPE_MS,
  stepOf,
  summaryOf,
  summaryQueries,
} from './queries.ts'
import { alertsOf } from './store.ts'
import { type Metric, metricsText, TEXT_TYPE } from './text.ts'
import { vitalsOf, vitalsQueries } from './vitals.ts'
import { AppMetrics, AppVitals, Chart, Forecast } from './wire.ts'

export interface RoutePorts extends FactPorts, Pick<MarkPorts, 'runs'> {
  metrics: Metrics
  prometheus: Prometheus | null
  /** What other nouns have to tell. */
  series(): Promise<Metric[]>
  /** What visitors got, as the edge counts it. */
  edgeMetrics(): Promise<string>
  /** The body of an instance's own metrics. */
  body(instance: Scraped): Promise<unknown>
  /** Failure `app.unknown`. */
  knownApp(app: string): Promise<unknown>
}

const watcher = { permission: 'watcher' } as const
const viewer = { permission: 'viewer' } as const
const sorted = { ...viewer, sorts: true } as const
const MINUTE_MS = 60_000
const LONGEST_MS = 90 * 24 * 60 * MINUTE_MS
const range = z.coerce.number().int().min(MINUTE_MS).max(LONGEST_MS)

export function metricsRoutes(app: Routes, ports: RoutePorts): void {
  watcherRoutes(app, ports)
  app.get(
    '/api/apps/:app/metrics',
    {
      config: viewer,
      schema: {
        summary: 'Requests, errors, times, processor and memory of an app, over a time that ends now',
        params: z.object({ app: z.string() }),
        querystring: z.object({ rangeMs: range.default(15 * MINUTE_MS) }),
        response: { 200: AppMetrics },
      },
    },
    async request => {
      const { app: name } = request.params
      const { rangeMs } = request.query
      return summaryOf(name, rangeMs, await figures(ports, name, summaryQueries(name, rangeMs)))
    },
  )
  vitalsRoute(app, ports)
  chartRoute(app, ports)
  forecastRoute(app, ports)
}

/** What Prometheus asks. */
function watcherRoutes(app: Routes, ports: RoutePorts): void {
  const text = { config: watcher, schema: { summary: 'For Prometheus' } }
  app.get('/api/metrics', text, async (_, reply) =>
    reply
      .type(TEXT_TYPE)
      .send(metricsText([...ownMetrics(await readFacts(ports)), ...(await ports.series())])),
  )
  app.get('/api/metrics/edge', text, async (_, reply) =>
    reply.type(TEXT_TYPE).send(await ports.edgeMetrics()),
  )
  app.get(
    '/api/metrics/app',
    {
      config: watcher,
      schema: {
        summary: 'For Prometheus: the JSON of an instance as series',
        querystring: z.object({ app: z.string(), instance: z.string() }),
      },
    },
    async (request, reply) => {
      const { app: name, instance } = request.query
      const asked = ports.metrics.asked(name, instance)
      if (asked === null)
        throw new Failure('metrics.unknown', `${instance} of ${name} has no metrics in JSON`, {
          why: 'it does not run, or its service does not say so',
          fix: '`metrics: { path: /metrics, format: json }` in innkeeper.yaml',
        })
      const { metrics, left } = jsonMetrics(await ports.body(asked))
      const bound = {
        name: 'innkeeper_json_left',
        kind: 'gauge',
        help: 'Numbers that were left out.',
      } as const
      return reply.type(TEXT_TYPE).send(metricsText([...metrics, { ...bound, samples: [[{}, left]] }]))
    },
  )
}

/** The last value of each query about an app. */
async function figures(ports: RoutePorts, app: string, queries: Readonly<Record<string, string>>) {
  await ports.knownApp(app)
  const prometheus = measuring(ports)
  const to = ports.clock.now()
  const asked = Object.entries(queries).map(
    async ([key, query]) =>
      [key, await prometheus.range({ query, from: to, to, stepMs: MINUTE_MS })] as const,
  )
  return Object.fromEntries(await Promise.all(asked))
}

function vitalsRoute(app: Routes, ports: RoutePorts): void {
  app.get(
    '/api/apps/:app/vitals',
    {
      config: viewer,
      schema: {
        summary:
          'What visitors of an app felt, and the pages that they opened most, over a time that ends now',
        params: z.object({ app: z.string() }),
        querystring: z.object({ rangeMs: range.default(24 * 60 * MINUTE_MS) }),
        response: { 200: AppVitals },
      },
    },
    async request => {
      const { app: name } = request.params
      const { rangeMs } = request.query
      if (ports.prometheus === null) return vitalsOf(name, rangeMs, {})
      return vitalsOf(name, rangeMs, await figures(ports, name, vitalsQueries(name, rangeMs)))
    },
  )
}

function measuring({ prometheus }: RoutePorts): Prometheus {
  if (prometheus === null) throw notMeasured()
  return prometheus
}

function chartRoute(app: Routes, ports: RoutePorts): void {
  const names = Object.keys(CHARTS) as [ChartName, ...ChartName[]]
  const asked = z.object({
    /** One that is known, or PromQL. */
    chart: z.enum(names).optional(),
    query: z.string().min(1).max(4_000).optional(),
    app: z.string().optional(),
    rangeMs: range.default(15 * MINUTE_MS),
    points: z.coerce.number().int().min(2).max(MOST_POINTS).default(120),
  })
  app.get(
    '/api/metrics/chart',
    {
      config: sorted,
      schema: {
        summary: 'A chart by its name or by PromQL',
        querystring: asked,
        response: { 200: Chart },
      },
    },
    async request => {
      const { chart, query, app: name, rangeMs, points } = request.query
      const text = query ?? (chart === undefined ? undefined : CHARTS[chart])
      if (text === undefined || (query === undefined && text.includes('$app') && name === undefined))
        throw new Failure('metrics.query', 'it is not said what to chart', {
          why: 'neither a query nor a chart with its app was named',
          fix: 'add `?query=…`, or `?chart=requests&app=shop`',
        })
      // A query of one's own may ask for anything, and a chart without an app shows the machine.
      request.demand(query === undefined && text.includes('$app') ? name! : null)
      if (name !== undefined) await ports.knownApp(name)
      if (ports.prometheus === null) return { times: [], lines: [], left: 0, marks: [] }
      const { stepMs, windowMs } = stepOf(rangeMs, points)
      const to = Math.floor(ports.clock.now() / SCRAPE_MS) * SCRAPE_MS
      const wanted = { from: to - Math.floor(rangeMs / stepMs) * stepMs, to, stepMs }
      const marked = { runs: ports.runs, alerts: (of: string | null) => alertsOf(ports.store, of) }
      const found = await ports.prometheus.range({ query: filled(text, name ?? '', windowMs), ...wanted })
      return { ...linesOf(found, wanted), marks: await marksOf(marked, name ?? null, wanted.from) }
    },
  )
}

function forecastRoute(app: Routes, ports: RoutePorts): void {
  app.get(
    '/api/metrics/forecasts',
    {
      config: sorted,
      schema: {
        summary: 'What becomes full, and when: disks, memory, instances, databases with a quota',
        response: { 200: z.array(Forecast) },
      },
    },
    async request => {
      const { prometheus, clock } = ports
      if (prometheus === null) return []
      const all = await forecasts(prometheus, clock.now())
      const seen = all.filter(one => request.permits(one.app))
      return seen.map(({ app: _, ...one }) => ({
        ...one,
        fullAt: one.fullAt === null ? null : iso(one.fullAt),
      }))
    },
  )
}
