import type { z } from 'zod'
import type { Drill, DrillLevel } from '../../../server/src/data/drills/wire.ts'
import { Check, Circle, Cross } from '../kit/icons.tsx'
import { capital, duration } from '../kit/words.ts'

type Level = z.infer<typeof DrillLevel>

const MARKS: Record<Level['state'], { icon: typeof Check; look: string; box: string }> = {
  proven: { icon: Check, look: 'text-ink', box: 'bg-ink text-card' },
  failed: { icon: Cross, look: 'text-bad', box: 'bg-bad text-card' },
  skipped: { icon: Circle, look: 'text-faint', box: 'bg-sunk text-faint ring-1 ring-inset ring-line' },
}

/** How far a drill came: each level builds on those below it. */
export function Levels({ drill }: { drill: Drill }) {
  return (
    <div className="grid gap-3">
      {drill.abandoned !== null && <p className="text-xs text-warn">{capital(drill.abandoned)}</p>}
      <div aria-hidden="true" className="flex gap-1 text-center text-xs font-medium">
        {drill.levels.map(({ level, state }) => (
          <span key={level} className={`flex-1 rounded-sm py-0.5 ${MARKS[state].box}`}>
            L{level}
          </span>
        ))}
      </div>
      <ol aria-label={`levels of ${drill.id}`} className="grid gap-1.5">
        {drill.levels.map(level => (
          <Rung key={level.level} level={level} />
        ))}
      </ol>
      {drill.unproven.length > 0 && (
        <details className="text-xs text-soft">
          <summary className="w-fit hover:text-ink">What it does not show</summary>
          <ul className="mt-1.5 grid list-disc gap-1 pl-5">
            {drill.unproven.map(sentence => (
              <li key={sentence}>{capital(sentence)}</li>
            ))}
          </ul>
        </details>
      )}
    </div>
  )
}

function Rung({ level: { level, name, state, detail, ms } }: { level: Level }) {
  const { icon: Icon, look } = MARKS[state]
  return (
    <li
      className="grid grid-cols-[1rem_1.5rem_minmax(0,1fr)_auto] gap-x-2"
      data-level={level}
      data-state={state}
    >
      <Icon className={`mt-0.5 ${look}`} />
      <span className="text-soft">L{level}</span>
      <span className="min-w-0">
        <span className={state === 'skipped' ? 'text-soft' : ''}>{capital(name)}</span>
        <span className={`block text-xs ${state === 'failed' ? 'text-bad' : 'text-soft'}`}>
          <span className={state === 'proven' ? 'sr-only' : ''}>{state}: </span>
          {detail}
        </span>
      </span>
      <span className="text-xs leading-5 text-soft">{ms !== null && duration(ms)}</span>
    </li>
  )
}
