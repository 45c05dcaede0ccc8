import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import type { IncidentSeverity } from '../../../server/src/watch/incidents/wire.ts'
import { useStatus } from '../keeper/status.ts'
import { Button } from '../kit/Button.tsx'
import { Dialog } from '../kit/Dialog.tsx'
import { ErrorBox } from '../kit/Failure.tsx'
import { Labelled } from '../kit/Labelled.tsx'
import { Select } from '../kit/Select.tsx'
import { useMay, useMayIn } from '../people/me.ts'
import { useOpen } from './queries.ts'

const SEVERITIES = [
  ['critical', 'critical: nothing works'],
  ['major', 'major: much fails'],
  ['minor', 'minor: little does'],
] as const
const SERVER = ''

/** Opens an incident by hand. */
export function OpenDialog({ onClose }: { onClose: () => void }) {
  const [mayIn, mayServer] = [useMayIn('operator'), useMay('operator', null)]
  const apps = (useStatus().data?.apps ?? []).map(({ name }) => name).filter(name => mayIn(name))
  const [title, setTitle] = useState('')
  const [impact, setImpact] = useState('')
  const [severity, setSeverity] = useState<string>('major')
  const [chosen, setApp] = useState<string | null>(null)
  const app = chosen ?? apps[0] ?? SERVER
  const open = useOpen()
  const navigate = useNavigate()
  const send = () =>
    open.mutate(
      {
        ...{ title, severity: severity as IncidentSeverity, app: app === SERVER ? null : app },
        impact: impact.trim() === '' ? null : impact,
      },
      { onSuccess: ({ id }) => void navigate({ to: '/incidents/$id', params: { id: String(id) } }) },
    )
  const options: Array<readonly [string, string]> = [
    ...apps.map(name => [name, name] as const),
    ...(mayServer ? [[SERVER, 'the server'] as const] : []),
  ]
  const text = (label: string, value: string, set: (value: string) => void) => (
    <Labelled label={label}>
      {id => <input id={id} className="field" value={value} onChange={event => set(event.target.value)} />}
    </Labelled>
  )
  return (
    <Dialog
      title="Open an incident"
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="main" busy={open.isPending} disabled={title.trim() === ''} onClick={send}>
            Open
          </Button>
        </>
      }
    >
      <p>Everybody who is told of critical alerts is told of it, until somebody has it in hand.</p>
      <div className="mt-3 grid gap-3 sm:grid-cols-2">
        {text('What goes wrong', title, setTitle)}
        {text('What people outside notice (may be empty)', impact, setImpact)}
        <Select label="Of" value={app} options={options} onChange={setApp} />
        <Select label="How bad" value={severity} options={SEVERITIES} onChange={setSeverity} />
      </div>
      {open.error != null && <ErrorBox error={open.error} />}
    </Dialog>
  )
}
