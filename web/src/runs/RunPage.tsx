import { useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { Run } from '../../../server/src/engine/wire.ts'
import { RunBadge } from '../kit/Badge.tsx'
import { Card } from '../kit/Card.tsx'
import { FailureBox } from '../kit/Failure.tsx'
import { Loaded } from '../kit/Loaded.tsx'
import { Notices } from '../kit/Notices.tsx'
import { Timeline } from '../kit/Timeline.tsx'
import { Ago, useNow } from '../kit/time.tsx'
import { duration } from '../kit/words.ts'
import { Comparison } from '../tables/Comparison.tsx'
import { Ending } from './Ending.tsx'
import { isOfBackups, useRunLive } from './queries.ts'
import { UndoButton } from './UndoButton.tsx'

export function RunPage({ id }: { id: string }) {
  const { run, output } = useRunLive(id)
  const notices = useQueryClient().getQueryData<string[]>(['notices', id]) ?? []
  return (
    <Loaded query={run} rows={8}>
      {data => (
        <div
          className="mx-auto grid max-w-4xl grid-cols-[minmax(0,1fr)] gap-4"
          data-run-state={data.state}
          data-run-outcome={data.outcome}
        >
          <Header run={data} />
          <p role="status" className="sr-only">
            {data.title}: {data.outcome ?? data.state}
          </p>
          <Notices notices={notices} />
          {data.outcome && data.outcome !== 'done' && (
            <Ending outcome={data.outcome} leftover={data.leftover} />
          )}
          {data.failure && <FailureBox failure={data.failure} />}
          {data.kind === 'restore-table' && data.outcome === 'done' && (
            <Comparison run={data.id} csv={data.steps.some(({ kind }) => kind === 'table.csv')} />
          )}
          <Card title="Steps" aside={<span className="text-xs text-soft">{progress(data)}</span>}>
            <div className="p-4">
              <Timeline steps={data.steps} startedAt={data.startedAt} output={output} />
            </div>
          </Card>
        </div>
      )}
    </Loaded>
  )
}

function Header({ run }: { run: Run }) {
  return (
    <div className="grid gap-2">
      <nav aria-label="where" className="text-xs text-faint">
        <Link to="/" className="hover:text-ink">
          Apps
        </Link>{' '}
        /{' '}
        {run.app && (
          <>
            <Link to="/apps/$app" params={{ app: run.app }} className="hover:text-ink">
              {run.app}
            </Link>{' '}
            /{' '}
          </>
        )}
        {isOfBackups(run) && (
          <>
            <Link to="/backups" search={{ app: run.app ?? undefined }} className="hover:text-ink">
              Backups
            </Link>{' '}
            /{' '}
          </>
        )}
        {run.id}
      </nav>
      <div className="flex flex-wrap items-start justify-between gap-3">
        <div className="min-w-0">
          <div className="flex flex-wrap items-center gap-3">
            <h1 className="text-2xl font-semibold tracking-tight">{run.title}</h1>
            <RunBadge run={run} />
          </div>
          <p className="mt-1 text-soft">
            <Ago at={run.startedAt} /> by {run.actor} · <Took run={run} />
          </p>
        </div>
        <UndoButton run={run} />
      </div>
    </div>
  )
}

function Took({ run }: { run: Run }) {
  const now = useNow()
  if (run.ms !== null) return <>took {duration(run.ms)}</>
  const ms = Math.max(0, now - Date.parse(run.startedAt))
  return <>{duration(Math.floor(ms / 1000) * 1000)} so far</>
}

function progress(run: Run): string {
  const done = run.steps.filter(step => step.state === 'done').length
  return `${done} of ${run.steps.length} done`
}
