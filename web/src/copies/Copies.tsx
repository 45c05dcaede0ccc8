import { useState } from 'react'
import type { CopyView } from '../../../server/src/data/copies/wire.ts'
import { useChange, type Wanted } from '../changes/queries.ts'
import { Button } from '../kit/Button.tsx'
import { Card } from '../kit/Card.tsx'
import { Command } from '../kit/Command.tsx'
import { Confirm } from '../kit/Confirm.tsx'
import { dateTime } from '../kit/words.ts'

/** The copies to look at: where each is, and until when. */
export function Copies({ copies }: { copies: readonly CopyView[] }) {
  if (copies.length === 0) return null
  return (
    <Card title="Copies to look at">
      <ul aria-label="copies" className="grid grid-cols-[minmax(0,1fr)]">
        {copies.map(copy => (
          <li
            key={copy.name}
            data-copy={copy.name}
            className="grid grid-cols-[minmax(0,1fr)] gap-2 border-b border-line px-4 py-3 last:border-b-0"
          >
            <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2">
              <p className="min-w-0">
                <span className="font-semibold">{copy.name}</span>: {copy.app}, {copy.moment}
                {copy.state === 'making' && ', being made'}
                {copy.until !== null && (
                  <span className="text-soft"> · goes by itself {dateTime(copy.until)}</span>
                )}
              </p>
              {copy.state === 'open' && <Remove name={copy.name} />}
            </div>
            {copy.addresses !== null && <Command text={copy.addresses.app} />}
          </li>
        ))}
      </ul>
    </Card>
  )
}

function Remove({ name }: { name: string }) {
  const [asking, setAsking] = useState(false)
  const wanted: Wanted = { path: `/api/copies/${name}/remove`, request: {} }
  const remove = useChange(wanted)
  return (
    <>
      <Button small className="!text-bad" onClick={() => setAsking(true)} aria-label={`remove ${name}`}>
        Remove
      </Button>
      {asking && (
        <Confirm
          title={`Remove the copy ${name}`}
          confirm="Remove"
          busy={remove.isPending}
          error={remove.error}
          onConfirm={() => remove.mutate()}
          onClose={() => setAsking(false)}
        >
          <p>What was written in it goes with it. The app and its backups stay as they are.</p>
        </Confirm>
      )}
    </>
  )
}
