import { useState } from 'react'
import type { MaintenanceView } from '../../../server/src/watch/maintenance/wire.ts'
import { Badge } from '../kit/Badge.tsx'
import { Button } from '../kit/Button.tsx'
import { Card } from '../kit/Card.tsx'
import { Empty } from '../kit/Empty.tsx'
import { ErrorBox } from '../kit/Failure.tsx'
import { dateTime, duration } from '../kit/words.ts'
import { useMay } from '../people/me.ts'
import { PlanDialog } from './PlanDialog.tsx'
import { useEnd, useMaintenance } from './queries.ts'

const SHOWN = 3

/** Times in which people work on an app: what is planned and goes on, and the last ones. */
export function MaintenanceCard({ app }: { app: string }) {
  const { data = [] } = useMaintenance()
  const mayAct = useMay('operator', app)
  const [planning, setPlanning] = useState(false)
  const own = data.filter(one => one.app === app)
  const open = own.filter(({ state }) => state === 'on' || state === 'planned')
  const shown = [...open.toReversed(), ...own.filter(one => !open.includes(one)).slice(0, SHOWN)]
  if (shown.length === 0 && !mayAct) return null
  return (
    <Card
      title="Maintenance"
      aside={
        mayAct && (
          <Button small onClick={() => setPlanning(true)}>
            Plan
          </Button>
        )
      }
    >
      {shown.length === 0 ? (
        <Empty>None is planned.</Empty>
      ) : (
        <ul aria-label="maintenance" className="divide-y divide-line">
          {shown.map(one => (
            <One key={one.id} one={one} mayAct={mayAct} />
          ))}
        </ul>
      )}
      {planning && <PlanDialog app={app} onClose={() => setPlanning(false)} />}
    </Card>
  )
}

function One({ one, mayAct }: { one: MaintenanceView; mayAct: boolean }) {
  const end = useEnd()
  const { id, state, beginsAt, endsAt, text, commands, allow, by } = one
  const open = state === 'on' || state === 'planned'
  return (
    <li
      data-maintenance={id}
      className="grid gap-2 px-4 py-3 sm:grid-cols-[minmax(0,1fr)_auto] sm:items-start"
    >
      <div className="grid min-w-0 gap-1">
        <p className="flex flex-wrap items-center gap-x-2 gap-y-1">
          <Badge tone={state === 'on' || state === 'missed' ? 'warn' : 'soft'}>{state}</Badge>
          <span className="font-medium">
            {dateTime(beginsAt)}, for {duration(Math.max(0, Date.parse(endsAt) - Date.parse(beginsAt)))}
          </span>
        </p>
        {text && <p className="break-words text-soft">{text}</p>}
        <p className="flex flex-wrap gap-x-3 gap-y-0.5 text-xs text-soft">
          <span>by {by}</span>
          {allow.length > 0 && <span>{allow.join(', ')} get in</span>}
          {commands.length > 0 && <span className="break-words">runs {commands.join('; ')}</span>}
        </p>
        {end.error != null && <ErrorBox error={end.error} />}
      </div>
      {open && mayAct && (
        <Button small busy={end.isPending} onClick={() => end.mutate(id)}>
          {state === 'on' ? 'Let visitors in' : 'Cancel'}
        </Button>
      )}
    </li>
  )
}
