import { Chart } from '../../server/src/watch/metrics/wire.ts'
import { answer, type Handler } from './call.ts'
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
    .map(run => ({ at: Date.parse(run.startedAt), label: run.kind, run: run.id }))
  return { times, lines, left: 0, marks }
}

export const metricsRoutes: Array<[string, RegExp, Handler]> = [
  [
    'GET',
    /^\/api\/metrics\/chart$/,
    call => {
      const asked = call.url.searchParams
      const range = Number(asked.get('rangeMs') ?? 900_000)
      answer(call, Chart, chartOf(asked.get('chart') ?? '', range, asked.get('app')))
    },
  ],
]
