import { useState } from 'react'
import type { IncidentDetail, PublicState } from '../../../server/src/watch/incidents/wire.ts'
import { Badge } from '../kit/Badge.tsx'
import { Button } from '../kit/Button.tsx'
import { Card } from '../kit/Card.tsx'
import { Empty } from '../kit/Empty.tsx'
import { ErrorBox } from '../kit/Failure.tsx'
import { Labelled } from '../kit/Labelled.tsx'
import { Select } from '../kit/Select.tsx'
import { dateTime } from '../kit/words.ts'
import { useAct } from './queries.ts'

const STATES = [
  ['investigating', 'Investigating'],
  ['identified', 'Identified'],
  ['monitoring', 'Monitoring'],
  ['resolved', 'Resolved'],
] as const

/** What people outside were told of an incident, and the next word to them. */
export function Public({ one, mayAct }: { one: IncidentDetail; mayAct: boolean }) {
  if (one.components === null && one.updates.length === 0) return null
  return (
    <Card title="In public" aside={<span className="text-xs text-soft">on the status page</span>}>
      {mayAct && one.components !== null && <Form one={one} known={one.components} />}
      {one.updates.length === 0 ? (
        <Empty>Nothing was said in public. How the components are measured is on the page by itself.</Empty>
      ) : (
        <ul aria-label="public updates" className="divide-y divide-line">
          {one.updates.toReversed().map(update => (
            <li key={update.id} className="grid gap-1 px-4 py-2.5">
              <p className="flex flex-wrap items-center gap-2 text-xs text-soft">
                <Badge tone={update.as === 'resolved' ? 'green' : 'warn'}>{update.as}</Badge>
                <time dateTime={update.at}>{dateTime(update.at)}</time>
                <span>by {update.by}</span>
                {update.components.length > 0 && <span>{update.components.join(', ')}</span>}
              </p>
              <p className="break-words whitespace-pre-line">{update.say}</p>
            </li>
          ))}
        </ul>
      )}
    </Card>
  )
}

function Form({ one, known }: { one: IncidentDetail; known: readonly string[] }) {
  const last = one.updates.at(-1)
  const [say, setSay] = useState('')
  const [title, setTitle] = useState('')
  const [as, setAs] = useState<PublicState>(last?.as ?? 'investigating')
  const [components, setComponents] = useState<readonly string[]>(last?.components ?? [])
  const act = useAct(one.id)
  const send = () =>
    act.mutate(
      { act: 'update', body: { say, as, title: title.trim() === '' ? null : title, components } },
      {
        onSuccess: () => {
          setSay('')
          setTitle('')
        },
      },
    )
  const toggle = (name: string) =>
    setComponents(
      components.includes(name) ? components.filter(other => other !== name) : [...components, name],
    )
  return (
    <div className="grid gap-3 border-b border-line px-4 py-3">
      <Labelled label="What people outside are told">
        {id => (
          <textarea
            id={id}
            rows={3}
            className="field h-auto py-1.5"
            value={say}
            onChange={event => setSay(event.target.value)}
          />
        )}
      </Labelled>
      {known.length > 0 && (
        <fieldset className="flex flex-wrap gap-x-4 gap-y-1">
          <legend className="text-xs text-soft">What it is about</legend>
          {known.map(name => (
            <label key={name} className="flex items-center gap-1.5">
              <input type="checkbox" checked={components.includes(name)} onChange={() => toggle(name)} />
              {name}
            </label>
          ))}
        </fieldset>
      )}
      <div className="flex flex-wrap items-end gap-2">
        <Select
          label="How far it is"
          value={as}
          options={STATES}
          onChange={value => setAs(value as PublicState)}
        />
        <div className="min-w-48 flex-1">
          <Labelled label="Title in public; empty: as before, or by how bad it is">
            {id => (
              <input
                id={id}
                className="field"
                value={title}
                onChange={event => setTitle(event.target.value)}
              />
            )}
          </Labelled>
        </div>
        <Button look="main" busy={act.isPending} disabled={say.trim() === ''} onClick={send}>
          Publish
        </Button>
      </div>
      {act.error != null && <ErrorBox error={act.error} />}
    </div>
  )
}
