import { useState } from 'react'
import { Card } from '../kit/Card.tsx'
import { Loaded } from '../kit/Loaded.tsx'
import { RANGES, shares } from './lines.ts'
import { OverTime, Range } from './OverTime.tsx'
import { useCharts } from './queries.ts'

const NAMES = ['hostCpu', 'hostMemory', 'hostDisk', 'hostWaiting'] as const

/** How busy and how full the server is, from minutes to months. */
export function HostMetrics() {
  const [rangeMs, setRange] = useState<number>(RANGES[1][0])
  const charts = useCharts(NAMES, { rangeMs })
  if (charts.none) return null
  return (
    <Card title="The server over time" aside={<Range rangeMs={rangeMs} onChange={setRange} />}>
      <Loaded query={charts} rows={4}>
        {({ hostCpu, hostMemory, hostDisk, hostWaiting }) => (
          <div className="grid grid-cols-[minmax(0,1fr)] gap-1 pb-2 lg:grid-cols-2">
            <OverTime title="Processors" group="host" of={hostCpu} series={shares(hostCpu, () => 'busy')} />
            <OverTime
              title="Memory"
              group="host"
              of={hostMemory}
              series={shares(hostMemory, () => 'taken')}
            />
            <OverTime
              title="Disks"
              group="host"
              of={hostDisk}
              series={shares(hostDisk, labels => labels['mountpoint'] ?? 'disk')}
            />
            <OverTime
              title="Something waited for"
              group="host"
              of={hostWaiting}
              series={shares(hostWaiting, labels => labels['for'] ?? '')}
            />
          </div>
        )}
      </Loaded>
    </Card>
  )
}
