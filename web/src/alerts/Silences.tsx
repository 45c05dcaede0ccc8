import type { GotSilence } from '../../../server/src/watch/alerts/wire-v2.ts'
import { Button } from '../kit/Button.tsx'
import { Card } from '../kit/Card.tsx'
import { type Column, Table } from '../kit/Table.tsx'
import { dateTime } from '../kit/words.ts'
import { useEndSilence, useSilences } from './queries.ts'

const COLUMNS: ReadonlyArray<Column<GotSilence>> = [
  {
    head: 'What',
    wide: true,
    cell: one =>
      one.matchers
        .map(({ name, value, isEqual }) => `${name} ${isEqual ? 'is' : 'is not'} ${value}`)
        .join(', '),
  },
  { head: 'Until', cell: one => dateTime(one.endsAt) },
  { head: 'By', cell: one => one.createdBy },
  { head: 'Why', cell: one => one.comment },
]

/** What is silenced, unless nothing is. */
export function Silences({ mayAct }: { mayAct: boolean }) {
  const silences = useSilences().data?.filter(one => one.status.state !== 'expired') ?? []
  if (silences.length === 0) return null
  const end: Column<GotSilence> = { head: '', right: true, cell: one => <End id={one.id} /> }
  return (
    <Card title="Silenced">
      <Table
        label="silences"
        columns={mayAct ? [...COLUMNS, end] : COLUMNS}
        rows={silences}
        id={one => one.id}
      />
    </Card>
  )
}

function End({ id }: { id: string }) {
  const end = useEndSilence()
  return (
    <Button small busy={end.isPending} onClick={() => end.mutate(id)}>
      End
    </Button>
  )
}
