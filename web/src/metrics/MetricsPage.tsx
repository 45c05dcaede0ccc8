import { useNavigate } from '@tanstack/react-router'
import { type FormEvent, useState } from 'react'
import type { Chart as Found } from '../../../server/src/watch/metrics/wire.ts'
import { Button } from '../kit/Button.tsx'
import { Card } from '../kit/Card.tsx'
import { Empty } from '../kit/Empty.tsx'
import { Labelled } from '../kit/Labelled.tsx'
import { Loaded } from '../kit/Loaded.tsx'
import { type Column, Table } from '../kit/Table.tsx'
import { amounts, extent, labelled, RANGES, short } from './lines.ts'
import { OverTime, Range } from './OverTime.tsx'
import { useQueryChart } from './queries.ts'

const EXAMPLES = [
  ['requests by app', 'sum by (app) (rate(http_requests_total[$window]))'],
  ['restarts', 'increase(innkeeper_instance_restarts_total[$window])'],
  ['network', 'rate(node_network_receive_bytes_total[$window])'],
] as const

/** Any PromQL as a chart. What is asked stands in the address, so that a chart can be sent to somebody. */
export function MetricsPage({ query }: { query: string | undefined }) {
  const navigate = useNavigate()
  const [rangeMs, setRange] = useState<number>(RANGES[1][0])
  const ask = (text: string) => void navigate({ to: '/metrics', search: { query: text } })
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-4">
      <h1 className="text-2xl font-semibold tracking-tight">Metrics</h1>
      <Card title="Ask Prometheus" aside={<Range rangeMs={rangeMs} onChange={setRange} />}>
        <Asking key={query} query={query} onAsk={ask} />
        {query === undefined ? (
          <Empty command="inn metrics --query up">
            Write PromQL, or choose one of these. $window is filled in to fit the time shown.
          </Empty>
        ) : (
          <Answer query={query} rangeMs={rangeMs} />
        )}
      </Card>
    </div>
  )
}

interface AskingProps {
  query: string | undefined
  onAsk: (query: string) => void
}

function Asking({ query, onAsk }: AskingProps) {
  const [text, setText] = useState(query ?? '')
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (text.trim() !== '') onAsk(text.trim())
  }
  return (
    <form onSubmit={submit} className="grid gap-2.5 px-4 pt-3 pb-2">
      <Labelled label="PromQL">
        {id => (
          <div className="flex flex-wrap gap-2">
            <input
              id={id}
              type="text"
              spellCheck={false}
              autoCapitalize="off"
              maxLength={4_000}
              value={text}
              onChange={event => setText(event.target.value)}
              className="field !w-auto min-w-0 flex-1 basis-60 font-mono text-xs"
            />
            <Button type="submit" look="main">
              Chart
            </Button>
          </div>
        )}
      </Labelled>
      <div className="flex flex-wrap gap-1.5">
        {EXAMPLES.map(([name, example]) => (
          <Button key={name} small onClick={() => onAsk(example)}>
            {name}
          </Button>
        ))}
      </div>
    </form>
  )
}

type Line = Found['lines'][number]

const COLUMNS: Array<Column<Line>> = [
  {
    head: 'series',
    wide: 'title',
    cell: ({ labels }) => <span className="font-mono text-xs break-all">{labelled(labels)}</span>,
  },
  ...(['now', 'least', 'most'] as const).map(
    (head): Column<Line> => ({ head, right: true, cell: ({ values }) => short(extent(values)[head]) }),
  ),
]

function Answer({ query, rangeMs }: { query: string; rangeMs: number }) {
  const chart = useQueryChart(query, rangeMs)
  return (
    <Loaded query={chart} rows={6}>
      {found =>
        found.times.length === 0 ? (
          <Empty>Nothing is measured on this server.</Empty>
        ) : found.lines.length === 0 ? (
          <Empty>No series answers.</Empty>
        ) : (
          <>
            <OverTime title="Answer" group="asked" of={found} series={amounts(found, labelled)} />
            <Table
              label="series"
              columns={COLUMNS}
              rows={found.lines}
              id={({ labels }) => JSON.stringify(labels)}
            />
            {found.left > 0 && (
              <p className="px-4 py-2 text-xs text-soft">{found.left} more series were left out.</p>
            )}
          </>
        )
      }
    </Loaded>
  )
}
