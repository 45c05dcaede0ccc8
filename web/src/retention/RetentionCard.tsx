import { useQuery } from '@tanstack/react-query'
import {
  RetentionCounts,
  RetentionList,
  type RetentionReceipt,
} from '../../../server/src/data/retention/wire.ts'
import { ask } from '../keeper/request.ts'
import { Badge, type Tone } from '../kit/Badge.tsx'
import { Card } from '../kit/Card.tsx'
import { Command } from '../kit/Command.tsx'
import { type Column, Table } from '../kit/Table.tsx'
import { Ago } from '../kit/time.tsx'
import { count, size } from '../kit/words.ts'

const figure = (n: number): string => Math.round(n).toLocaleString('en')
/** Each row is a step of somebody's day; older ones are for `inn retention list`. */
const RECEIPTS = 8

type Count = RetentionCounts['rules'][number]

const COUNTS: Array<Column<Count>> = [
  { head: 'rule', wide: 'title', cell: ({ rule }) => <span className="font-mono text-xs">{rule}</span> },
  { head: 'does', cell: ({ action }) => action },
  { head: 'table', cell: ({ table }) => <span className="font-mono text-xs break-all">{table}</span> },
  { head: 'rows now', right: true, cell: ({ rows }) => figure(rows) },
  { head: 'size', right: true, cell: ({ bytes }) => size(bytes) },
  { head: 'kept', right: true, cell: ({ kept }) => figure(kept) },
]

const TONES: Record<RetentionReceipt['state'], Tone> = {
  running: 'busy',
  done: 'green',
  stopped: 'soft',
  failed: 'bad',
}

const DONE: Array<Column<RetentionReceipt>> = [
  { head: 'rule', wide: 'title', cell: ({ rule }) => <span className="font-mono text-xs">{rule}</span> },
  { head: 'when', cell: ({ startedAt }) => <Ago at={startedAt} /> },
  { head: '', cell: ({ state }) => <Badge tone={TONES[state]}>{state}</Badge> },
  { head: 'rows', right: true, cell: ({ rows }) => figure(rows) },
  { head: 'kept', right: true, cell: ({ kept }) => figure(kept) },
  { head: 'by', cell: ({ by }) => by },
]

/** What rules of `retention:` would do now, and did. Nothing where an app has none. */
export function RetentionCard({ app }: { app: string }) {
  const path = `/api/apps/${encodeURIComponent(app)}/retention`
  const { data } = useQuery({
    queryKey: ['retention', app],
    queryFn: () => ask(RetentionList, path),
    refetchInterval: 60_000,
    retry: false,
  })
  if (data === undefined || data.rules.length + data.receipts.length === 0) return null
  const failed = data.rules.flatMap(({ rule }) => {
    const last = data.receipts.find(one => one.rule === rule)
    return last?.state === 'failed' ? [last] : []
  })
  return (
    <Card
      title="Retention"
      aside={<p className="text-xs text-soft">{count(data.archives.length, 'archive')}</p>}
    >
      {failed.map(({ rule, error }) => (
        <p key={rule} className="px-4 py-2 text-sm break-words text-bad">{`${rule}: ${error}`}</p>
      ))}
      {data.receipts.length === 0 ? (
        <p className="px-4 py-3 text-soft">Nothing was done yet.</p>
      ) : (
        <Table
          label="what retention did"
          columns={DONE}
          rows={data.receipts.slice(0, RECEIPTS)}
          id={({ run, rule }) => `${run} ${rule}`}
        />
      )}
      <WouldGo app={app} path={path} />
    </Card>
  )
}

/** Counting reads whole tables, so it is asked for by a click. */
function WouldGo({ app, path }: { app: string; path: string }) {
  const { data, refetch, isFetching, error } = useQuery({
    queryKey: ['retention-counts', app],
    queryFn: () => ask(RetentionCounts, `${path}/counts`),
    enabled: false,
    retry: false,
  })
  return (
    <details
      className="border-t border-line"
      onToggle={event => {
        if (event.currentTarget.open) void refetch().catch(() => {})
      }}
    >
      <summary className="cursor-pointer px-4 py-2 text-sm text-soft">what would go now</summary>
      {isFetching && <p className="px-4 py-2 text-sm text-soft">counting…</p>}
      {error !== null && <p className="px-4 py-2 text-sm text-bad">{error.message}</p>}
      {data !== undefined && (
        <>
          <Table label="what would go now" columns={COUNTS} rows={data.rules} id={({ rule }) => rule} />
          {data.rules.map(({ rule, problem }) =>
            problem === null ? null : (
              <p key={rule} className="px-4 py-2 text-sm break-words text-bad">{`${rule}: ${problem}`}</p>
            ),
          )}
          <p className="px-4 py-2">
            <Command text={`inn retention run ${app}`} />
          </p>
        </>
      )}
    </details>
  )
}
