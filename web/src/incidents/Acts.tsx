import { type ReactNode, useState } from 'react'
import type { IncidentDetail } from '../../../server/src/watch/incidents/wire.ts'
import { Button } from '../kit/Button.tsx'
import { Card } from '../kit/Card.tsx'
import { ErrorBox } from '../kit/Failure.tsx'
import { Labelled } from '../kit/Labelled.tsx'
import { Select } from '../kit/Select.tsx'
import { useAct, useFollow, useReview } from './queries.ts'

/** Takes an incident in hand, and ends it. */
export function InHand({ one }: { one: IncidentDetail }) {
  const act = useAct(one.id)
  const [note, setNote] = useState('')
  return (
    <Card title="What now">
      <div className="grid gap-3 p-4">
        {one.acknowledged === null && (
          <div>
            <Button look="main" busy={act.isPending} onClick={() => act.mutate({ act: 'ack' })}>
              I have it in hand
            </Button>
            <p className="mt-1 text-xs text-soft">Its alerts escalate no further.</p>
          </div>
        )}
        <Line
          label="What was wrong, and what helped"
          value={note}
          onChange={setNote}
          button={
            <Button
              busy={act.isPending}
              onClick={() => act.mutate({ act: 'resolve', body: { note: note.trim() === '' ? null : note } })}
            >
              It is over
            </Button>
          }
        />
        {act.error != null && <ErrorBox error={act.error} />}
      </div>
    </Card>
  )
}

interface LineProps {
  label: string
  value: string
  onChange: (value: string) => void
  button: ReactNode
  more?: ReactNode
}

function Line({ label, value, onChange, button, more }: LineProps) {
  return (
    <div className="flex flex-wrap items-end gap-2">
      <div className="min-w-48 flex-1">
        <Labelled label={label}>
          {id => (
            <input id={id} className="field" value={value} onChange={event => onChange(event.target.value)} />
          )}
        </Labelled>
      </div>
      {more}
      {button}
    </div>
  )
}

/** Adds to the timeline. */
export function NoteForm({ id }: { id: number }) {
  const [note, setNote] = useState('')
  const act = useAct(id)
  const send = () => act.mutate({ act: 'note', body: { note } }, { onSuccess: () => setNote('') })
  return (
    <div className="border-b border-line px-4 py-3">
      <Line
        label="What you found or did"
        value={note}
        onChange={setNote}
        button={
          <Button busy={act.isPending} disabled={note.trim() === ''} onClick={send}>
            Note it
          </Button>
        }
      />
      {act.error != null && <ErrorBox error={act.error} />}
    </div>
  )
}

const DAYS = [
  ['7', 'in a week'],
  ['14', 'in two weeks'],
  ['30', 'in a month'],
] as const

/** Asks for something to be done. */
export function FollowUpForm({ id }: { id: number }) {
  const [what, setWhat] = useState('')
  const [days, setDays] = useState('14')
  const follow = useFollow(id)
  const send = () => {
    const dueAt = new Date(Date.now() + Number(days) * 86_400_000).toISOString()
    follow.mutate({ what, dueAt }, { onSuccess: () => setWhat('') })
  }
  return (
    <div className="border-t border-line px-4 py-3">
      <Line
        label="What is to be done"
        value={what}
        onChange={setWhat}
        more={<Select label="Ask about it" value={days} options={DAYS} onChange={setDays} />}
        button={
          <Button busy={follow.isPending} disabled={what.trim() === ''} onClick={send}>
            Add
          </Button>
        }
      />
      {follow.error != null && <ErrorBox error={follow.error} />}
    </div>
  )
}

/** The draft of the review, to copy from. */
export function Review({ id }: { id: number }) {
  const review = useReview(id)
  return (
    <Card title="Review">
      <div className="grid gap-3 p-4">
        <p className="text-soft">
          A draft in Markdown, made from the timeline: what happened, its impact, what changed, what is to be
          done.
        </p>
        <div>
          <Button busy={review.isPending} onClick={() => review.mutate()}>
            Draft it
          </Button>
        </div>
        {review.error != null && <ErrorBox error={review.error} />}
        {review.data && (
          <textarea
            aria-label="review"
            readOnly
            rows={18}
            className="field h-auto font-mono text-xs leading-5"
            value={review.data.markdown}
          />
        )}
      </div>
    </Card>
  )
}
