import { useDeferredValue, useState } from 'react'
import type { AppStatus } from '../../../server/src/apps/app/wire.ts'
import { Card } from '../kit/Card.tsx'
import { Levels } from './Levels.tsx'
import { LogFilter } from './LogFilter.tsx'
import { LogLines } from './LogLines.tsx'
import { type Filter, useLogs } from './queries.ts'

const NO_FILTER: Filter = { service: '', release: '', level: '', grep: '' }

export function Logs({ app }: { app: AppStatus }) {
  const [filter, setFilter] = useState(NO_FILTER)
  const [follow, setFollow] = useState(true)
  const { lines, state } = useLogs(app.name, useDeferredValue(filter), follow)
  const says = !follow
    ? 'paused'
    : state === 'broken'
      ? 'lost, retrying'
      : state === 'open'
        ? 'following'
        : 'opening'
  return (
    <Card
      title="Logs"
      aside={
        <span role="status" className={`text-xs ${state === 'broken' && follow ? 'text-warn' : 'text-soft'}`}>
          {says}
        </span>
      }
    >
      <Levels app={app.name} />
      <LogFilter app={app} filter={filter} onFilter={setFilter} follow={follow} onFollow={setFollow} />
      <LogLines app={app.name} lines={lines} filtered={Object.values(filter).some(value => value !== '')} />
    </Card>
  )
}
