import type { Found } from './ports.ts'
import type { AppMetrics } from './wire.ts'

/** What may be charted without writing PromQL. `$app` is the app; `$window` holds four scrapes at least. */
export const CHARTS = {
  requests: 'sum by (code) (rate(http_requests_total{job="edge",app="$app"}[$window]))',
  errors:
    'sum(rate(http_requests_total{job="edge",app="$app",code="5xx"}[$window])) / sum(rate(http_requests_total{job="edge",app="$app"}[$window]))',
  p50: quantile(0.5),
  p95: quantile(0.95),
  p99: quantile(0.99),
  cpu: 'sum by (service) (rate(process_cpu_seconds_total{job="keeper",app="$app"}[$window]))',
  memory: 'sum by (service) (process_resident_memory_bytes{job="keeper",app="$app"})',
  ready: 'sum by (service) (innkeeper_instance_ready{job="keeper",app="$app"})',
  restarts:
    'sum by (service) (increase(innkeeper_instance_restarts_total{job="keeper",app="$app"}[$window]))',
  connections: 'sum by (state) (pg_stat_activity_count{job="postgres",app="$app"})',
  databaseSize: 'sum(pg_database_size_bytes{job="postgres",app="$app"})',
  databaseCache: share('pg_blocks_hit', 'pg_blocks_read', 'postgres'),
  redisMemory: 'redis_memory_used_bytes{job="redis",app="$app"}',
  redisCommands: 'rate(redis_commands_processed_total{job="redis",app="$app"}[$window])',
  redisHits: share('redis_keyspace_hits_total', 'redis_keyspace_misses_total', 'redis'),
  hostCpu: '1 - avg(rate(node_cpu_seconds_total{job="node",mode="idle"}[$window]))',
  hostMemory: '1 - node_memory_MemAvailable_bytes{job="node"} / node_memory_MemTotal_bytes{job="node"}',
  hostDisk: '1 - node_filesystem_avail_bytes{job="node"} / node_filesystem_size_bytes{job="node"}',
  hostWaiting: [waiting('cpu', 'a processor'), waiting('memory', 'memory'), waiting('io', 'a disk')].join(
    ' or ',
  ),
} as const
export type ChartName = keyof typeof CHARTS

function quantile(q: number): string {
  return `histogram_quantile(${q}, sum by (le) (rate(http_request_duration_seconds_bucket{job="edge",app="$app"}[$window])))`
}

/** Which share of what was looked for was there. */
function share(hit: string, missed: string, job: string): string {
  const rate = (series: string) => `sum(rate(${series}{job="${job}",app="$app"}[$window]))`
  return `${rate(hit)} / (${rate(hit)} + ${rate(missed)})`
}

/** Which share of the time something waited for a part of the machine: how saturated that part is. */
function waiting(part: string, says: string): string {
  return `label_replace(rate(node_pressure_${part}_waiting_seconds_total{job="node"}[$window]), "for", "${says}", "", "")`
}

export const MOST_POINTS = 500
export const SCRAPE_MS = 15_000
const SHORTEST_WINDOW_MS = 4 * SCRAPE_MS

/** The step for so many points at most, in whole scrapes, and the window of rates beside it. */
export function stepOf(rangeMs: number, points: number): { stepMs: number; windowMs: number } {
  const most = Math.min(points, MOST_POINTS)
  const stepMs = Math.max(1, Math.ceil(rangeMs / most / SCRAPE_MS)) * SCRAPE_MS
  return { stepMs, windowMs: Math.max(SHORTEST_WINDOW_MS, stepMs) }
}

export const seconds = (ms: number): string => `${Math.round(ms / 1000)}s`

/** Names of apps are letters, digits and `-`, so that none ends the text that it stands in. */
export const filled = (query: string, app: string, windowMs: number): string =>
  query.replaceAll('$app', app).replaceAll('$window', seconds(windowMs))

/** Name of a figure → the query whose last value it is. */
export function summaryQueries(app: string, rangeMs: number): Record<string, string> {
  const edge = (more = '') => `http_requests_total{job="edge",app="${app}"${more}}[${seconds(rangeMs)}]`
  const by = 'sum by (service, route)'
  const p = (q: number, of: string) =>
    `histogram_quantile(${q}, ${of} (rate(http_request_duration_seconds_bucket{job="edge",app="${app}"}[${seconds(rangeMs)}])))`
  const both = (name: string, all: string, each: string) => ({ [name]: all, [`${name} by route`]: each })
  return {
    ...both('requestsPerSecond', `sum(rate(${edge()}))`, `${by} (rate(${edge()}))`),
    ...both(
      'errors',
      `sum(rate(${edge(',code="5xx"')})) / sum(rate(${edge()}))`,
      `${by} (rate(${edge(',code="5xx"')})) / ${by} (rate(${edge()}))`,
    ),
    ...both('p50', p(0.5, 'sum by (le)'), p(0.5, 'sum by (le, service, route)')),
    ...both('p95', p(0.95, 'sum by (le)'), p(0.95, 'sum by (le, service, route)')),
    ...both('p99', p(0.99, 'sum by (le)'), p(0.99, 'sum by (le, service, route)')),
    cpu: `sum(rate(process_cpu_seconds_total{job="keeper",app="${app}"}[${seconds(rangeMs)}]))`,
    memoryBytes: `sum(process_resident_memory_bytes{job="keeper",app="${app}"})`,
  }
}

const FIGURES = ['requestsPerSecond', 'errors', 'p50', 'p95', 'p99'] as const

export const last = (one: Found | undefined): number | null => one?.points.at(-1)?.[1] ?? null

/** Puts the answers to `summaryQueries` together. */
export function summaryOf(
  app: string,
  rangeMs: number,
  found: Readonly<Record<string, readonly Found[]>>,
): AppMetrics {
  const one = (name: string): number | null => last(found[name]?.[0])
  const routes = (found['requestsPerSecond by route'] ?? []).map(({ labels }) => {
    const same = (other: Found) =>
      other.labels['service'] === labels['service'] && other.labels['route'] === labels['route']
    const figures = FIGURES.map(name => [name, last(found[`${name} by route`]?.find(same))] as const)
    return { service: labels['service'] ?? '', route: labels['route'] ?? '', ...figuresOf(figures) }
  })
  return {
    app,
    rangeMs,
    all: figuresOf(FIGURES.map(name => [name, one(name)] as const)),
    routes: routes.sort((a, b) => (b.requestsPerSecond ?? 0) - (a.requestsPerSecond ?? 0)),
    cpu: one('cpu'),
    memoryBytes: one('memoryBytes'),
  }
}

const figuresOf = (pairs: ReadonlyArray<readonly [string, number | null]>): AppMetrics['all'] =>
  Object.fromEntries(pairs) as AppMetrics['all']

export const MOST_LINES = 50

/** Lines of one time axis: what has no value at a time has null there. */
export function linesOf(
  found: readonly Found[],
  { from, to, stepMs }: { from: number; to: number; stepMs: number },
) {
  const times = Array.from({ length: Math.floor((to - from) / stepMs) + 1 }, (_, n) => from + n * stepMs)
  const lines = found.slice(0, MOST_LINES).map(({ labels, points }) => {
    const values = new Map(points.map(([at, value]) => [Math.round((at - from) / stepMs), value]))
    return { labels: { ...labels }, values: times.map((_, n) => values.get(n) ?? null) }
  })
  return { times, lines, left: Math.max(0, found.length - MOST_LINES) }
}
