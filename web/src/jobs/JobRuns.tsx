import { useState } from 'react'
import type { JobRunView, JobView } from '../../../server/src/apps/jobs/wire.ts'
import { Badge } from '../kit/Badge.tsx'
import { Button } from '../kit/Button.tsx'
import { Dialog } from '../kit/Dialog.tsx'
import { Empty } from '../kit/Empty.tsx'
import { ErrorBox } from '../kit/Failure.tsx'
import { Loaded } from '../kit/Loaded.tsx'
import { duration, size } from '../kit/words.ts'
import { type OfJob, useJobRuns, useOutput } from './queries.ts'
import { about, TONES } from './words.ts'

/** The runs of a job with what they printed, and what holds for all of them. */
export function JobRuns({ job, onClose }: { job: JobView; onClose: () => void }) {
  const runs = useJobRuns(job)
  return (
    <Dialog title={`Runs of ${job.name}`} onClose={onClose} footer={<Button onClick={onClose}>Close</Button>}>
      <p className="text-sm break-words text-soft">
        <code className="font-mono text-xs text-ink">{job.command.join(' ')}</code>: {rules(job)}
      </p>
      <Loaded query={runs}>
        {data =>
          data.length === 0 ? (
            <Empty command={`inn job run ${job.name} ${job.app}`}>It has not run yet.</Empty>
          ) : (
            <ol aria-label={`runs of ${job.name}`} className="grid grid-cols-[minmax(0,1fr)] gap-3">
              {data.map((run, n) => (
                <Run key={run.id} job={job} run={run} first={n === 0} />
              ))}
            </ol>
          )
        }
      </Loaded>
    </Dialog>
  )
}

const OVERLAP = { skip: 'left out while one goes on', wait: 'waits for the one before' }
const MISSED = { 'run-once': 'what was missed is made up for once', skip: 'what was missed is left out' }

const rules = ({ timeoutMs, memoryBytes, retries, overlap, missed, expectMs }: JobView): string =>
  [
    `${duration(timeoutMs)} at most`,
    ...(memoryBytes === null ? [] : [`${size(memoryBytes)} of memory`]),
    ...(retries === 0 ? [] : [`tried ${retries + 1} times`]),
    OVERLAP[overlap],
    MISSED[missed],
    expectMs === null
      ? 'nobody waits for it'
      : `told when nothing ended well ${duration(expectMs)} after its time`,
  ].join(', ')

function Run({ job, run, first }: { job: OfJob; run: JobRunView; first: boolean }) {
  const [chosen, choose] = useState<boolean | null>(null)
  const open = chosen ?? (first && run.kept)
  return (
    <li data-run={run.id} data-state={run.state}>
      <p className="flex flex-wrap items-center gap-x-2 gap-y-1">
        <Badge tone={TONES[run.state]}>{run.state}</Badge>
        <span className="text-sm">{about(run)}</span>
        {run.kept && (
          <button
            type="button"
            aria-expanded={open}
            onClick={() => choose(!open)}
            className="text-xs text-faint underline decoration-edge underline-offset-2 hover:text-ink"
          >
            {open ? 'hide output' : 'show output'}
          </button>
        )}
      </p>
      {run.why !== null && <p className="mt-0.5 text-sm break-words text-soft">{run.why}</p>}
      {open && <Printed job={job} run={run} />}
    </li>
  )
}

function Printed({ job, run }: { job: OfJob; run: JobRunView }) {
  const { data, error } = useOutput(job, run)
  if (error !== null) return <ErrorBox error={error} />
  return (
    <pre
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard
      tabIndex={0}
      className="mt-1 max-h-56 overflow-auto rounded-md bg-sunk p-2.5 font-mono text-xs leading-5 break-words whitespace-pre-wrap ring-1 ring-line ring-inset"
    >
      {data === undefined ? '…' : data === '' ? 'it printed nothing' : data}
    </pre>
  )
}
