import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { Done, type Passkey } from '../../../server/src/reach/people/wire.ts'
import { ask } from '../keeper/request.ts'
import { Button } from '../kit/Button.tsx'
import { Card } from '../kit/Card.tsx'
import { ErrorBox } from '../kit/Failure.tsx'
import { type Column, Table } from '../kit/Table.tsx'
import { Ago } from '../kit/time.tsx'
import { Asking } from './Asking.tsx'
import { DoorInput } from './Door.tsx'
import { deviceOf } from './device.ts'
import { NoPasskey } from './NoPasskey.tsx'
import { addPasskey, missing } from './passkey.ts'

/** The passkeys of the person who is signed in. */
export function Passkeys({ passkeys }: { passkeys: readonly Passkey[] }) {
  const [leaving, setLeaving] = useState<Passkey | null>(null)
  const columns: ReadonlyArray<Column<Passkey>> = [
    { head: 'Name', wide: 'title', cell: one => <span className="font-semibold">{one.name}</span> },
    { head: 'Works at', wide: true, cell: one => <span className="font-mono text-sm">{one.host}</span> },
    { head: 'Added', cell: one => <Ago at={one.createdAt} /> },
    { head: 'Used', cell: one => (one.usedAt === null ? 'never' : <Ago at={one.usedAt} />) },
    {
      head: 'Remove',
      right: true,
      wide: 'title',
      cell: one => (
        <Button
          small
          className="!text-bad"
          aria-label={`remove the passkey ${one.name}`}
          onClick={() => setLeaving(one)}
        >
          Remove
        </Button>
      ),
    },
  ]
  const there = passkeys.find(one => one.id === leaving?.id)
  return (
    <Card title="Passkeys">
      {passkeys.length > 0 && <Table label="passkeys" columns={columns} rows={passkeys} id={one => one.id} />}
      <div className={`grid gap-4 p-4 ${passkeys.length > 0 ? 'border-t border-line' : ''}`}>
        {there ? (
          <Leaving key={there.id} passkey={there} onClose={() => setLeaving(null)} />
        ) : (
          <Adding first={passkeys.length === 0} />
        )}
      </div>
    </Card>
  )
}

function Adding({ first }: { first: boolean }) {
  const client = useQueryClient()
  const why = missing()
  const add = useMutation({ mutationFn: addPasskey, onSuccess: () => client.invalidateQueries() })
  const send = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const form = event.currentTarget
    const text = (name: string) => String(new FormData(form).get(name))
    add.mutate({ name: text('name'), password: text('password') }, { onSuccess: () => form.reset() })
  }
  return (
    <>
      <p className="max-w-prose">
        {first && 'None yet. '}A passkey signs you in with what unlocks your device (a fingerprint, a face, a
        PIN), in the place of password and code. It works at the name at which you add it: whoever opens the
        dashboard by several (a domain, and a tunnel to localhost) adds one at each.
      </p>
      {why !== null ? (
        <NoPasskey why={why} />
      ) : (
        <form onSubmit={send} className="grid max-w-sm gap-3">
          <DoorInput
            label="Name of the passkey"
            name="name"
            type="text"
            autoComplete="off"
            maxLength={60}
            defaultValue={deviceOf(navigator.userAgent)}
          />
          <DoorInput label="Your password" name="password" type="password" autoComplete="current-password" />
          {add.error != null && <ErrorBox error={add.error} />}
          <div>
            <Button type="submit" look="main" busy={add.isPending}>
              Add a passkey
            </Button>
          </div>
        </form>
      )}
    </>
  )
}

function Leaving({ passkey, onClose }: { passkey: Passkey; onClose: () => void }) {
  const client = useQueryClient()
  const remove = useMutation({
    mutationFn: (password: string) =>
      ask(Done, `/api/me/passkeys/${passkey.id}/remove`, { body: { password } }),
    onSuccess: () => client.invalidateQueries(),
  })
  return (
    <>
      <p className="max-w-prose">
        {passkey.name} signs nobody in from then on, and what was opened with it elsewhere is signed out.
        Remove it from your device as well.
      </p>
      <Asking
        label="Your password"
        type="password"
        submit="Remove"
        busy={remove.isPending}
        error={remove.error}
        onSubmit={remove.mutate}
      >
        <Button onClick={onClose}>Cancel</Button>
      </Asking>
    </>
  )
}
