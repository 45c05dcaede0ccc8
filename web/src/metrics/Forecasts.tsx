import type { Forecast } from '../../../server/src/watch/metrics/wire.ts'
import { Card } from '../kit/Card.tsx'
import { type Column, Table } from '../kit/Table.tsx'
import { number } from '../kit/words.ts'
import { date, soon } from './lines.ts'
import { useForecasts } from './queries.ts'

const WHAT: Record<Forecast['kind'], string> = {
  disk: 'disk',
  memory: 'memory of the server',
  instance: 'memory of',
  database: 'database of',
}

const COLUMNS: Array<Column<Forecast>> = [
  { head: 'what', wide: 'title', cell: ({ kind, of }) => `${WHAT[kind]} ${of}` },
  { head: 'taken', right: true, cell: ({ share }) => `${number(share * 100)} %` },
  {
    head: 'a day',
    right: true,
    cell: ({ perDay }) => (perDay === null ? 'too little is known' : `${signed(perDay * 100)} %`),
  },
  { head: 'full', right: true, cell: ({ fullAt }) => <Full at={fullAt} /> },
]

const signed = (value: number): string => `${value < 0 ? '−' : '+'}${number(Math.abs(value))}`

function Full({ at }: { at: string | null }) {
  if (at === null) return <span className="text-soft">not in two years</span>
  const tone = soon(at, Date.now())
  return (
    <time
      dateTime={at}
      className={tone === null ? '' : tone === 'bad' ? 'font-semibold text-bad' : 'text-warn'}
    >
      {date(at)}
    </time>
  )
}

/** What becomes full, and on which day, if it goes on like the last two weeks. */
export function Forecasts() {
  const { data } = useForecasts()
  if (data === undefined || data.length === 0) return null
  return (
    <Card
      title="What becomes full"
      aside={<span className="text-xs text-soft">if it goes on like the last two weeks</span>}
    >
      <Table label="forecasts" columns={COLUMNS} rows={data} id={({ kind, of }) => `${kind} ${of}`} />
    </Card>
  )
}
