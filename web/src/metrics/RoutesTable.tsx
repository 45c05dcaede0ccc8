import type { AppMetrics } from '../../../server/src/watch/metrics/wire.ts'
import { type Column, Table } from '../kit/Table.tsx'
import { number } from '../kit/words.ts'
import { useSummary } from './queries.ts'

type Row = AppMetrics['routes'][number]

const said = (value: number | null, show: (value: number) => string): string =>
  value === null ? '–' : show(value)
const ms = (value: number | null) => said(value, seconds => `${number(Math.round(seconds * 1000))} ms`)

const COLUMNS: Array<Column<Row>> = [
  {
    head: 'route',
    wide: 'title',
    cell: ({ route }) => <span className="font-mono text-xs break-all">{route}</span>,
  },
  { head: 'service', cell: ({ service }) => service },
  {
    head: 'requests',
    right: true,
    cell: ({ requestsPerSecond }) => said(requestsPerSecond, n => `${number(n)} /s`),
  },
  {
    head: 'errors',
    right: true,
    cell: ({ errors }) => (
      <span className={(errors ?? 0) > 0.01 ? 'text-bad' : ''}>
        {said(errors, share => `${number(share * 100)} %`)}
      </span>
    ),
  },
  { head: 'p50', right: true, cell: ({ p50 }) => ms(p50) },
  { head: 'p95', right: true, cell: ({ p95 }) => ms(p95) },
  { head: 'p99', right: true, cell: ({ p99 }) => ms(p99) },
]

/** Requests, errors and times by route, over the time that the charts show. */
export function RoutesTable({ app, rangeMs }: { app: string; rangeMs: number }) {
  const { data } = useSummary(app, rangeMs)
  if (data === undefined || data.routes.length === 0) return null
  return (
    <Table
      label="routes"
      columns={COLUMNS}
      rows={data.routes}
      id={({ service, route }) => `${service} ${route}`}
    />
  )
}
