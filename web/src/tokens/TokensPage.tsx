import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { z } from 'zod'
import { Verb } from '../../../server/src/api/wire.ts'
import { Token, TokenAnswer, TokenRequest } from '../../../server/src/reach/people/wire.ts'
import { ask } from '../keeper/request.ts'
import { useStatus } from '../keeper/status.ts'
import { Card } from '../kit/Card.tsx'
import { Empty } from '../kit/Empty.tsx'
import { Form } from '../kit/Form.tsx'
import { Loaded } from '../kit/Loaded.tsx'
import { Once } from '../kit/Once.tsx'
import { type Column, Table } from '../kit/Table.tsx'
import { Ago } from '../kit/time.tsx'
import { dateTime } from '../kit/words.ts'
import { Choices } from './Choices.tsx'
import { RevokeButton } from './RevokeButton.tsx'

const scopeOf = ({ apps, verbs }: Token): string =>
  `${apps?.join(', ') ?? 'all apps'}${verbs === null ? '' : `: ${verbs.join(', ')}`}`

const COLUMNS: ReadonlyArray<Column<Token>> = [
  { head: 'Name', wide: 'title', cell: token => <span className="font-semibold">{token.name}</span> },
  { head: 'Begins with', cell: token => <code className="font-mono text-xs">{token.start ?? '–'}</code> },
  { head: 'Role', cell: token => token.role },
  { head: 'For', wide: true, cell: scopeOf },
  { head: 'Made by', wide: true, cell: token => token.madeBy },
  { head: 'Made', cell: token => <Ago at={token.createdAt} /> },
  {
    head: 'Ends',
    wide: true,
    cell: token => (token.expiresAt === null ? 'never' : dateTime(token.expiresAt)),
  },
  { head: 'Revoke', right: true, wide: 'title', cell: token => <RevokeButton token={token} /> },
]

export function TokensPage() {
  const tokens = useQuery({ queryKey: ['tokens'], queryFn: () => ask(z.array(Token), '/api/tokens') })
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-4">
      <h1 className="text-2xl font-semibold tracking-tight">Tokens</h1>
      <Card title="For CI and other programs">
        <Loaded query={tokens}>
          {data =>
            data.length === 0 ? (
              <Empty>No token yet. Make one below, and give it to CI.</Empty>
            ) : (
              <Table label="tokens" columns={COLUMNS} rows={data} id={token => token.id} />
            )
          }
        </Loaded>
      </Card>
      <Make />
    </div>
  )
}

const Plain = TokenRequest.pick({ name: true, role: true, expiresInDays: true })

function Make() {
  const client = useQueryClient()
  const { data: status } = useStatus()
  const [apps, setApps] = useState<string[]>([])
  const [verbs, setVerbs] = useState<Verb[]>([])
  const orAll = <T,>(chosen: T[]): T[] | null => (chosen.length === 0 ? null : chosen)
  const make = useMutation({
    mutationFn: (body: z.infer<typeof Plain>) =>
      ask(TokenAnswer, '/api/tokens', { body: { ...body, apps: orAll(apps), verbs: orAll(verbs) } }),
    onSuccess: () => {
      setApps([])
      setVerbs([])
      return client.invalidateQueries({ queryKey: ['tokens'] })
    },
  })
  return (
    <Card title="Make a token">
      {make.data && (
        <Once title={`The token ${make.data.token.name}`} text={make.data.secret}>
          Copy it now: only its hash is kept, and it is not shown again.
        </Once>
      )}
      <Form
        key={make.data?.token.id}
        schema={Plain}
        labels={{ name: 'Name', role: 'Role', expiresInDays: 'Days until it ends' }}
        submit="Make token"
        busy={make.isPending}
        error={make.error}
        onSubmit={make.mutate}
      >
        <Choices
          title="Apps"
          otherwise="none ticked: all of them"
          options={(status?.apps ?? []).map(app => app.name)}
          chosen={apps}
          onChange={setApps}
        />
        <Choices
          title="What it is for"
          otherwise="none ticked: whatever its role may"
          options={Verb.options}
          chosen={verbs}
          onChange={setVerbs}
        />
      </Form>
    </Card>
  )
}
