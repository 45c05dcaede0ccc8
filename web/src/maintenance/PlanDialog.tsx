import { useState } from 'react'
import { serverNow } from '../keeper/connection.ts'
import { Button } from '../kit/Button.tsx'
import { Dialog } from '../kit/Dialog.tsx'
import { ErrorBox } from '../kit/Failure.tsx'
import { Labelled } from '../kit/Labelled.tsx'
import { Select } from '../kit/Select.tsx'
import { usePlan } from './queries.ts'

const LASTS = [
  ['900000', 'a quarter of an hour'],
  ['1800000', 'half an hour'],
  ['3600000', 'an hour'],
  ['7200000', 'two hours'],
  ['14400000', 'four hours'],
] as const
const WHEN = [
  ['now', 'now'],
  ['later', 'later'],
] as const
const ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone

/** Plans a time in which visitors of an app are kept out. Commands are planned by the command line. */
export function PlanDialog({ app, onClose }: { app: string; onClose: () => void }) {
  const [when, setWhen] = useState('later')
  const [at, setAt] = useState('')
  const [lasts, setLasts] = useState('3600000')
  const [text, setText] = useState('')
  const [allow, setAllow] = useState('')
  const plan = usePlan(app)
  const begins = when === 'now' ? serverNow() : Date.parse(at)
  const send = () =>
    plan.mutate(
      {
        ...{ beginsAt: new Date(begins).toISOString(), lasts: Number(lasts) },
        text: text.trim() === '' ? null : text,
        allow: allow.split(/[\s,]+/).filter(one => one !== ''),
      },
      { onSuccess: onClose },
    )
  const field = (label: string, type: string, value: string, set: (value: string) => void) => (
    <Labelled label={label}>
      {id => (
        <input
          id={id}
          type={type}
          className="field"
          value={value}
          onChange={event => set(event.target.value)}
        />
      )}
    </Labelled>
  )
  return (
    <Dialog
      title={`Maintenance of ${app}`}
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="main" busy={plan.isPending} disabled={Number.isNaN(begins)} onClick={send}>
            {when === 'now' ? 'Keep visitors out now' : 'Plan it'}
          </Button>
        </>
      }
    >
      <p>
        Visitors get a page that says so, and alerts of the app are quiet. Channels are told the day and the
        hour before, and of its beginning and its end.
      </p>
      <div className="mt-3 grid gap-3 sm:grid-cols-2">
        <Select label="When" value={when} options={WHEN} onChange={setWhen} />
        {when === 'later' && field(`From, by the clock of ${ZONE}`, 'datetime-local', at, setAt)}
        <Select label="For" value={lasts} options={LASTS} onChange={setLasts} />
        {field('What the page says (may be empty)', 'text', text, setText)}
        {field('Addresses that get in (may be empty)', 'text', allow, setAllow)}
      </div>
      {plan.error != null && <ErrorBox error={plan.error} />}
    </Dialog>
  )
}
