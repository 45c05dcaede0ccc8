import { failureFrom } from '../keeper/request.ts'
import { Button } from '../kit/Button.tsx'
import { dateTime } from '../kit/words.ts'

/** Offers moments when the chosen time exists twice or never, because clocks were set back or forward. */
export function Instead({ error, onChoose }: { error: unknown; onChoose: (at: string) => void }) {
  const { code, facts = {} } = failureFrom(error)
  if (code !== 'moment.twice' && code !== 'moment.absent') return null
  const moments = Object.values(facts).filter(value => typeof value === 'number')
  return (
    <fieldset className="flex flex-wrap items-center gap-2">
      <legend className="mb-1 text-xs text-soft">Which is meant?</legend>
      {moments.map(at => (
        <Button key={at} small onClick={() => onChoose(new Date(at).toISOString())}>
          {dateTime(at)} ({new Date(at).toISOString().slice(11, 19)} UTC)
        </Button>
      ))}
    </fieldset>
  )
}
