import { useState } from 'react'
import type { AppVitals } from '../../../server/src/watch/metrics/wire.ts'
import { Badge, type Tone } from '../kit/Badge.tsx'
import { Card } from '../kit/Card.tsx'
import { Loaded } from '../kit/Loaded.tsx'
import { type Column, Table } from '../kit/Table.tsx'
import { count, number } from '../kit/words.ts'
import { Range } from './OverTime.tsx'
import { useVitals } from './queries.ts'
import { NAMES, RATINGS, vital } from './vitals.ts'

type Vital = AppVitals['vitals'][number]
type Page = AppVitals['pages'][number]

const TONES: Record<keyof typeof RATINGS, Tone> = { good: 'green', fair: 'warn', poor: 'bad' }
const DAY_MS = 86_400_000

/** How pages felt to visitors, and which were opened most. Nothing where no service measures them. */
export function VitalsCard({ app }: { app: string }) {
  const [rangeMs, setRange] = useState(DAY_MS)
  const [chosen, setChosen] = useState(false)
  const vitals = useVitals(app, rangeMs)
  const nothing = vitals.data !== undefined && vitals.data.views === 0 && vitals.data.leftOut.length === 0
  if (nothing && !chosen) return null
  const change = (ms: number) => {
    setRange(ms)
    setChosen(true)
  }
  return (
    <Card title="What visitors felt" aside={<Range rangeMs={rangeMs} onChange={change} />}>
      <Loaded query={vitals} rows={4}>
        {data => (
          <>
            <p className="px-4 pt-3 text-xs text-soft">
              Three quarters of {number(data.views)} page views were no worse than this.
            </p>
            <ul
              aria-label="web vitals"
              className="grid grid-cols-2 gap-x-4 gap-y-3 px-4 py-3 sm:grid-cols-3 lg:grid-cols-6"
            >
              {data.vitals.map(one => (
                <Figure key={one.name} vital={one} />
              ))}
            </ul>
            {data.pages.length > 0 && (
              <Table
                label="top pages"
                columns={COLUMNS}
                rows={data.pages}
                id={({ service, page }) => `${service} ${page}`}
              />
            )}
            <LeftOut vitals={data} />
          </>
        )}
      </Loaded>
    </Card>
  )
}

function Figure({ vital: one }: { vital: Vital }) {
  const { short, long } = NAMES[one.name]
  return (
    <li data-vital={one.name} className="min-w-0">
      <p className="text-xs text-soft">
        <abbr title={long} className="no-underline">
          {short}
        </abbr>
      </p>
      <p className="text-lg leading-tight font-semibold">{vital(one)}</p>
      <p className="mt-1 text-xs text-soft">{long}</p>
      {one.rating !== null && (
        <p className="mt-1">
          <Badge tone={TONES[one.rating]}>{RATINGS[one.rating]}</Badge>
        </p>
      )}
    </li>
  )
}

const INK = { good: 'text-ink', fair: 'text-warn', poor: 'text-bad' }

const figure = (name: Vital['name']): Column<Page> => ({
  head: NAMES[name].short,
  right: true,
  cell: ({ vitals }) => {
    const one = vitals.find(other => other.name === name)
    if (one === undefined) return '–'
    const title = one.rating === null ? undefined : RATINGS[one.rating]
    return (
      <span title={title} className={one.rating === null ? '' : INK[one.rating]}>
        {vital(one)}
      </span>
    )
  },
})

const COLUMNS: Array<Column<Page>> = [
  {
    head: 'page',
    wide: 'title',
    cell: ({ page }) => <span className="font-mono text-xs break-all">{page}</span>,
  },
  { head: 'service', cell: ({ service }) => service },
  { head: 'views', right: true, cell: ({ views }) => number(views) },
  figure('lcp'),
  figure('inp'),
  figure('cls'),
]

function LeftOut({ vitals: { leftOut } }: { vitals: AppVitals }) {
  if (leftOut.length === 0) return null
  return (
    <ul aria-label="pages without the script" className="grid gap-0.5 px-4 py-2.5 text-xs text-soft">
      {leftOut.map(({ why, says, pages }) => (
        <li key={why}>
          {count(pages, 'page')} went out without the script: {says}
        </li>
      ))}
    </ul>
  )
}
