import { useQuery } from '@tanstack/react-query'
import { type DatabaseFinding, DatabaseHealth } from '../../../server/src/watch/doctor/wire.ts'
import { ask } from '../keeper/request.ts'
import { Badge, type Tone } from '../kit/Badge.tsx'
import { Card } from '../kit/Card.tsx'
import { Command, WithCommands } from '../kit/Command.tsx'
import { type Column, Table } from '../kit/Table.tsx'
import { Ago } from '../kit/time.tsx'
import { count, size } from '../kit/words.ts'

type Row = DatabaseHealth['largest'][number]

const figure = (head: string, cell: (row: Row) => React.ReactNode): Column<Row> => ({
  head,
  right: true,
  cell,
})
const rows = (n: number): string => Math.round(n).toLocaleString('en')

const COLUMNS: Array<Column<Row>> = [
  {
    head: 'table',
    wide: 'title',
    cell: ({ name }) => <span className="font-mono text-xs break-all">{name}</span>,
  },
  figure('size', one => size(one.bytes)),
  figure('indexes', one => size(one.indexBytes)),
  figure('rows', one => rows(one.rows)),
  figure('dead', one => rows(one.deadRows)),
  figure('vacuumed', ({ vacuumedAt }) => (vacuumedAt === null ? 'never' : <Ago at={vacuumedAt} />)),
]

const TONES: Record<DatabaseFinding['level'], readonly [Tone, string]> = {
  bad: ['bad', 'bad'],
  warning: ['warn', 'costs'],
  note: ['soft', 'note'],
}

/** How the database of an app is, and what mends it. Nothing where it has none, or it does not answer. */
export function DatabaseCard({ app }: { app: string }) {
  const { data } = useQuery({
    queryKey: ['database', app],
    queryFn: () => ask(DatabaseHealth, `/api/apps/${encodeURIComponent(app)}/database`),
    refetchInterval: 300_000,
    retry: false,
  })
  if (data === undefined) return null
  const { findings, largest, tables, bytes } = data
  return (
    <Card
      title="Database doctor"
      aside={<p className="text-xs text-soft">{`${size(bytes)} in ${count(tables, 'table')}`}</p>}
    >
      {findings.length === 0 ? (
        <p className="px-4 py-3 text-soft">Nothing is wrong with it.</p>
      ) : (
        <ul aria-label="what the database has" className="divide-y divide-line">
          {findings.map(one => (
            <Found key={`${one.id} ${one.what}`} one={one} />
          ))}
        </ul>
      )}
      {largest.length > 0 && (
        <details className="border-t border-line">
          <summary className="cursor-pointer px-4 py-2 text-sm text-soft">the largest tables</summary>
          <Table label="largest tables" columns={COLUMNS} rows={largest} id={({ name }) => name} />
        </details>
      )}
    </Card>
  )
}

function Found({ one }: { one: DatabaseFinding }) {
  const [tone, word] = TONES[one.level]
  return (
    <li data-finding={one.id} className="grid grid-cols-[minmax(0,1fr)] gap-1 px-4 py-3">
      <p className="flex flex-wrap items-baseline gap-2 break-words">
        <Badge tone={tone}>{word}</Badge>
        <span className="min-w-0 break-words">{one.what}</span>
      </p>
      <p className="text-sm break-words text-soft">{one.why}</p>
      {one.sql.map(statement => (
        <p key={statement}>
          <Command text={`${statement};`} />
        </p>
      ))}
      {one.fix !== null && (
        <p className="text-sm break-words">
          <WithCommands text={one.fix} />
        </p>
      )}
    </li>
  )
}
