import { Link } from '@tanstack/react-router'
import type { Drill } from '../../../server/src/data/drills/wire.ts'
import type { PutAside } from '../../../server/src/data/restores/wire.ts'
import { DrillCharts } from '../drills/DrillCharts.tsx'
import { Levels } from '../drills/Levels.tsx'
import { Badge, type Tone } from '../kit/Badge.tsx'
import { Button } from '../kit/Button.tsx'
import { Card } from '../kit/Card.tsx'
import { Empty } from '../kit/Empty.tsx'
import { Ago } from '../kit/time.tsx'
import { useMay } from '../people/me.ts'
import { Kept } from '../restores/Kept.tsx'
import type { Asked } from './Dialogs.tsx'
import type { Apart } from './subjects.ts'

interface Props {
  app: string
  /** What brings it back, when it has no cluster and so no drills. */
  apart: Apart | null
  /** Drills of this app, newest first. */
  drills: readonly Drill[]
  kept: readonly PutAside[]
  onAsk: (asked: Asked) => void
}

/** One app: whether a drill has proven that its data can be restored, and the buttons to restore it. */
export function AppBackups({ app, apart, drills, kept, onAsk }: Props) {
  const [mayDrill, mayRestore] = [useMay('operator', app), useMay('admin', app)]
  const [last] = drills
  return (
    <Card
      title={
        <Link to="/apps/$app" params={{ app }} data-backups-of={app}>
          {app}
        </Link>
      }
      aside={
        <span className="flex flex-wrap gap-2">
          {mayDrill && apart === null && (
            <Button
              small
              data-action="drill"
              aria-label={`drill ${app} now`}
              onClick={() => onAsk({ verb: 'drill', app })}
            >
              Drill now
            </Button>
          )}
          {mayRestore && (
            <Button
              small
              look="main"
              data-action="restore"
              aria-label={`restore ${app}`}
              onClick={() => onAsk({ verb: 'restore', app, point: null })}
            >
              Restore…
            </Button>
          )}
        </span>
      }
    >
      {kept.length > 0 && (
        <Kept kept={kept} onAfter={mayRestore ? what => onAsk({ verb: what, app }) : null} />
      )}
      {last === undefined && apart !== null ? (
        <Empty command={`inn restore ${app} --to now --plan`}>{APART[apart]}</Empty>
      ) : last === undefined ? (
        <Empty command={`inn drill now ${app}`}>Nobody has tried yet whether {app} can be restored.</Empty>
      ) : (
        <div className="grid grid-cols-[minmax(0,1fr)] gap-x-8 gap-y-5 p-4 lg:grid-cols-[minmax(0,2fr)_minmax(0,1fr)]">
          <div className="grid content-start gap-3">
            <LastDrill drill={last} />
            <Levels drill={last} />
          </div>
          <DrillCharts drills={drills} />
        </div>
      )}
    </Card>
  )
}

const APART: Record<Apart, string> = {
  dumps: 'Its database is on another server: dumps of it are kept, and come back whole.',
  files: 'It has no database: its files and its Redis are kept with each restore point, and come back whole.',
}

const STATES: Record<Drill['state'], [Tone, string]> = {
  proven: ['ink', 'It can be restored.'],
  failed: ['bad', 'It could not be restored.'],
  running: ['busy', 'A restore is being rehearsed.'],
  cancelled: ['soft', 'The drill was broken off before it could prove anything.'],
}

function LastDrill({ drill }: { drill: Drill }) {
  const [tone, says] = STATES[drill.state]
  return (
    <p className="flex flex-wrap items-center gap-x-2 gap-y-1" data-drill={drill.id} data-state={drill.state}>
      <Badge tone={tone}>{drill.state}</Badge>
      <span className="font-medium">{says}</span>
      <span className="text-xs text-soft">
        drill <Ago at={drill.startedAt} />, from {drill.point} at {drill.place}
      </span>
    </p>
  )
}
