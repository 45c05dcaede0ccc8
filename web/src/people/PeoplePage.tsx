import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { z } from 'zod'
import { Person, PersonAnswer, PersonRequest, Policy, Whom } from '../../../server/src/reach/people/wire.ts'
import { ask } from '../keeper/request.ts'
import { Card } from '../kit/Card.tsx'
import { Empty } from '../kit/Empty.tsx'
import { ErrorBox } from '../kit/Failure.tsx'
import { Form } from '../kit/Form.tsx'
import { Loaded } from '../kit/Loaded.tsx'
import { Once } from '../kit/Once.tsx'
import { Select } from '../kit/Select.tsx'
import { type Column, Table } from '../kit/Table.tsx'
import { Ago } from '../kit/time.tsx'
import { PersonActions } from './PersonActions.tsx'
import { type PersonRights, RightsFields } from './RightsFields.tsx'
import { sayHeld, sayRights } from './rights.ts'
import { Sessions } from './Sessions.tsx'

/** What an invitation asks for beside the rights. */
const Invitation = z.object({ email: PersonRequest.shape.email, name: PersonRequest.shape.name })
const PATH = '/api/people/policy'
const AT_FIRST: PersonRights = { role: 'operator', apps: {} }

const COLUMNS: ReadonlyArray<Column<Person>> = [
  { head: 'Name', wide: 'title', cell: person => <span className="font-semibold">{person.name}</span> },
  { head: 'Email', wide: true, cell: person => person.email },
  { head: 'Role', wide: true, cell: sayRights },
  { head: 'Second factor', cell: ({ secondFactor }) => sayHeld(secondFactor) },
  { head: 'Since', cell: person => <Ago at={person.createdAt} /> },
  { head: 'Change', right: true, wide: 'title', cell: person => <PersonActions person={person} /> },
]

export function PeoplePage() {
  const people = useQuery({ queryKey: ['people'], queryFn: () => ask(z.array(Person), '/api/people') })
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-4">
      <h1 className="text-2xl font-semibold tracking-tight">People</h1>
      <Card title="Who may sign in">
        <Loaded query={people}>
          {data =>
            data.length === 0 ? (
              <Empty>Nobody yet.</Empty>
            ) : (
              <Table label="people" columns={COLUMNS} rows={data} id={person => person.id} />
            )
          }
        </Loaded>
      </Card>
      <Invite />
      <Required />
      <Sessions title="Who is signed in" email={null} />
    </div>
  )
}

const isWhom = (text: string): text is Whom => Whom.safeParse(text).success

/** Who must have a second factor. */
function Required() {
  const client = useQueryClient()
  const policy = useQuery({ queryKey: ['policy'], queryFn: () => ask(Policy, PATH) })
  const change = useMutation({
    mutationFn: (secondFactor: Whom) => ask(Policy, PATH, { body: { secondFactor } }),
    onSuccess: () => client.invalidateQueries(),
  })
  return (
    <Card title="Second factor">
      <Loaded query={policy}>
        {({ secondFactor }) => (
          <div className="grid max-w-sm gap-3 p-4">
            <Select
              label="Who must have one, before they may do anything"
              value={secondFactor}
              options={[
                ['nobody', 'nobody: whoever wants one'],
                ['admins', 'whoever is admin of something'],
                ['all', 'everybody'],
              ]}
              onChange={to => isWhom(to) && change.mutate(to)}
            />
            {change.error != null && <ErrorBox error={change.error} />}
          </div>
        )}
      </Loaded>
    </Card>
  )
}

function Invite() {
  const client = useQueryClient()
  const [rights, setRights] = useState(AT_FIRST)
  const invite = useMutation({
    mutationFn: (body: z.infer<typeof Invitation>) =>
      ask(PersonAnswer, '/api/people', { body: { ...body, ...rights } }),
    onSuccess: () => {
      setRights(AT_FIRST)
      return client.invalidateQueries({ queryKey: ['people'] })
    },
  })
  return (
    <Card
      title="Invite someone"
      aside={<span className="text-xs text-soft">viewer sees · operator deploys · admin also invites</span>}
    >
      {invite.data && (
        <Once title={`Send this link to ${invite.data.person.email}`} text={invite.data.link}>
          It works once, for a day, and lets them choose a password. Links from before end.
          {invite.data.ended.length > 0 && ` Tokens that ended too: ${invite.data.ended.join(', ')}.`}
        </Once>
      )}
      <Form
        key={invite.data?.person.id}
        schema={Invitation}
        labels={{ email: 'Email', name: 'Name' }}
        submit="Invite"
        busy={invite.isPending}
        error={invite.error}
        onSubmit={invite.mutate}
      >
        <RightsFields rights={rights} onChange={setRights} />
      </Form>
    </Card>
  )
}
