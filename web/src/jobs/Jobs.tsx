import { useState } from 'react'
import type { JobView } from '../../../server/src/apps/jobs/wire.ts'
import { Badge } from '../kit/Badge.tsx'
import { Button } from '../kit/Button.tsx'
import { Card } from '../kit/Card.tsx'
import { Confirm } from '../kit/Confirm.tsx'
import { ErrorBox } from '../kit/Failure.tsx'
import { Ago } from '../kit/time.tsx'
import { dateTime } from '../kit/words.ts'
import { JobRuns } from './JobRuns.tsx'
import { type Act, useAct, useJobs } from './queries.ts'
import { Strip } from './Strip.tsx'
import { TONES } from './words.ts'

/** The jobs of an app: how each stands, its last runs, and its next. */
export function Jobs({ app }: { app: string }) {
  const { data: jobs = [] } = useJobs(app)
  // An app without jobs has nothing to show.
  if (jobs.length === 0) return null
  return (
    <Card title="Jobs">
      <ul aria-label="jobs">
        {jobs.map(job => (
          <Job key={job.name} job={job} />
        ))}
      </ul>
    </Card>
  )
}

function Job({ job }: { job: JobView }) {
  return (
    <li
      data-job={job.name}
      data-state={job.state}
      className="grid grid-cols-[minmax(0,1fr)] gap-x-4 gap-y-2 border-b border-line px-4 py-3 last:border-b-0 sm:grid-cols-[minmax(0,1fr)_11.25rem_13rem] sm:items-center"
    >
      <div className="min-w-0">
        <p className="flex flex-wrap items-center gap-x-2 gap-y-1">
          <span className="font-medium">{job.name}</span>
          <Badge tone={TONES[job.state]}>{job.state}</Badge>
          <span className="font-mono text-xs text-soft">
            {job.schedule} {job.timezone}
          </span>
        </p>
        <p className="mt-0.5 text-sm break-words text-soft">
          <Last job={job} />
          <Next job={job} />
        </p>
      </div>
      <Strip runs={job.runs} />
      <Acts job={job} />
    </li>
  )
}

const WORDS: Record<Act, string> = { run: 'Run now', stop: 'Stop', pause: 'Pause', resume: 'Resume' }
/** What is asked before: a run does something, and one that was ended does not. */
const ASKS: Partial<Record<Act, string>> = {
  run: 'It does now what it does at its time, whatever its schedule says.',
  stop: 'Its programs are told to end, and are killed when they do not. What they have done until now stays.',
}

function Acts({ job }: { job: JobView }) {
  const [open, setOpen] = useState(false)
  const [asking, ask] = useState<Act | null>(null)
  const act = useAct(job)
  const close = () => {
    ask(null)
    act.reset()
  }
  return (
    <div className="flex flex-wrap gap-2 sm:justify-end">
      <Button small onClick={() => setOpen(true)} aria-label={`runs of ${job.name}`}>
        Runs
      </Button>
      {job.can.map(one => (
        <Button
          key={one}
          small
          busy={act.isPending && act.variables === one}
          onClick={() => (ASKS[one] === undefined ? act.mutate(one) : ask(one))}
          aria-label={`${WORDS[one].toLowerCase()}: ${job.name}`}
        >
          {WORDS[one]}
        </Button>
      ))}
      {asking === null && act.isError && <ErrorBox error={act.error} />}
      {asking !== null && (
        <Confirm
          title={`${WORDS[asking]}: ${job.name}`}
          confirm={WORDS[asking]}
          busy={act.isPending}
          error={act.error}
          onConfirm={() => act.mutate(asking, { onSuccess: close })}
          onClose={close}
        >
          <p>{ASKS[asking]}</p>
        </Confirm>
      )}
      {open && <JobRuns job={job} onClose={() => setOpen(false)} />}
    </div>
  )
}

function Last({ job: { runs, late } }: { job: JobView }) {
  const [last] = runs
  if (last === undefined) return <>it has not run yet</>
  return (
    <>
      {last.state} <Ago at={last.endedAt ?? last.startedAt ?? last.moment} />
      {last.why !== null && `: ${last.why}`}
      {late !== null && <span className="text-bad"> · nothing ended well in time for {dateTime(late)}</span>}
    </>
  )
}

function Next({ job: { next, paused, state } }: { job: JobView }) {
  if (paused !== null)
    return (
      <>
        {' '}
        · paused by {paused.by} {dateTime(paused.at)}
      </>
    )
  if (state === 'off') return <> · runs when somebody starts it</>
  return next === null ? null : <> · next {dateTime(next)}</>
}
