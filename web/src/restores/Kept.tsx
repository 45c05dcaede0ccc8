import type { PutAside } from '../../../server/src/data/restores/wire.ts'
import { Button } from '../kit/Button.tsx'
import { Undo } from '../kit/icons.tsx'
import { Ago } from '../kit/time.tsx'
import { size } from '../kit/words.ts'

interface Props {
  /** What is put aside of one app, newest first. */
  kept: readonly PutAside[]
  /** null: this person may not undo or discard. */
  onAfter: ((what: 'undo' | 'discard') => void) | null
}

/** Data that restores and recoveries put aside. Only the newest can be undone or discarded; it hides earlier ones. */
export function Kept({ kept, onAfter }: Props) {
  return (
    <ul aria-label="put aside by restores" className="grid">
      {kept.map(({ aside, at, moment, bytes }, i) => (
        <li
          key={aside}
          data-kept={aside}
          className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2 border-b border-line bg-sunk px-4 py-2.5"
        >
          <p className="min-w-0">
            {moment === null ? 'Recovered ' : 'Restored '}
            <Ago at={at} />
            {moment !== null && (
              <>
                {' '}
                to <span className="font-medium">{moment}</span>
              </>
            )}
            . What was there before is kept as <code className="font-mono text-xs">{aside}</code>
            {bytes !== null && ` (${size(bytes)})`}.
          </p>
          {i === 0 && onAfter !== null && (
            <span className="flex gap-2">
              {moment !== null && (
                <Button small data-action="restore-undo" onClick={() => onAfter('undo')}>
                  <Undo className="size-3.5" />
                  Take back
                </Button>
              )}
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
