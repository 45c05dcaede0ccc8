import { Failure } from '../../kernel/failure.ts'
import { didYouMean, list } from '../../kernel/words.ts'
import type { JobId, JobRun } from './job.ts'

export const unknown = ({ app, name }: JobId, names: readonly string[]): Failure => {
  const near = didYouMean(name, names)
  const known = near === null ? `its jobs are ${list(names)}` : `did you mean ${near}?`
  return new Failure('job.unknown', `${app} has no job ${name}`, {
    why: 'the release that serves has none of that name below jobs: in its innkeeper.yaml',
    fix: names.length === 0 ? 'add it below jobs:, and `inn deploy`' : known,
  })
}

export const busy = ({ app, job, state }: JobRun): Failure =>
  new Failure('job.busy', `a run of ${job} goes on already`, {
    why: `of one job one run goes on at a time, and this one is ${state}`,
    fix: `\`inn job history ${job} ${app}\` shows it; \`inn job stop ${job} ${app}\` ends it`,
  })

export const stopped = ({ app, name }: JobId): Failure =>
  new Failure('job.stopped', `${name} cannot run while ${app} is stopped`, {
    why: 'a job has the environment and the database of an app that serves',
    fix: `\`inn start ${app}\``,
  })

export const idle = ({ app, name }: JobId): Failure =>
  new Failure('job.idle', `no run of ${name} goes on`, {
    why: 'it has ended, or never began',
    fix: `\`inn job history ${name} ${app}\` shows what became of it`,
  })

export const noRun = ({ app, name }: JobId, run: string): Failure =>
  new Failure('job.no-run', `${name} has no run ${run}`, {
    why: 'its id was mistyped, or it is so old that it was forgotten',
    fix: `\`inn job history ${name} ${app}\` lists them`,
  })
