import { useState } from 'react'
import { Card } from '../kit/Card.tsx'
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
            {postgres && (
              <>
                <OverTime
                  title="Connections"
                  group={group}
                  of={found.connections}
                  series={amounts(found.connections, labels => labels['state'] ?? 'all')}
                />
                <OverTime
                  title="Size"
                  group={group}
                  of={found.databaseSize}
                  series={inMb(found.databaseSize, 'size, MB')}
                />
                <OverTime
                  title="Found in memory"
                  group={group}
                  of={found.databaseCache}
                  series={shares(found.databaseCache, () => 'of what was read')}
                />
              </>
            )}
            {redis && (
              <>
                <OverTime
                  title="Redis: memory"
                  group={group}
                  of={found.redisMemory}
                  series={inMb(found.redisMemory, 'memory, MB')}
                />
                <OverTime
                  title="Redis: commands"
                  group={group}
                  of={found.redisCommands}
                  series={amounts(found.redisCommands, () => 'commands', '/s')}
                />
                <OverTime
                  title="Redis: found"
                  group={group}
                  of={found.redisHits}
                  series={shares(found.redisHits, () => 'of the keys asked for')}
                />
              </>
            )}
          </div>
        )}
      </Loaded>
    </Card>
  )
}
