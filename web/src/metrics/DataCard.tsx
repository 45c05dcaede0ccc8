import { useState } from 'react'
import type { Chart } from '../../../server/src/watch/metrics/wire.ts'
import { Card } from '../kit/Card.tsx'
import type { Series } from '../kit/chart.ts'
import { Loaded } from '../kit/Loaded.tsx'
import { amounts, inMb, RANGES, shares } from './lines.ts'
import { OverTime, Range } from './OverTime.tsx'
import { useCharts } from './queries.ts'

const NAMES = [
  'connections',
  'databaseSize',
  'databaseCache',
  'redisMemory',
  'redisCommands',
  'redisHits',
] as const

type Shown = [title: string, name: (typeof NAMES)[number], series: (chart: Chart) => Series[]]

const POSTGRES: Shown[] = [
  ['Connections', 'connections', chart => amounts(chart, labels => labels['state'] ?? 'all')],
  ['Size', 'databaseSize', chart => inMb(chart, 'size, MB')],
  ['Found in memory', 'databaseCache', chart => shares(chart, () => 'of what was read')],
]
const REDIS: Shown[] = [
  ['Redis: memory', 'redisMemory', chart => inMb(chart, 'memory, MB')],
  ['Redis: commands', 'redisCommands', chart => amounts(chart, () => 'commands', '/s')],
  ['Redis: found', 'redisHits', chart => shares(chart, () => 'of the keys asked for')],
]

/** How the database and the Redis of an app are. Nothing for an app that has neither of ours. */
export function DataCard({ app }: { app: string }) {
  const [rangeMs, setRange] = useState<number>(RANGES[1][0])
  const charts = useCharts(NAMES, { app, rangeMs })
  const has = (name: (typeof NAMES)[number]) => (charts.data?.[name].lines.length ?? 0) > 0
  const [postgres, redis] = [has('databaseSize'), has('redisMemory')]
  if (charts.none || (charts.data !== undefined && !postgres && !redis)) return null
  const group = `data of ${app}`
  const title = postgres && redis ? 'Database and Redis' : redis ? 'Redis' : 'Database'
  return (
    <Card title={title} aside={<Range rangeMs={rangeMs} onChange={setRange} />}>
      <Loaded query={charts} rows={4}>
        {found => (
          <div className="grid grid-cols-[minmax(0,1fr)] gap-1 pb-2 lg:grid-cols-3">
            {[...(postgres ? POSTGRES : []), ...(redis ? REDIS : [])].map(([title, name, series]) => (
              <OverTime
                key={name}
                title={title}
                group={group}
                of={found[name]}
                series={series(found[name])}
              />
            ))}
          </div>
        )}
      </Loaded>
    </Card>
  )
}
