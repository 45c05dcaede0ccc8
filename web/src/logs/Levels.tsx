import type { LogErrors } from '../../../server/src/watch/logs/wire.ts'
import { type Column, Columns } from '../kit/Columns.tsx'
import { clockMinutes, count, list, number } from '../kit/words.ts'
import { useErrors } from './queries.ts'

type Slot = LogErrors['slots'][number]
type Level = keyof Slot

/** From the foot of a column up: what matters most has the same foot in all of them. */
const LEVELS: ReadonlyArray<[Level, Column['tone'], string, string]> = [
  ['error', 'bad', 'bg-bad', 'error'],
  ['warn', 'warn', 'bg-warn', 'warn'],
  ['info', 'soft', 'bg-soft/60', 'info'],
  ['debug', 'faint', 'bg-faint/30', 'debug'],
  ['none', 'faint', 'bg-faint/30', 'of no level'],
]

const total = (slot: Slot): number => LEVELS.reduce((sum, [level]) => sum + slot[level], 0)

/** How many lines an app wrote in the last day, by level and time. */
export function Levels({ app }: { app: string }) {
  const { data } = useErrors(app)
  if (data === undefined || data.slots.every(slot => total(slot) === 0)) return null
  const start = (n: number) => new Date(data.from).getTime() + n * data.slotMs
  return (
    <div className="border-b border-line px-4 py-3">
      <Columns
        title="Lines each half hour of the last day"
        show={number}
        ends={[clockMinutes(start(0)), 'now']}
        columns={data.slots.map((slot, n) => ({
          key: String(start(n)),
          value: total(slot),
          tone: 'soft',
          parts: LEVELS.map(([level, tone]) => ({ value: slot[level], tone })),
          says: `${said(slot)} from ${clockMinutes(start(n))} to ${clockMinutes(start(n + 1))}`,
        }))}
      />
      <ul className="mt-1 flex flex-wrap gap-x-4 text-xs text-soft" aria-label="levels">
        {LEVELS.slice(0, -1).map(([level, , colour, name]) => (
          <li key={level} className="flex items-center gap-1.5">
            <span aria-hidden="true" className={`size-2 rounded-sm ${colour}`} />
            {level === 'debug' ? 'debug, or no level' : name}
          </li>
        ))}
      </ul>
    </div>
  )
}

function said(slot: Slot): string {
  const parts = LEVELS.filter(([level]) => slot[level] > 0).map(([level, , , name]) =>
    level === 'error' ? count(slot.error, 'error') : `${number(slot[level])} ${name}`,
  )
  return parts.length === 0 ? 'no line' : list(parts)
}
