import { useQuery } from '@tanstack/react-query'
import { type Placed, Placement } from '../../../server/src/watch/placement/wire.ts'
import { ask } from '../keeper/request.ts'
import { Card } from '../kit/Card.tsx'
import { type Column, Table } from '../kit/Table.tsx'

const COLUMNS: ReadonlyArray<Column<Placed>> = [
  { head: 'What', wide: 'title', cell: ({ what }) => <span className="font-semibold">{what}</span> },
  { head: 'Where', wide: true, cell: ({ where }) => <span className="break-words">{where}</span> },
  { head: 'Why', wide: true, cell: ({ why }) => <span className="break-words text-soft">{why}</span> },
]

/** Where each part of an app is, and by which line of its file. */
export function PlacementCard({ app }: { app: string }) {
  const { data } = useQuery({
    queryKey: ['placement', app],
    queryFn: () => ask(Placement, `/api/apps/${app}/placement`),
    refetchInterval: 60_000,
  })
  if (data === undefined || data.placed.length === 0) return null
  return (
    <Card title="Where it is" aside={<span className="text-xs text-soft">on {data.host}</span>}>
      <Table
        label={`where the parts of ${app} are`}
        columns={COLUMNS}
        rows={data.placed}
        id={({ what }) => what}
      />
    </Card>
  )
}
