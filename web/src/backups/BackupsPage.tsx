import { Link } from '@tanstack/react-router'
import { Fragment, useState } from 'react'
import type { BackupPlace, Backups, RestorePoint } from '../../../server/src/data/backups/wire.ts'
import { Copies } from '../copies/Copies.tsx'
import { useCopies } from '../copies/queries.ts'
import { useDrills } from '../drills/queries.ts'
import { useStatus } from '../keeper/status.ts'
import { Alarms } from '../kit/Alarms.tsx'
import { Button } from '../kit/Button.tsx'
import { Card } from '../kit/Card.tsx'
import { Empty } from '../kit/Empty.tsx'
import { Loaded } from '../kit/Loaded.tsx'
import { dateTime } from '../kit/words.ts'
import { useMay, useMayIn } from '../people/me.ts'
import { pointsOf } from '../points/owner.ts'
import { useKept } from '../restores/queries.ts'
import { useBackupRuns } from '../runs/queries.ts'
import { RunList } from '../runs/RunList.tsx'
import { RunProgress } from '../runs/RunProgress.tsx'
import { AppBackups } from './AppBackups.tsx'
import { type Asked, Dialogs } from './Dialogs.tsx'
import { PlaceCard } from './PlaceCard.tsx'
import { Points } from './Points.tsx'
import { useBackups } from './queries.ts'
import { apartOf, subjectsOf, windowsOf } from './subjects.ts'

/** What can be restored, from where, and whether a drill has tried it. `only`: show only what concerns this app. */
export function BackupsPage({ only }: { only: string | null }) {
  const backups = useBackups()
  const [asked, ask] = useState<Asked | null>(null)
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-4">
      <Header only={only} backups={backups.data} onAsk={ask} />
      <Loaded query={backups} rows={8}>
        {data => <Sections only={only} backups={data} asked={asked} ask={ask} />}
      </Loaded>
    </div>
  )
}

interface HeaderProps {
  only: string | null
  backups: Backups | undefined
  onAsk: (asked: Asked) => void
}

function Header({ only, backups, onAsk }: HeaderProps) {
  const may = useMay('operator', only)
  return (
    <div className="flex flex-wrap items-start justify-between gap-x-6 gap-y-3">
      <div className="min-w-0">
        <h1 className="text-2xl font-semibold tracking-tight">Backups{only !== null && ` of ${only}`}</h1>
        {backups && <p className="mt-1 text-soft">{headline(backups, only)}</p>}
        {only !== null && (
          <Link to="/backups" className="link text-xs text-soft">
            of all apps
          </Link>
        )}
      </div>
      {may && backups && (
        <fieldset aria-label="backups" className="flex flex-wrap gap-2">
          <Button look="main" data-action="backup" onClick={() => onAsk({ verb: 'backup', app: only })}>
            Back up now
          </Button>
          <Button data-action="verify" onClick={() => onAsk({ verb: 'verify', app: only })}>
            Verify
          </Button>
        </fieldset>
      )}
    </div>
  )
}

/** The headline: the sentence that somebody reads first at two in the morning. */
function headline({ places }: Backups, only: string | null): string {
  const own = places.filter(place => only === null || place.app === only)
  const { since, without, torn } = windowsOf(own)
  if (since === null && own.some(place => place.seenAt === null))
    return 'The places are being asked what they hold.'
  if (since === null) return 'No moment of a database can be restored yet.'
  const but = without.length === 0 ? '' : `; none yet of ${without.join(', ')}`
  const gone = torn.length === 0 ? '' : `, except what ${torn.join(', ')} lost`
  return `Any moment since ${dateTime(since)} can be restored${gone}${but}.`
}

interface SectionsProps {
  only: string | null
  backups: Backups
  asked: Asked | null
  ask: (asked: Asked | null) => void
}

function Sections({ only, backups, asked, ask }: SectionsProps) {
  const { data: status } = useStatus()
  const { data: drills = [] } = useDrills()
  const { data: kept = [] } = useKept()
  const mayRestore = useMayIn('admin')
  const all = subjectsOf(status?.apps ?? [], backups.points)
  const apps = only === null ? all : [only]
  // Apps without data, and the keeper itself.
  const others = only === null ? backups.places.filter(place => !apps.includes(place.app)) : []
  const { data: copies = [] } = useCopies(apps.some(mayRestore))
  const points = only === null ? backups.points : pointsOf(only, backups.points)
  const restore = ({ app, name }: RestorePoint) => {
    if (app !== null) ask({ verb: 'restore', app, point: name })
  }
  return (
    <>
      <Alarms alarms={backups.alarms} />
      <UnderWay />
      {apps.map(app => (
        <Fragment key={app}>
          <AppBackups
            app={app}
            apart={apartOf(app, points)}
            drills={drills.filter(drill => drill.app === app)}
            kept={kept.filter(one => one.app === app)}
            onAsk={ask}
          />
          <Places places={backups.places.filter(place => place.app === app)} points={points} />
        </Fragment>
      ))}
      <Places places={others} points={points} />
      {status !== undefined && apps.length === 0 && (
        <Card title="Apps">
          <Empty command="inn deploy">
            No app here has a database, Redis or persistent folders. In its innkeeper.yaml, database:{' '}
            {'{ postgres: true }'} gives it a database.
          </Empty>
        </Card>
      )}
      <Copies copies={copies.filter(copy => only === null || copy.app === only)} />
      <Points points={points} mayRestore={app => apps.includes(app) && mayRestore(app)} onRestore={restore} />
      <Last only={only} />
      {asked !== null && <Dialogs asked={asked} apps={apps} backups={backups} onClose={() => ask(null)} />}
    </>
  )
}

function Places({ places, points }: { places: readonly BackupPlace[]; points: readonly RestorePoint[] }) {
  return places.map(place => (
    <PlaceCard key={`${place.app} ${place.name}`} place={place} points={pointsOf(place.app, points)} />
  ))
}

function UnderWay() {
  const { data: runs = [] } = useBackupRuns()
  return runs.filter(run => run.state !== 'ended').map(run => <RunProgress key={run.id} id={run.id} />)
}

function Last({ only }: { only: string | null }) {
  const runs = useBackupRuns()
  return (
    <Card title="History" aside={<span className="text-xs text-soft">newest first</span>}>
      <Loaded query={runs}>
        {data => {
          const shown = data.filter(run => only === null || run.app === null || run.app === only)
          if (shown.length === 0) return <Empty>Nothing was backed up, tried or restored yet.</Empty>
          return <RunList label="history of backups" runs={shown} />
        }}
      </Loaded>
    </Card>
  )
}
