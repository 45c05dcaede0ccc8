import type { BackupPlace, RestorePoint } from '../../../server/src/data/backups/wire.ts'
import { Card } from '../kit/Card.tsx'
import { Columns } from '../kit/Columns.tsx'
import { Empty } from '../kit/Empty.tsx'
import { Warn } from '../kit/icons.tsx'
import { Ago } from '../kit/time.tsx'
import { count, dateTime, size } from '../kit/words.ts'
import { backupSays, kindsOf, pointsAt } from '../points/marks.ts'
import { KEEPER } from '../points/owner.ts'
import { PlaceTimeline } from './PlaceTimeline.tsx'

interface Props {
  place: BackupPlace
  points: readonly RestorePoint[]
}

/** The backups at one place, and what can be restored from it. */
export function PlaceCard({ place, points }: Props) {
  const told = place.problem === null && place.seenAt !== null
  const empty = place.backups.length === 0 && pointsAt(place.name, points).length === 0
  return (
    <Card
      title={
        <span data-place={place.name} data-of={place.app}>
          {place.app} at {place.name}
        </span>
      }
      aside={<span className="min-w-0 font-mono text-xs break-all text-soft">{place.address}</span>}
    >
      {place.problem !== null && <Problem text={place.problem} lastGood={place.lastGood} />}
      {place.seenAt === null && (
        <p className="px-4 py-2.5 text-xs text-soft">It is being asked what it holds.</p>
      )}
      {told && empty && (
        <Empty command="inn backup now">
          Nothing is here yet. The first backup comes by itself, as soon as an app has something to keep.
        </Empty>
      )}
      {told && !empty && (
        <div className="grid grid-cols-[minmax(0,1fr)] gap-x-8 gap-y-5 p-4 lg:grid-cols-[minmax(0,2fr)_minmax(0,1fr)]">
          <PlaceTimeline place={place} points={points} />
          <div className="grid content-start gap-4">
            <Stored place={place} />
            <Facts place={place} />
          </div>
        </div>
      )}
    </Card>
  )
}

function Problem({ text, lastGood }: { text: string; lastGood: string | null }) {
  return (
    <div role="alert" className="flex gap-2 bg-bad-tint px-4 py-2.5">
      <Warn className="mt-0.5 text-bad" />
      <p className="min-w-0">
        It cannot be read now: {text}
        <span className="mt-1 block text-xs text-soft">
          {lastGood === null ? 'No good point is known there.' : 'The last good point there is of '}
          {lastGood !== null && <Ago at={lastGood} />}
        </span>
      </p>
    </div>
  )
}

/** A chart of the bytes that each backup added to the place. */
function Stored({ place }: { place: BackupPlace }) {
  const oldest = place.backups.toReversed()
  const [first, last] = [oldest[0], oldest.at(-1)]
  if (first === undefined || last === undefined) return null
  return (
    <Columns
      title="Stored by each backup"
      show={size}
      ends={[dateTime(first.endedAt), 'newest']}
      columns={oldest.map(backup => ({
        key: backup.label,
        value: backup.storedBytes,
        tone: backup.error ? 'bad' : backup.kind === 'full' ? 'ink' : 'soft',
        says: backupSays(backup),
      }))}
    />
  )
}

function Facts({ place }: { place: BackupPlace }) {
  return (
    <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1 text-xs [&>dd]:text-right [&>dt]:text-soft">
      <dt>Last good point</dt>
      <dd>{place.lastGood === null ? 'none yet' : <Ago at={place.lastGood} />}</dd>
      {place.backups.length > 0 && (
        <>
          <dt>Of the database</dt>
          <dd>
            {kindsOf(place.backups)}, {size(place.storedBytes)}
          </dd>
        </>
      )}
      <dt>{place.app === KEEPER ? "Of the keeper's own state" : 'Of files, Redis and releases'}</dt>
      <dd>{count(place.snapshots, 'snapshot')}</dd>
      <dt>The place was asked</dt>
      <dd>{place.seenAt !== null && <Ago at={place.seenAt} />}</dd>
    </dl>
  )
}
