import { iso } from '../../kernel/moments.ts'
import { goesOn, type JobRun, type RunState } from './job.ts'
import type { Standing } from './jobs.ts'
import type { JobRunView, JobView } from './wire.ts'

const date = (at: number | null): string | null => (at === null ? null : iso(at))

export const runView = (run: JobRun): JobRunView => ({
  ...{ id: run.id, state: run.state, cause: run.cause, actor: run.actor, release: run.release },
  ...{ moment: iso(run.moment), startedAt: date(run.startedAt), endedAt: date(run.endedAt) },
  ...{
    attempt: run.attempt,
    code: run.code,
    why: run.why,
    first: date(run.first),
    count: run.count,
    kept: run.kept,
  },
  retryAt: run.state === 'retrying' ? date(run.retryAt) : null,
  ms: run.startedAt === null || run.endedAt === null ? null : Math.max(0, run.endedAt - run.startedAt),
})

/** `mayChange`: whether whoever asks may run and pause it. */
export function jobView({ job, runs, next, overdue }: Standing, mayChange: boolean): JobView {
  const { config, state } = job
  return {
    ...{ app: job.app, name: job.name, state: stateOf({ job, runs, next, overdue }) },
    ...{ schedule: config.schedule, timezone: config.timezone, command: config.command },
    ...{ next: date(next), late: date(overdue), runs: runs.map(runView) },
    paused: state.pausedAt === null ? null : { at: iso(state.pausedAt), by: state.pausedBy ?? '' },
    ...{ timeoutMs: config.timeout, memoryBytes: config.memory ?? null, level: config.level },
    ...{ overlap: config.overlap, missed: config.missed, retries: config.retries },
    expectMs: config.expect === false ? null : config.expect,
    can: mayChange ? allowed({ job, runs }) : [],
  }
}

const GOING: Partial<Record<RunState, JobView['state']>> = {
  running: 'running',
  due: 'running',
  retrying: 'waiting',
  waiting: 'waiting',
}

function stateOf({ job, runs, overdue }: Standing): JobView['state'] {
  const { state, awake } = job
  const going = runs.flatMap(run => GOING[run.state] ?? [])
  if (going.length > 0) return going.includes('running') ? 'running' : 'waiting'
  if (state.pausedAt !== null) return 'paused'
  if (!awake) return 'stopped'
  if (state.failed !== null) return 'failed'
  if (state.decidedTo === null) return 'off'
  if (overdue !== null) return 'late'
  return state.goodAt === null ? 'new' : 'ok'
}

function allowed({ job, runs }: Pick<Standing, 'job' | 'runs'>): JobView['can'] {
  const going = runs.some(goesOn)
  return [
    ...(going ? (['stop'] as const) : job.awake ? (['run'] as const) : []),
    job.state.pausedAt === null ? 'pause' : 'resume',
  ]
}
