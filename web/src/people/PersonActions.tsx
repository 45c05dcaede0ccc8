import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { type Person, PersonAnswer, PersonRemoved } from '../../../server/src/reach/people/wire.ts'
import { ask } from '../keeper/request.ts'
import { Button } from '../kit/Button.tsx'
import { Confirm } from '../kit/Confirm.tsx'
import { Once } from '../kit/Once.tsx'
import { useMe } from './me.ts'
import { type PersonRights, RightsFields } from './RightsFields.tsx'
import { sayRights } from './rights.ts'

/** Changes the role of a person, or removes the person, each after a dialog that says what follows. */
export function PersonActions({ person }: { person: Person }) {
  const [open, setOpen] = useState<'role' | 'remove' | null>(null)
  const close = () => setOpen(null)
  return (
    <span className="inline-flex gap-1.5">
      <Button small onClick={() => setOpen('role')} aria-label={`change the role of ${person.email}`}>
        Role
      </Button>
      <Button
        small
        className="!text-bad"
        onClick={() => setOpen('remove')}
        aria-label={`remove ${person.email}`}
      >
        Remove
      </Button>
      {open === 'role' && <ChangeRole person={person} onClose={close} />}
      {open === 'remove' && <Remove person={person} onClose={close} />}
    </span>
  )
}

interface Props {
  person: Person
  onClose: () => void
}

/** What all changes of people share: afterwards the lists are asked for again. */
function usePeopleChange<T>(change: () => Promise<T>, onDone: () => void) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: change,
    onSuccess: async () => {
      await Promise.all(['people', 'tokens', 'me'].map(key => client.invalidateQueries({ queryKey: [key] })))
      onDone()
    },
  })
}

function ChangeRole({ person, onClose }: Props) {
  const [rights, setRights] = useState<PersonRights>({ role: person.role, apps: person.apps })
  const change = usePeopleChange(
    () => ask(PersonAnswer, '/api/people', { body: { email: person.email, ...rights } }),
    () => {},
  )
  if (change.data !== undefined) return <Changed answer={change.data} onClose={onClose} />
  return (
    <Confirm
      title={`Role of ${person.name}`}
      confirm="Change role"
      busy={change.isPending}
      error={change.error}
      onConfirm={() => (sayRights(rights) === sayRights(person) ? onClose() : change.mutate())}
      onClose={onClose}
    >
      <div className="grid gap-3 text-left">
        <RightsFields rights={rights} onChange={setRights} />
        <p>
          It counts at once, for every page that they have open. Tokens that they made end when they may not
          make them any more.
        </p>
        <Self person={person} />
      </div>
    </Confirm>
  )
}

function Changed({ answer, onClose }: { answer: PersonAnswer; onClose: () => void }) {
  const { person, link, ended } = answer
  return (
    <Confirm
      title={`${person.name} is ${sayRights(person)}`}
      confirm="Close"
      cancel="Back"
      busy={false}
      error={null}
      onConfirm={onClose}
      onClose={onClose}
    >
      <Once title="Only for who has not chosen a password yet" text={link}>
        A link from before ended with this change. Who has a password keeps it.
        {ended.length > 0 && ` Tokens that ended too: ${ended.join(', ')}.`}
      </Once>
    </Confirm>
  )
}

function Remove({ person, onClose }: Props) {
  const remove = usePeopleChange(
    () => ask(PersonRemoved, `/api/people/${encodeURIComponent(person.email)}`, { method: 'DELETE' }),
    onClose,
  )
  return (
    <Confirm
      title={`Remove ${person.name}`}
      confirm="Remove"
      busy={remove.isPending}
      error={remove.error}
      onConfirm={() => remove.mutate()}
      onClose={onClose}
    >
      <div className="grid gap-3 text-left">
        <p>
          {person.email} is signed out everywhere, and what they have under way here is closed. The tokens
          that they made end with them, so whatever uses one is refused.
        </p>
        <Self person={person} />
      </div>
    </Confirm>
  )
}

function Self({ person }: { person: Person }) {
  const { data: me } = useMe()
  if (me?.email !== person.email) return null
  return <p className="font-medium text-warn">This is you.</p>
}
