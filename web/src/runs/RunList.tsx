import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import type { RunSummary } from '../../../server/src/engine/wire.ts'
import { RunBadge } from '../kit/Badge.tsx'
import { Button } from '../kit/Button.tsx'
import { Ago } from '../kit/time.tsx'
import { duration } from '../kit/words.ts'

const FIRST = 8

export function RunList({ label, runs }: { label: string; runs: readonly RunSummary[] }) {
  const [all, setAll] = useState(false)
  return (
    <>
      <ul aria-label={label}>
        {runs.slice(0, all ? undefined : FIRST).map(run => (
          <Row key={run.id} run={run} />
        ))}
      </ul>
      {runs.length > FIRST && !all && (
        <p className="border-t border-line p-2 text-center">
          <Button look="quiet" small onClick={() => setAll(true)}>
            Show all {runs.length}
          </Button>
        </p>
      )}
    </>
  )
}

function Row({ run }: { run: RunSummary }) {
  return (
    <li className="border-b border-line last:border-b-0">
      <Link
        to="/runs/$run"
        params={{ run: run.id }}
        className="grid gap-0.5 px-4 py-2.5 hover:bg-sunk"
        data-run={run.id}
      >
        <span className="flex items-start justify-between gap-3">
          <span className="min-w-0 font-semibold">{run.title}</span>
          <RunBadge run={run} />
        </span>
        <span className="text-xs text-soft">
          <Ago at={run.startedAt} /> by {run.actor}
          {run.ms !== null && ` · took ${duration(run.ms)}`}
        </span>
        {run.failure && <span className="text-xs text-warn">{run.failure.what}</span>}
      </Link>
    </li>
  )
}
