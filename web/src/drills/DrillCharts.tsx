import type { Drill } from '../../../server/src/data/drills/wire.ts'
import { type Column, Columns } from '../kit/Columns.tsx'
import { dateTime, duration } from '../kit/words.ts'

const FIGURES = [
  { key: 'rtoMs', title: 'RTO: back after', none: 'no time measured' },
  { key: 'rpoMs', title: 'RPO: at most missing', none: 'no loss measured' },
] as const

/** Charts of all drills: how long the restore took, and how much data could have been lost. */
export function DrillCharts({ drills }: { drills: readonly Drill[] }) {
  const ended = drills.filter(({ state }) => state === 'proven' || state === 'failed').toReversed()
  const first = ended[0]
  if (first === undefined) return null
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] content-start gap-6">
      {FIGURES.map(({ key, title, none }) => (
        <Columns
          key={key}
          title={title}
          show={duration}
          ends={[dateTime(first.startedAt), 'last drill']}
          columns={ended.map((drill): Column => {
            const value = drill[key]
            const said = value === null ? none : duration(value)
            return {
              key: drill.id,
              value,
              tone: drill.state === 'failed' ? 'bad' : 'ink',
              says: `${said}, ${drill.state}, ${dateTime(drill.startedAt)}`,
            }
          })}
        />
      ))}
    </div>
  )
}
