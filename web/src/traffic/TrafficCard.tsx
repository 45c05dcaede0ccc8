import { Link } from '@tanstack/react-router'
import type { Traffic } from '../../../server/src/apps/checks/wire.ts'
import { Card } from '../kit/Card.tsx'
import { Chart } from '../kit/Chart.tsx'
import type { Series } from '../kit/chart.ts'
import { Empty } from '../kit/Empty.tsx'
import { Loaded } from '../kit/Loaded.tsx'
import { clockMinutes, number } from '../kit/words.ts'
import { MINUTES, useTraffic } from './queries.ts'

export function TrafficCard({ app }: { app: string }) {
  const traffic = useTraffic(app)
  return (
    <Card title="Requests" aside={<span className="text-xs text-soft">at the edge, last {MINUTES} min</span>}>
      <Loaded query={traffic} rows={6}>
        {data =>
          data.points.length === 0 ? (
            <Empty>No request has come in the last {MINUTES} minutes.</Empty>
          ) : (
            <Charts app={app} traffic={data} />
          )
        }
      </Loaded>
    </Card>
  )
}

function Charts({ app, traffic }: { app: string; traffic: Traffic }) {
  const xs = traffic.points.map(point => point.at)
  const { requests, times } = seriesOf(traffic)
  const marks = traffic.marks
  return (
    <>
      <div className="grid grid-cols-[minmax(0,1fr)] gap-1 lg:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
        <Chart
          title="Requests per second"
          label={`requests per second over the last ${MINUTES} minutes: ${said(requests[0]!)}; errors: ${said(requests[1]!)}`}
          group={app}
          height={190}
          xs={xs}
          series={requests}
          marks={marks}
        />
        <Chart
          title="Time to answer, ms"
          label={`milliseconds to answer over the last ${MINUTES} minutes, 95th percentile: ${said(times[0]!)}`}
          group={app}
          height={190}
          xs={xs}
          series={times}
          marks={marks}
        />
      </div>
      {marks.length > 0 && (
        <ul
          aria-label="changes in this time"
          className="flex flex-wrap gap-x-4 gap-y-1 border-t border-line px-4 py-2 text-xs"
        >
          {marks.map(mark => (
            <li key={mark.run} className="text-soft">
              {clockMinutes(mark.at)}{' '}
              <Link to="/runs/$run" params={{ run: mark.run }} className="link">
                {mark.label}
              </Link>
            </li>
          ))}
        </ul>
      )}
    </>
  )
}

function seriesOf({ points, slotSeconds }: Traffic): { requests: Series[]; times: Series[] } {
  const perSecond = (value: number) => value / slotSeconds
  const ms = { unit: 'ms', look: 'line' as const, show: (value: number) => number(Math.round(value)) }
  const rate = { unit: '/s', show: number }
  return {
    requests: [
      {
        ...rate,
        name: 'requests',
        colour: 'soft',
        look: 'area',
        values: points.map(p => perSecond(p.requests)),
      },
      { ...rate, name: 'errors', colour: 'bad', look: 'bars', values: points.map(p => perSecond(p.errors)) },
    ],
    times: [
      { ...ms, name: 'p95', colour: 'busy', values: points.map(p => p.p95) },
      { ...ms, name: 'p50', colour: 'faint', values: points.map(p => p.p50) },
    ],
  }
}

function said(series: Series): string {
  const values = series.values.filter(value => value !== null)
  if (values.length === 0) return 'none'
  return `now ${series.show(values.at(-1)!)} ${series.unit}, at most ${series.show(Math.max(...values))} ${series.unit}`
}
