import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { z } from 'zod'
import { AuditEntry } from '../../../server/src/reach/people/wire.ts'
import { ask } from '../keeper/request.ts'
import { Card } from '../kit/Card.tsx'
import { Empty } from '../kit/Empty.tsx'
import { Loaded } from '../kit/Loaded.tsx'
import { type Column, Table } from '../kit/Table.tsx'
import { dateTime } from '../kit/words.ts'

const COLUMNS: ReadonlyArray<Column<AuditEntry>> = [
  {
    head: 'Action',
    wide: 'title',
    cell: entry => <span className="font-semibold">{entry.action}</span>,
  },
  {
    head: 'When',
    wide: true,
    cell: entry => (
      <time dateTime={entry.at} className="whitespace-nowrap text-soft">
        {dateTime(entry.at)}
      </time>
    ),
  },
  { head: 'Who', cell: entry => entry.actor },
  {
    head: 'App',
    cell: entry =>
      entry.app && (
        <Link to="/apps/$app" params={{ app: entry.app }} className="link">
          {entry.app}
        </Link>
      ),
  },
  {
    head: 'Run',
    cell: entry =>
      entry.run && (
        <Link to="/runs/$run" params={{ run: entry.run }} className="link">
          {entry.run}
        </Link>
      ),
  },
  { head: 'Outcome', cell: entry => entry.outcome },
  { head: 'Detail', wide: true, cell: entry => entry.detail },
]

export function AuditPage() {
  const audit = useQuery({
    queryKey: ['audit'],
    queryFn: () => ask(z.array(AuditEntry), '/api/audit'),
    refetchInterval: 15_000,
  })
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-4">
      <h1 className="text-2xl font-semibold tracking-tight">Audit</h1>
      <Card title="Who did what" aside={<span className="text-xs text-soft">newest first</span>}>
        <Loaded query={audit} rows={8}>
          {data =>
            data.length === 0 ? (
              <Empty>Nothing was done yet.</Empty>
            ) : (
              <Table label="audit" columns={COLUMNS} rows={data} id={entry => String(entry.id)} />
            )
          }
        </Loaded>
      </Card>
    </div>
  )
}
