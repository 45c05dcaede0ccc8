import { at } from '../../cli/client.ts'
import { appName, type Cli, printJson } from '../../cli/command.ts'
import { table } from '../../cli/terminal.ts'
import { durationOf } from '../../cli/times.ts'
import { showDuration } from '../../kernel/durations.ts'
import { Failure } from '../../kernel/failure.ts'
import { showSize } from '../../kernel/sizes.ts'
import { felt } from './cli-vitals.ts'
import { notMeasured } from './none.ts'
import type { AppMetrics, AppVitals, Chart, Forecast } from './wire.ts'

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000

export interface MetricsFlags {
  range: string
  query?: string
  forecast?: boolean
}

/** inn metrics [app] */
export async function metrics(cli: Cli, named: string | undefined, flags: MetricsFlags): Promise<void> {
  if (flags.forecast) return forecast(cli)
  const rangeMs = durationOf('--range', flags.range, { example: '24h', least: MINUTE_MS, most: 90 * DAY_MS })
  if (flags.query !== undefined) return chart(cli, named, { rangeMs, query: flags.query })
  const name = await appName(cli, named)
  const [found, vitals] = await Promise.all([
    cli.client.get<AppMetrics>(`${at`/api/apps/${name}/metrics`}?rangeMs=${rangeMs}`),
    cli.client.get<AppVitals>(`${at`/api/apps/${name}/vitals`}?rangeMs=${rangeMs}`),
  ])
  if (cli.json) return printJson({ ...found, felt: vitals })
  const { terminal } = cli
  terminal.print(`${found.app}, the last ${showDuration(rangeMs)}`)
  const rows = [{ service: '', route: 'all', ...found.all }, ...found.routes]
  terminal.print(
    table(
      ['route', 'service', 'requests/s', 'errors', 'p50', 'p95', 'p99'],
      rows.map(row => [
        row.route,
        row.service,
        said(row.requestsPerSecond, value => value.toFixed(2)),
        said(row.errors, value => `${(value * 100).toFixed(2)} %`),
        ...[row.p50, row.p95, row.p99].map(value =>
          said(value, seconds => `${Math.round(seconds * 1000)} ms`),
        ),
      ]),
    ),
  )
  const cpu = said(found.cpu, value => `${value.toFixed(2)} processors`)
  terminal.print(`its instances: ${cpu}, ${said(found.memoryBytes, showSize)} of memory`)
  for (const text of felt(vitals)) terminal.print(text)
}

async function forecast({ client, terminal, json }: Cli): Promise<void> {
  const all = await client.get<Forecast[]>('/api/metrics/forecasts')
  if (json) return printJson(all)
  if (all.length === 0) throw notMeasured()
  terminal.print(
    table(
      ['what', 'taken', 'a day', 'full'],
      all.map(one => [
        subjectOf(one),
        `${(one.share * 100).toFixed(1)} %`,
        said(one.perDay, value => `${value < 0 ? '' : '+'}${(value * 100).toFixed(2)} %`),
        one.fullAt === null ? '-' : one.fullAt.slice(0, 10),
      ]),
    ),
  )
}

const WHAT = { disk: 'disk', memory: 'memory of the server', instance: 'memory of', database: 'database of' }
const subjectOf = ({ kind, of }: Forecast): string => `${WHAT[kind]} ${of}`.trim()

const said = (value: number | null, show: (value: number) => string): string =>
  value === null ? '-' : show(value)

async function chart(
  { client, terminal, json }: Cli,
  app: string | undefined,
  { rangeMs, query }: { rangeMs: number; query: string },
): Promise<void> {
  if (app === undefined && query.includes('$app'))
    throw new Failure('usage.query', 'the query speaks of $app, and no app is named', {
      why: 'it stands for the app that is named before',
      fix: `\`inn metrics APP --query …\``,
    })
  const asked = new URLSearchParams({ query, rangeMs: String(rangeMs), points: '60' })
  if (app !== undefined) asked.set('app', app)
  const found = await client.get<Chart>(`/api/metrics/chart?${asked}`)
  if (found.times.length === 0) throw notMeasured()
  if (json) return printJson(found)
  if (found.lines.length === 0) return terminal.note('no series answers')
  terminal.print(
    table(
      ['series', 'now', 'least', 'most'],
      found.lines.map(({ labels, values }) => {
        const known = values.filter(value => value !== null)
        return [named(labels), ...[known.at(-1)!, Math.min(...known), Math.max(...known)].map(short)]
      }),
    ),
  )
  if (found.left > 0) terminal.note(`${found.left} more series were left out`)
}

const short = (value: number | undefined): string =>
  value === undefined ? '-' : String(Number(value.toPrecision(6)))

const named = (labels: Record<string, string>): string =>
  Object.entries(labels)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ') || 'value'
