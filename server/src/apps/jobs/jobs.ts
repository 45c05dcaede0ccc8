import { inTurns } from '../../kernel/turns.ts'
import type { Alarm } from '../../kernel/wire-alarm.ts'
import { busy, idle, noRun, stopped, unknown } from './failures.ts'
import type { Job, JobId, JobRun } from './job.ts'
import type { JobPorts } from './ports.ts'
import { alarmOf, overdue } from './rule-alarms.ts'
import type { Piece } from './runner.ts'
import { createTurning, isOf, runByHand, type Turning } from './turning.ts'

/** A job with its newest runs, the newest first, and how it stands. */
export interface Standing {
  job: Job
  runs: JobRun[]
  /** Its next moment; null: it does not run by itself. */
  next: number | null
  /** The moment of which no run ended well in time; null: it is not late. */
  overdue: number | null
}

export interface Jobs {
  /** Decides what is due, and carries runs on. Called each second. */
  tick(): Promise<void>
  /** The jobs of an app, or of all apps, each with so many of its newest runs. */
  list(app: string | null, most: number): Promise<Standing[]>
  /** Newest runs of a job, also of one that what serves has no more. Failure `job.unknown`. */
  history(id: JobId, most: number): Promise<JobRun[]>
  /** Failure `job.no-run`. */
  run(id: JobId, run: string): Promise<JobRun>
  output(id: JobId, run: string, from: number): Promise<Piece>
  /** Begins a run now. Failures `job.unknown`, `job.busy`, `job.stopped`. */
  begin(id: JobId, actor: string): Promise<JobRun>
  /** Ends what goes on of a job. Failures `job.unknown`, `job.idle`. */
  stop(id: JobId, actor: string): Promise<JobRun>
  /** No run begins by itself until it is resumed; one that goes on is not ended. Failure `job.unknown`. */
  pause(id: JobId, actor: string): Promise<void>
  /** Moments of the pause are not made up for. Failure `job.unknown`. */
  resume(id: JobId): Promise<void>
  alarms(): Promise<Alarm[]>
}

/** Runs the jobs of apps. All that it knows is in the store and in the files of the runs, so that it may end at any moment. */
export function createJobs(ports: JobPorts): Jobs {
  const turn = inTurns()
  const turning = createTurning(ports)
  const { store } = ports
  return {
    ...changes(ports, turning, turn),
    tick: () => turn(turning.tick),
    list: (app, most) =>
      turn(async () => {
        const jobs = (await turning.look()).filter(one => app === null || one.app === app)
        return Promise.all(jobs.map(job => standing(ports, turning, { job, most })))
      }),
    async history(id, most) {
      const runs = await store.history(id, most)
      if (runs.length === 0) await turn(() => known(turning, id))
      return runs
    },
    async run(id, run) {
      const found = await store.run(id, run)
      if (found === null) throw noRun(id, run)
      return found
    },
    output: ({ app }, run, from) => ports.runner.output({ app, run }, from),
    alarms: () => turn(() => alarms(ports, turning)),
  }
}

/** What people do with jobs. */
function changes(
  { store, clock, runner, newId }: JobPorts,
  turning: Turning,
  turn: ReturnType<typeof inTurns>,
): Pick<Jobs, 'begin' | 'stop' | 'pause' | 'resume'> {
  const going = async (id: JobId) => (await store.active()).find(run => isOf(run, id))
  return {
    begin: (id, actor) =>
      turn(async () => {
        const job = await known(turning, id)
        const other = await going(id)
        if (other !== undefined) throw busy(other)
        if (!job.awake) throw stopped(job)
        const run = runByHand(job, { id: newId(), moment: clock.now(), actor })
        while (!(await store.add(run))) run.moment++
        await turning.carry(run, [])
        return (await store.run(id, run.id))!
      }),

    stop: (id, actor) =>
      turn(async () => {
        const run = await going(id)
        if (run === undefined) throw idle(await known(turning, id))
        const why = `${actor} stopped it`
        if (run.state === 'running') {
          await store.change({ ...run, why })
          await runner.stop({ app: run.app, run: run.id })
        } else await store.change({ ...run, state: 'stopped', endedAt: clock.now(), retryAt: null, why })
        return (await store.run(id, run.id))!
      }),

    pause: (id, actor) =>
      turn(async () => {
        const job = await known(turning, id)
        if (job.state.pausedAt !== null) return
        await store.keep(job, { pausedAt: clock.now(), pausedBy: actor })
        await turning.look()
      }),

    resume: id =>
      turn(async () => {
        const job = await known(turning, id)
        if (job.state.pausedAt === null) return
        const decidedTo = job.state.decidedTo === null ? null : clock.now()
        await store.keep(job, { pausedAt: null, pausedBy: null, decidedTo })
        await turning.look()
      }),
  }
}

async function known({ look }: Turning, { app, name }: JobId): Promise<Job> {
  const own = (await look()).filter(one => one.app === app)
  const found = own.find(one => one.name === name)
  if (found !== undefined) return found
  throw unknown(
    { app, name },
    own.map(one => one.name),
  )
}

async function standing(
  { store, clock }: JobPorts,
  { nextOf }: Turning,
  { job, most }: { job: Job; most: number },
): Promise<Standing> {
  const runs = await store.history(job, most)
  const { decidedTo, pausedAt } = job.state
  const byItself = decidedTo !== null && pausedAt === null && job.awake
  return {
    ...{ job, runs, overdue: overdue(job, { now: clock.now(), next: nextOf(job), runs }) },
    next: byItself ? nextOf(job)(Math.max(decidedTo, clock.now())) : null,
  }
}

async function alarms({ store, clock }: JobPorts, { jobs, nextOf }: Turning): Promise<Alarm[]> {
  const now = clock.now()
  const told = jobs().filter(job => !job.preview && job.state.since !== null)
  const found = told.map(async job => {
    const failed = job.state.failed === null ? null : await store.run(job, job.state.failed)
    const runs = await store.history(job, 2)
    return alarmOf(job, { failed, overdue: overdue(job, { now, next: nextOf(job), runs }) }) ?? []
  })
  return (await Promise.all(found)).flat()
}
