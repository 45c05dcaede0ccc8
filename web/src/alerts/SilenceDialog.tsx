import { useState } from 'react'
import type { AlertView } from '../../../server/src/watch/alerts/wire.ts'
import { Button } from '../kit/Button.tsx'
import { Dialog } from '../kit/Dialog.tsx'
import { ErrorBox } from '../kit/Failure.tsx'
import { Labelled } from '../kit/Labelled.tsx'
import { Select } from '../kit/Select.tsx'
import { useMe } from '../people/me.ts'
import { useSilence } from './queries.ts'

const HOURS = [
  ['1', 'an hour'],
  ['4', 'four hours'],
  ['12', 'twelve hours'],
  ['72', 'three days'],
] as const

/** Silences alerts like this one, or all of its app, for a while. */
export function SilenceDialog({ alert, onClose }: { alert: AlertView; onClose: () => void }) {
  const [hours, setHours] = useState('1')
  const [what, setWhat] = useState('this')
  const [comment, setComment] = useState('')
  const by = useMe().data?.name ?? ''
  const silence = useSilence()
  const { app, labels } = alert
  const { severity: _, ...own } = labels
  const send = () =>
    silence.mutate(
      { labels: what === 'app' && app !== null ? { app } : own, hours: Number(hours), by, comment },
      { onSuccess: onClose },
    )
  return (
    <Dialog
      title="Silence"
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="main" busy={silence.isPending} disabled={comment.trim() === ''} onClick={send}>
            Silence
          </Button>
        </>
      }
    >
      <p>Nobody is told of it until then. What is still wrong at the end is told at once.</p>
      <div className="mt-3 grid gap-3 sm:grid-cols-2">
        {app !== null && (
          <Select
            label="What"
            value={what}
            options={[
              ['this', 'this alert'],
              ['app', `everything of ${app}`],
            ]}
            onChange={setWhat}
          />
        )}
        <Select label="For" value={hours} options={HOURS} onChange={setHours} />
        <Labelled label="Why">
          {id => (
            <input
              id={id}
              className="field"
              value={comment}
              onChange={event => setComment(event.target.value)}
            />
          )}
        </Labelled>
      </div>
      {silence.error != null && <ErrorBox error={silence.error} />}
    </Dialog>
  )
}
