import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { z } from 'zod'
import { Done, SessionView } from '../../../server/src/reach/people/wire.ts'
import { ask } from '../keeper/request.ts'
import { Button } from '../kit/Button.tsx'
import { Card } from '../kit/Card.tsx'
import { Empty } from '../kit/Empty.tsx'
import { ErrorBox } from '../kit/Failure.tsx'
import { Loaded } from '../kit/Loaded.tsx'
import { type Column, Table } from '../kit/Table.tsx'
import { Ago } from '../kit/time.tsx'
import { deviceOf } from './device.ts'

const COLUMNS: ReadonlyArray<Column<SessionView>> = [
  {
    head: 'Device',
    wide: 'title',
    cell: ({ device, own }) => (
      <span className="font-semibold" title={device ?? undefined}>
        {deviceOf(device)}
        {own && <span className="font-normal text-soft"> (this one)</span>}
      </span>
    ),
  },
  { head: 'From', wide: true, cell: ({ address }) => address ?? 'the server, or a tunnel to it' },
  { head: 'Since', cell: ({ since }) => <Ago at={since} /> },
  { head: 'Used', cell: ({ usedAt }) => <Ago at={usedAt} /> },
  { head: 'End', right: true, wide: 'title', cell: session => <End session={session} /> },
]
const WHO: Column<SessionView> = { head: 'Who', wide: true, cell: ({ email }) => email }

/** Open sessions: of one person, or of everybody (null). */
export function Sessions({ title, email }: { title: string; email: string | null }) {
  const sessions = useQuery({
    queryKey: ['sessions'],
    queryFn: () => ask(z.array(SessionView), '/api/sessions'),
  })
  return (
    <Card title={title}>
      <Loaded query={sessions}>
        {all => {
          const shown = all.filter(one => email === null || one.email === email)
          if (shown.length === 0) return <Empty>Nobody is signed in.</Empty>
          const columns = email === null ? [...COLUMNS.slice(0, 1), WHO, ...COLUMNS.slice(1)] : COLUMNS
          return <Table label="sessions" columns={columns} rows={shown} id={one => one.id} />
        }}
      </Loaded>
    </Card>
  )
}

function End({ session }: { session: SessionView }) {
  const client = useQueryClient()
  const end = useMutation({
    mutationFn: () => ask(Done, `/api/sessions/${session.id}`, { method: 'DELETE' }),
    // Whoever ends their own is led to the sign-in page, because nothing is answered any more.
    onSuccess: () => client.invalidateQueries(session.own ? {} : { queryKey: ['sessions'] }),
  })
  return (
    <>
      <Button
        small
        className="!text-bad"
        busy={end.isPending}
        onClick={() => end.mutate()}
        aria-label={`end the session of ${session.email} on ${deviceOf(session.device)}`}
      >
        End
      </Button>
      {end.error != null && <ErrorBox error={end.error} />}
    </>
  )
}
