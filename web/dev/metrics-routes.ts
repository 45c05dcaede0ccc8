import { z } from 'zod'
import {
  AppMetrics,
  AppVitals,
  Chart,
  Forecast,
  type VitalName,
} from '../../server/src/watch/metrics/wire.ts'
import { ago } from './ago.ts'
import { answer, type Handler, refuse } from './call.ts'
import { runs } from './runs.ts'

const POINTS = 180

/** What the lines of a chart are called, where they lie, and how far they swing. */
const LINES: Record<string, Array<[labels: Record<string, string>, base: number, swing: number]>> = {
  requests: [
    [{ code: '2xx' }, 16, 6],
    [{ code: '4xx' }, 0.6, 0.2],
    [{ code: '5xx' }, 0.05, 0.05],
  ],
  p50: [[{}, 0.014, 0.003]],
  p95: [[{}, 0.041, 0.012]],
  p99: [[{}, 0.12, 0.05]],
  cpu: [[{ service: 'api' }, 0.09, 0.04]],
  memory: [[{ service: 'api' }, 142 * 1024 ** 2, 9 * 1024 ** 2]],
  ready: [[{ service: 'api' }, 2, 0]],
  restarts: [[{ service: 'api' }, 0, 0]],
  connections: [
    [{ state: 'idle' }, 6, 2],
    [{ state: 'active' }, 1.4, 1],
  ],
  databaseSize: [[{}, 812 * 1024 ** 2, 4 * 1024 ** 2]],
  databaseCache: [[{}, 0.985, 0.01]],
  redisMemory: [[{}, 41 * 1024 ** 2, 3 * 1024 ** 2]],
  redisCommands: [[{}, 120, 50]],
  redisHits: [[{}, 0.91, 0.05]],
  hostWaiting: [
    [{ for: 'a processor' }, 0.04, 0.03],
    [{ for: 'a disk' }, 0.01, 0.01],
  ],
  query: [
    [{ app: 'hostel', code: '2xx' }, 16, 6],
    [{ app: 'desk', code: '2xx' }, 4, 2],
  ],
  hostCpu: [[{}, 0.21, 0.08]],
  hostMemory: [[{}, 0.46, 0.03]],
  hostDisk: [
    [{ mountpoint: '/' }, 0.61, 0.01],
    [{ mountpoint: '/srv' }, 0.34, 0.01],
  ],
}

function chartOf(name: string, rangeMs: number, app: string | null): Chart {
  const stepMs = Math.max(15_000, Math.ceil(rangeMs / POINTS / 15_000) * 15_000)
  const to = Math.floor(Date.now() / stepMs) * stepMs
  const times = Array.from({ length: Math.floor(rangeMs / stepMs) }, (_, n) => to - rangeMs + n * stepMs)
  const lines = (LINES[name] ?? []).map(([labels, base, swing], line) => ({
    labels,
    values: times.map((_, n) => base + swing * Math.sin(n / (9 + line)) * Math.sin(n / 2.3)),
  }))
  const marks = [...runs.values()]
    .filter(run => (app === null || run.app === app) && Date.parse(run.startedAt) > to - rangeMs)
    .map(run => ({ at: Date.parse(run.startedAt), label: run.kind, run: run.id, kind: 'change' as const }))
  const alert = { at: to - rangeMs * 0.3, label: 'AppErrors', run: null, kind: 'alert' as const }
  return { times, lines, left: 0, marks: [...marks, alert] }
}

type Vital = AppVitals['vitals'][number]
const vital = (name: VitalName, p75: number | null, rating: Vital['rating'] = null): Vital => ({
  name,
  p75,
  rating,
})
const page = (name: string, views: number, ...vitals: Vital[]) => ({
  service: 'web',
  page: name,
  views,
  vitals,
})

const vitalsOf = (app: string, rangeMs: number): AppVitals => ({
  ...{ app, rangeMs, views: app === 'hostel' ? 12_480 : 0 },
  vitals: [
    ...[vital('lcp', 2.1, 'good'), vital('inp', 0.24, 'fair'), vital('cls', 0.31, 'poor')],
    ...[vital('fcp', 1.2, 'good'), vital('ttfb', 0.38, 'good'), vital('load', 3.4)],
  ],
  pages: [
    page('/', 5_210, vital('lcp', 1.7, 'good'), vital('inp', 0.12, 'good'), vital('cls', 0.02, 'good')),
    page(
      '/rooms/:id',
      3_904,
      vital('lcp', 4.6, 'poor'),
      vital('inp', 0.31, 'fair'),
      vital('cls', 0.34, 'poor'),
    ),
    page(
      '/a-name-that-somebody-gave-to-a-page-without-an-end/and-more',
      1_877,
      ...[vital('lcp', 2.9, 'fair'), vital('inp', null), vital('cls', 0.08, 'good')],
    ),
    page('other', 702, vital('lcp', 2.2, 'good'), vital('inp', 0.18, 'good'), vital('cls', 0.11, 'fair')),
  ],
  leftOut:
    app === 'hostel' ? [{ why: 'policy', says: 'their Content-Security-Policy forbids it', pages: 312 }] : [],
})

const figures = (requestsPerSecond: number, errors: number, p50: number) => ({
  ...{ requestsPerSecond, errors, p50, p95: p50 * 3, p99: p50 * 9 },
})
const summaryOf = (app: string, rangeMs: number): AppMetrics => ({
  ...{ app, rangeMs, all: figures(16.6, 0.003, 0.014), cpu: 0.09, memoryBytes: 142 * 1024 ** 2 },
  routes: [
    { service: 'web', route: '/', ...figures(12.1, 0, 0.009) },
    { service: 'api', route: '/api', ...figures(4.5, 0.021, 0.031) },
  ],
})

const FORECASTS: Forecast[] = [
  { kind: 'disk', of: '/', share: 0.87, perDay: 0.021, fullAt: ago(-5.5 * 86_400) },
  { kind: 'database', of: 'hostel', share: 0.62, perDay: 0.016, fullAt: ago(-24 * 86_400) },
  { kind: 'instance', of: 'hostel api', share: 0.55, perDay: null, fullAt: null },
  { kind: 'memory', of: '', share: 0.46, perDay: -0.001, fullAt: null },
]

const rangeOf = (url: URL) => Number(url.searchParams.get('rangeMs') ?? 900_000)

export const metricsRoutes: Array<[string, RegExp, Handler]> = [
  [
    'GET',
    /^\/api\/metrics\/chart$/,
    call => {
      const asked = call.url.searchParams
      const query = asked.get('query')
      if (query?.endsWith('('))
        return refuse(call, 400, [
          'metrics.query',
          'Prometheus does not understand the query',
          `1:${query.length + 1}: parse error: unclosed left parenthesis`,
          'correct it',
        ])
      answer(
        call,
        Chart,
        chartOf(query === null ? (asked.get('chart') ?? '') : 'query', rangeOf(call.url), asked.get('app')),
      )
    },
  ],
  [
    'GET',
    /^\/api\/apps\/([^/]+)\/vitals$/,
    call => answer(call, AppVitals, vitalsOf(call.params[0]!, rangeOf(call.url))),
  ],
  [
    'GET',
    /^\/api\/apps\/([^/]+)\/metrics$/,
    call => answer(call, AppMetrics, summaryOf(call.params[0]!, rangeOf(call.url))),
  ],
  ['GET', /^\/api\/metrics\/forecasts$/, call => answer(call, z.array(Forecast), FORECASTS)],
]
