import { useQuery } from '@tanstack/react-query'
import { TableComparison, type TableDifference } from '../../../server/src/data/restores/wire.ts'
import { ask } from '../keeper/request.ts'
import { Card } from '../kit/Card.tsx'
import { Loaded } from '../kit/Loaded.tsx'
import { type Column, Table } from '../kit/Table.tsx'
import { dateTime } from '../kit/words.ts'

const rows = (n: number): string => n.toLocaleString('en')

const COLUMNS: ReadonlyArray<Column<TableDifference>> = [
  {
    head: 'Table',
    wide: 'title',
    cell: one => (
      <>
        <span className="font-semibold">{one.table}</span>
        {one.goesWith !== null && (
          <span className="text-soft"> its rows go with those of {one.goesWith}</span>
        )}
      </>
    ),
  },
  { head: 'Rows then', right: true, cell: one => rows(one.there) },
  { head: 'Rows now', right: true, cell: one => (one.here === null ? 'no such table' : rows(one.here)) },
  { head: 'Only then', right: true, cell: one => differing(one, 'onlyThere') },
  { head: 'Only now', right: true, cell: one => differing(one, 'onlyHere') },
  { head: 'Changed', right: true, cell: one => differing(one, 'changed') },
]

function differing(
  { alike, differ }: TableDifference,
  kind: keyof NonNullable<TableDifference['differ']>,
): string {
  if (differ !== null) return rows(differ[kind])
  return alike ? '0' : 'not known: no key'
}

interface Props {
  run: string
  /** Whether the rows as they were are there as a file, too. */
  csv: boolean
}

/** What a run that looked at single tables found: how they differ from their state at a moment. */
export function Comparison({ run, csv }: Props) {
  const found = useQuery({
    queryKey: ['tables', run],
    queryFn: () => ask(TableComparison, `/api/restores/tables/${run}`),
    staleTime: Number.POSITIVE_INFINITY,
  })
  return (
    <Card
      title="Tables"
      aside={
        found.data && (
          <span className="text-xs text-soft">
            {found.data.moment}, compared {dateTime(found.data.at)}; kept for a day
          </span>
        )
      }
    >
      <Loaded query={found}>
        {data => (
          <>
            <Table label="tables" columns={COLUMNS} rows={data.tables} id={one => one.table} />
            {data.tables.map(one => (
              <Samples key={one.table} difference={one} />
            ))}
            {csv && (
              <p className="border-t border-line px-4 py-2.5">
                <a href={`/api/restores/tables/${run}/csv`} download={`${run}.csv`} className="link">
                  The rows as they were, as CSV
                </a>
              </p>
            )}
          </>
        )}
      </Loaded>
    </Card>
  )
}

const KINDS = [
  ['onlyThere', 'only then'],
  ['onlyHere', 'only now'],
] as const

/** A few rows of each kind, as text. */
function Samples({ difference: { table, samples } }: { difference: TableDifference }) {
  const changed = samples.changed.map(({ key, columns }) => ({
    key: shown(key),
    says: columns.map(one => `${one.name}: ${one.there ?? 'null'} → ${one.here ?? 'null'}`).join(', '),
  }))
  if (KINDS.every(([kind]) => samples[kind].length === 0) && changed.length === 0) return null
  return (
    <details className="border-t border-line px-4 py-2.5 text-xs">
      <summary className="cursor-pointer text-soft">Some rows of {table}</summary>
      <ul className="mt-2 grid gap-1 font-mono break-words">
        {KINDS.flatMap(([kind, label]) =>
          samples[kind].map(row => (
            <li key={`${kind} ${shown(row)}`}>
              <span className="text-soft">{label}</span> {shown(row)}
            </li>
          )),
        )}
        {changed.map(({ key, says }) => (
          <li key={`changed ${key}`}>
            <span className="text-soft">changed</span> {key}: {says}
          </li>
        ))}
      </ul>
    </details>
  )
}

const shown = (row: Record<string, string | null>): string =>
  Object.entries(row)
    .map(([name, value]) => `${name}=${value ?? 'null'}`)
    .join(' ')
