import type { Statements } from '../../../server/src/watch/statements/wire.ts'
import { Card } from '../kit/Card.tsx'
import { type Column, Table } from '../kit/Table.tsx'
import { Ago } from '../kit/time.tsx'
import { duration, number } from '../kit/words.ts'
import { useStatements } from './queries.ts'

type Row = Statements['statements'][number]

/** A mean of many calls may be far below a millisecond. */
const ms = (value: number): string => (value < 10 ? `${number(value)} ms` : duration(value))
const share = (value: number): string => `${number(value * 100)} %`

const figure = (head: string, show: (row: Row) => string): Column<Row> => ({
  head,
  right: true,
  cell: row => <span className="whitespace-nowrap">{show(row)}</span>,
})

const COLUMNS: Array<Column<Row>> = [
  {
    head: 'statement',
    wide: 'title',
    cell: ({ text }) => (
      <details className="font-mono text-xs">
        <summary className="line-clamp-2 cursor-pointer break-words">{text.replace(/\s+/g, ' ')}</summary>
        <pre className="mt-1 max-h-80 overflow-auto whitespace-pre-wrap">{text}</pre>
      </details>
    ),
  },
  figure('time', one => share(one.share)),
  figure('calls', ({ calls }) => number(calls)),
  figure('mean', ({ meanMs }) => ms(meanMs)),
  figure('longest', ({ longestMs }) => ms(longestMs)),
  figure('rows', ({ rowsPerCall }) => Math.round(rowsPerCall).toLocaleString('en')),
  figure('in memory', ({ fromMemory }) => (fromMemory === null ? '–' : share(fromMemory))),
]

/** What takes most of the time of an app's database. Nothing where its database is not ours, or was asked nothing. */
export function StatementsCard({ app }: { app: string }) {
  const { data } = useStatements(app)
  if (data === undefined || data.since === null) return null
  return (
    <Card
      title="Slowest statements"
      aside={
        <p className="text-xs text-soft">
          counting began <Ago at={data.since} />
        </p>
      }
    >
      <Table label="slowest statements" columns={COLUMNS} rows={data.statements} id={({ text }) => text} />
    </Card>
  )
}
