import type { Run } from '../../../server/src/engine/wire.ts'
import { Check, Undo, Warn } from '../kit/icons.tsx'
import { Leftover } from './Leftover.tsx'

const ENDINGS = {
  done: { says: 'All of it is done.', look: 'border-line bg-card', Icon: Check },
  'done-but': {
    says: 'It holds, but something is left over:',
    look: 'border-warn/40 bg-warn-tint',
    Icon: Warn,
  },
  undone: {
    says: 'It was taken back: what serves is as it was before.',
    look: 'border-line bg-card',
    Icon: Undo,
  },
  stuck: {
    says: 'It could not be taken back completely. A person must act:',
    look: 'border-bad/40 bg-bad-tint',
    Icon: Warn,
  },
} satisfies Record<NonNullable<Run['outcome']>, unknown>

/** How a run ended, in one sentence, and what is left to do. */
export function Ending({
  outcome,
  leftover,
}: {
  outcome: NonNullable<Run['outcome']>
  leftover: readonly string[]
}) {
  const { says, look, Icon } = ENDINGS[outcome]
  return (
    <div className={`rounded-lg border px-4 py-3 ${look}`}>
      <p className="flex gap-2 font-semibold">
        <Icon className="mt-0.5" />
        {says}
      </p>
      <Leftover lines={leftover} />
    </div>
  )
}
