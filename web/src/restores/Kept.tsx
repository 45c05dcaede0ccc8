import type { KeptRestore } from '../../../server/src/data/restores/wire.ts'
import { Button } from '../kit/Button.tsx'
import { Undo } from '../kit/icons.tsx'
import { Ago } from '../kit/time.tsx'

interface Props {
  /** Restores of one app whose earlier data is kept, newest first. */
  kept: readonly KeptRestore[]
  /** null: this person may not undo or discard. */
  onAfter: ((what: 'undo' | 'discard') => void) | null
}

/** Data that restores put aside. Only the newest can be undone or discarded; it hides earlier ones. */
export function Kept({ kept, onAfter }: Props) {
  return (
    <ul aria-label="put aside by restores" className="grid">
      {kept.map(({ aside, at, moment }, i) => (
        <li
          key={aside}
          data-kept={aside}
          className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2 border-b border-line bg-sunk px-4 py-2.5"
        >
          <p className="min-w-0">
            Restored <Ago at={at} /> to <span className="font-medium">{moment}</span>. What was there before
            is kept as <code className="font-mono text-xs">{aside}</code>.
          </p>
          {i === 0 && onAfter !== null && (
            <span className="flex gap-2">
              <Button small data-action="restore-undo" onClick={() => onAfter('undo')}>
                <Undo className="size-3.5" />
                Take back
              </Button>
              <Button
                small
                data-action="restore-discard"
                className="!text-bad"
                onClick={() => onAfter('discard')}
              >
                Discard
              </Button>
            </span>
          )}
        </li>
      ))}
    </ul>
  )
}
