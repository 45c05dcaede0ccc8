import { useState } from 'react'
import { Card } from '../kit/Card.tsx'
import { Loaded } from '../kit/Loaded.tsx'
import { amounts, cpuOf, memoryOf, RANGES, requestsOf, timesOf } from './lines.ts'
import { OverTime, Range } from './OverTime.tsx'
import { useCharts } from './queries.ts'
import { RoutesTable } from './RoutesTable.tsx'

const NAMES = ['requests', 'p50', 'p95', 'p99', 'cpu', 'memory', 'ready', 'restarts'] as const

const serviceOf = (labels: Record<string, string>): string => labels['service'] ?? ''

/** What visitors of an app got and what its instances took, from minutes to months. */
export function MetricsCard({ app }: { app: string }) {
  const [rangeMs, setRange] = useState<number>(RANGES[1][0])
  const charts = useCharts(NAMES, { app, rangeMs })
  if (charts.none) return null
  const group = `${app} over time`
  return (
    <Card title="Over time" aside={<Range rangeMs={rangeMs} onChange={setRange} />}>
      <Loaded query={charts} rows={8}>
        {({ requests, p50, p95, p99, cpu, memory, ready, restarts }) => (
          <>
            <div className="grid grid-cols-[minmax(0,1fr)] gap-1 pb-2 lg:grid-cols-2">
              <OverTime
                title="Requests per second"
                group={group}
                of={requests}
                series={requestsOf(requests)}
              />
              <OverTime title="Time to answer" group={group} of={p95} series={timesOf({ p50, p95, p99 })} />
              <OverTime title="Processor" group={group} of={cpu} series={cpuOf(cpu)} />
              <OverTime title="Memory" group={group} of={memory} series={memoryOf(memory)} />
              <OverTime title="Instances ready" group={group} of={ready} series={amounts(ready, serviceOf)} />
              <OverTime title="Restarts" group={group} of={restarts} series={amounts(restarts, serviceOf)} />
            </div>
            <RoutesTable app={app} rangeMs={rangeMs} />
          </>
        )}
      </Loaded>
    </Card>
  )
}
