import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import type { IncidentMonth, IncidentView } from '../../../server/src/watch/incidents/wire.ts'
import { Button } from '../kit/Button.tsx'
import { Card } from '../kit/Card.tsx'
import { Columns } from '../kit/Columns.tsx'
import { Empty } from '../kit/Empty.tsx'
import { Loaded } from '../kit/Loaded.tsx'
import { Ago } from '../kit/time.tsx'
import { count, duration } from '../kit/words.ts'
import { mayAnywhere, useMe } from '../people/me.ts'
import { FollowUps } from './FollowUps.tsx'
import { OpenDialog } from './OpenDialog.tsx'
import { useIncidents } from './queries.ts'
import { Severity, State } from './Severity.tsx'

/** What went wrong for people outside, what goes on, and how fast it was over. */
export function IncidentsPage() {
  const incidents = useIncidents()
  const [opening, setOpening] = useState(false)
  const { data: me } = useMe()
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-4">
      <div className="flex flex-wrap items-center justify-between gap-2">
        <h1 className="text-2xl font-semibold tracking-tight">Incidents</h1>
        <div className="flex items-center gap-4">
          <Link to="/runbooks" className="link">
            Runbooks
          </Link>
          {me && mayAnywhere(me, 'operator') && (
            <Button onClick={() => setOpening(true)}>Open an incident</Button>
          )}
        </div>
      </div>
      <Loaded query={incidents} rows={6}>
        {({ incidents: all, months, followUps }) => {
          const open = all.filter(({ state }) => state !== 'resolved')
          const over = all.filter(({ state }) => state === 'resolved')
          return (
            <>
              <Card title="Going on">
                {open.length === 0 ? <Empty>Nothing is going on.</Empty> : <List incidents={open} />}
              </Card>
              {followUps.length > 0 && (
                <Card title="To be done">
                  <FollowUps followUps={followUps} linked />
                </Card>
              )}
              {months.length > 0 && <Months months={months} />}
              {over.length > 0 && (
                <Card title="Over">
                  <List incidents={over} />
                </Card>
              )}
            </>
          )
        }}
      </Loaded>
      {opening && <OpenDialog onClose={() => setOpening(false)} />}
    </div>
  )
}

function List({ incidents }: { incidents: readonly IncidentView[] }) {
  return (
    <ul aria-label="incidents" className="divide-y divide-line">
      {incidents.map(one => (
        <li key={one.id} data-incident={one.id} className="grid gap-1 px-4 py-3">
          <p className="flex flex-wrap items-center gap-x-2 gap-y-1">
            <Severity of={one} />
            <Link
              to="/incidents/$id"
              params={{ id: String(one.id) }}
              className="link font-medium break-words"
            >
              {one.title}
            </Link>
            <State of={one} />
          </p>
          <p className="flex flex-wrap gap-x-3 gap-y-0.5 text-xs text-soft">
            <span>#{one.id}</span>
            {one.app && (
              <Link to="/apps/$app" params={{ app: one.app }} className="link">
                {one.app}
              </Link>
            )}
            <span>
              began <Ago at={one.beganAt} />
            </span>
            {one.resolved && <span>lasted {duration(lastedMs(one.beganAt, one.resolved.at))}</span>}
            {one.lead && <span>led by {one.lead}</span>}
            {one.errors > 0 && <span>{count(one.errors, 'failed request')}</span>}
          </p>
        </li>
      ))}
    </ul>
  )
}

const lastedMs = (from: string, to: string): number => Math.max(0, Date.parse(to) - Date.parse(from))

const TIMES = [
  ['detectMs', 'Noticed after'],
  ['acknowledgeMs', 'In hand after'],
  ['recoverMs', 'Over after'],
] as const

/** The newest month last, as time goes. */
function Months({ months }: { months: readonly IncidentMonth[] }) {
  const shown = months.toReversed()
  const ends = [shown[0]!.month, shown.at(-1)!.month] as const
  return (
    <Card title="How fast, by month" aside={<span className="text-xs text-soft">medians</span>}>
      <div className="grid gap-x-6 gap-y-4 p-4 sm:grid-cols-3">
        {TIMES.map(([key, title]) => (
          <Columns
            key={key}
            title={title}
            show={duration}
            ends={ends}
            columns={shown.map(month => ({
              ...{ key: month.month, value: month[key], tone: 'soft' },
              says: `${month.month}: ${month[key] === null ? 'not known' : duration(month[key])}, ${count(month.incidents, 'incident')}`,
            }))}
          />
        ))}
      </div>
    </Card>
  )
}
