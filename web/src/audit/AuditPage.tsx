import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import type { AuditEntry } from '../../../server/src/reach/audit/wire.ts'
import { useStatus } from '../keeper/status.ts'
import { Button } from '../kit/Button.tsx'
import { Card } from '../kit/Card.tsx'
import { Empty } from '../kit/Empty.tsx'
import { Loaded } from '../kit/Loaded.tsx'
import { Select } from '../kit/Select.tsx'
import { type Column, Table } from '../kit/Table.tsx'
import { Typed } from '../kit/Typed.tsx'
import { dateTime } from '../kit/words.ts'
import { type AuditFilter, useAudit } from './queries.ts'

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
  const [filter, setFilter] = useState<AuditFilter>({ app: '', actor: '' })
  const audit = useAudit(filter)
  const entries = audit.data?.pages.flat() ?? []
  const wanted = filter.app !== '' || filter.actor !== ''
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-4">
      <h1 className="text-2xl font-semibold tracking-tight">Audit</h1>
      <Card title="Who did what" aside={<span className="text-xs text-soft">newest first</span>}>
        <Filter filter={filter} onFilter={setFilter} />
        <Loaded query={audit} rows={8}>
          {() =>
            entries.length === 0 ? (
              <Empty>{wanted ? 'No entry is like that.' : 'Nothing was done yet.'}</Empty>
            ) : (
              <Table label="audit" columns={COLUMNS} rows={entries} id={entry => String(entry.id)} />
            )
          }
        </Loaded>
        {audit.hasNextPage && (
          <p className="border-t border-line p-2 text-center">
            <Button
              look="quiet"
              small
              busy={audit.isFetchingNextPage}
              onClick={() => void audit.fetchNextPage()}
            >
              Show older ones
            </Button>
          </p>
        )}
      </Card>
    </div>
  )
}

interface FilterProps {
  filter: AuditFilter
  onFilter: (filter: AuditFilter) => void
}

function Filter({ filter, onFilter }: FilterProps) {
  const { data } = useStatus()
  const apps = (data?.apps ?? []).map(({ name }) => [name, name] as const)
  return (
    <div className="flex flex-wrap items-end gap-3 border-b border-line px-4 py-2.5">
      <Select
        label="App"
        value={filter.app}
        options={[['', 'all'], ...apps]}
        onChange={app => onFilter({ ...filter, app })}
      />
      <Typed
        label="Who"
        placeholder="part of a name"
        onChange={actor => onFilter({ ...filter, actor: actor.trim() })}
      />
    </div>
  )
}
