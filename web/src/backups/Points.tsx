import { useState } from 'react'
import type { RestorePoint } from '../../../server/src/data/backups/wire.ts'
import { Badge, type Tone } from '../kit/Badge.tsx'
import { Button } from '../kit/Button.tsx'
import { Card } from '../kit/Card.tsx'
import { Empty } from '../kit/Empty.tsx'
import { Check, Circle, Cross, Turning } from '../kit/icons.tsx'
import { type Column, Table } from '../kit/Table.tsx'
import { Ago } from '../kit/time.tsx'
import { count, dateTime, size } from '../kit/words.ts'
import { filesOf, POINT_STATES, pointBy } from '../points/marks.ts'

const FIRST = 8

interface Props {
  points: readonly RestorePoint[]
  /** Whether this person may restore an app. */
  mayRestore: (app: string) => boolean
  onRestore: (point: RestorePoint) => void
}

export function Points({ points, mayRestore, onRestore }: Props) {
  const [all, setAll] = useState(false)
  const offered = (point: RestorePoint) => point.app !== null && mayRestore(point.app)
  const columns = points.some(offered)
    ? [...COLUMNS, restoreColumn(point => offered(point) && mayReturnTo(point), onRestore)]
    : COLUMNS
  return (
    <Card title="Restore points" aside={<span className="text-xs text-soft">newest first</span>}>
      {points.length === 0 ? (
        <Empty command="inn backup now">No restore point yet.</Empty>
      ) : (
        <Table
          label="restore points"
          columns={columns}
          rows={points.slice(0, all ? undefined : FIRST)}
          id={point => point.name}
        />
      )}
      {points.length > FIRST && !all && (
        <p className="border-t border-line p-2 text-center">
          <Button look="quiet" small onClick={() => setAll(true)}>
            Show all {points.length}
          </Button>
        </p>
      )}
    </Card>
  )
}

const STATES: Record<RestorePoint['state'], [Tone, typeof Check]> = {
  good: ['ink', Check],
  failed: ['bad', Cross],
  marked: ['soft', Circle],
  taking: ['busy', Turning],
}

function PointBadge({ state }: { state: RestorePoint['state'] }) {
  const [tone, Icon] = STATES[state]
  return (
    <Badge tone={tone}>
      <Icon className={`size-3.5 ${state === 'taking' ? 'turn' : ''}`} />
      {POINT_STATES[state]}
    </Badge>
  )
}

const COLUMNS: ReadonlyArray<Column<RestorePoint>> = [
  {
    head: 'Moment',
    wide: 'title',
    cell: ({ at, name, state, reason }) => (
      <span data-point={name} data-state={state}>
        <span className="font-semibold whitespace-nowrap">{dateTime(at)}</span>{' '}
        <span className="text-xs text-soft">
          <Ago at={at} />
        </span>
        {reason !== null && <span className="block text-xs text-bad">{reason}</span>}
      </span>
    ),
  },
  { head: 'State', cell: ({ state }) => <PointBadge state={state} /> },
  { head: 'Taken', cell: pointBy },
  {
    head: 'Holds',
    wide: true,
    cell: point => <span className="text-soft">{holds(point)}</span>,
  },
  { head: 'Name', wide: true, cell: ({ name }) => <span className="font-mono text-xs">{name}</span> },
]

/** What a restore point contains: 'shop r14, 12 tables, 3 MB of files'. */
function holds(point: RestorePoint): string {
  if (point.app === null) return `the state of the keeper, ${size(filesOf(point))}`
  if (point.state === 'marked') return 'a name in the log: the database alone'
  const tables = Object.values(point.counted).reduce((sum, one) => sum + one.tables, 0)
  const bytes = filesOf(point)
  const apps = Object.entries(point.releases).map(([app, release]) => `${app} ${release}`)
  const said = [...apps, ...(tables > 0 ? [count(tables, 'table')] : [])]
  return [...said, ...(bytes > 0 ? [`${size(bytes)} of files`] : [])].join(', ') || 'nothing yet'
}

/** The state of the keeper comes back with the whole server alone: `inn recover`. */
const mayReturnTo = ({ state }: RestorePoint): boolean => state === 'good' || state === 'marked'

const restoreColumn = (
  offered: (point: RestorePoint) => boolean,
  onRestore: (point: RestorePoint) => void,
): Column<RestorePoint> => ({
  head: 'Restore',
  right: true,
  wide: true,
  cell: point =>
    offered(point) && (
      <Button small aria-label={`restore to ${point.name}`} onClick={() => onRestore(point)}>
        Restore…
      </Button>
    ),
})
