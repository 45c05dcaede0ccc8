import { carryOut } from './carry-out.ts'
import type { Job, JobId, JobRun } from './job.ts'
import { lookAtJobs } from './look.ts'
import type { JobPorts } from './ports.ts'
import { type Decision, decide } from './rule.ts'

/** How often it is looked for jobs that were deployed, changed or removed. */
const LOOK_MS = 5_000
/** Runs that begin in one turn: at nine o'clock not all of them take the machine at once. */
const BEGIN_AT_ONCE = 4

export type Turning = ReturnType<typeof createTurning>

export const isOf = (run: Pick<JobRun, 'app' | 'job'>, { app, name }: JobId): boolean =>
  run.app === app && run.job === name

/** Decides on moments and carries runs on. All that it remembers itself may be lost at any moment. */
export function createTurning(ports: JobPorts) {
  const { store, clock } = ports
  const awake = stayingAwake(ports)
  /** Since when programs are started of which nothing was seen. */
  const beginning = new Map<string, number>()
  let jobs: Job[] = []
  let lookedAt = Number.NEGATIVE_INFINITY
  /** When a job is decided on next, as long as it is the one that was looked at. */
  let waits = new WeakMap<Job, number>()

  /** The next moment of a job after another one; null: never. */
  const nextOf =
    ({ config }: Job) =>
    (after: number) =>
      ports.nextRun(config.schedule, after, config.timezone)

  async function look(): Promise<readonly Job[]> {
    jobs = await lookAtJobs(ports)
    waits = new WeakMap()
    lookedAt = clock.now()
    return jobs
  }

  async function decideOn(job: Job, active: readonly JobRun[]): Promise<void> {
    const { decidedTo, pausedAt } = job.state
    const now = clock.now()
    if (decidedTo === null || pausedAt !== null || !job.awake) return
    if (now >= decidedTo && now < (waits.get(job) ?? 0)) return
    const own = active.filter(run => isOf(run, job))
    const meets = own.length === 0 ? null : { waits: own.some(run => run.state === 'waiting') }
    const next = nextOf(job)
    const made = decide({ decidedTo, now, next, policy: job.config, active: meets })
    const runs = made.decisions.map(one => runFor(job, one, ports.newId()))
    if (made.decidedTo !== decidedTo) await store.decided(job, made.decidedTo, runs)
    job.state = { ...job.state, decidedTo: made.decidedTo }
    waits.set(job, next(made.decidedTo) ?? Number.POSITIVE_INFINITY)
  }

  async function carry(run: JobRun, active: readonly JobRun[]): Promise<void> {
    const job = jobs.find(one => isOf(run, one)) ?? null
    const others = active.filter(one => one !== run && isOf(one, { app: run.app, name: run.job }))
    const busy = others.some(one => one.state !== 'waiting')
    await carryOut(ports, { run, job, busy }, beginning)
  }

  async function tick(): Promise<void> {
    if (Math.abs(clock.now() - lookedAt) >= LOOK_MS) await look()
    const before = await store.active()
    for (const job of jobs) await decideOn(job, before)
    const active = await store.active()
    awake(new Set(active.map(({ app }) => app)))
    let begun = 0
    for (const run of active) {
      // One that waits for its app to be awake takes nothing yet.
      if (run.state === 'due' && run.retryAt === null && begun++ >= BEGIN_AT_ONCE) continue
      await carry(run, active).catch(ports.onDefect)
    }
  }

  return { tick, look, carry, nextOf, jobs: (): readonly Job[] => jobs }
}

/** Keeps apps from falling asleep while runs of them go on. */
function stayingAwake({ awake }: Pick<JobPorts, 'awake'>): (apps: ReadonlySet<string>) => void {
  const held = new Map<string, () => void>()
  return apps => {
    for (const [app, letGo] of held) if (!apps.has(app) && held.delete(app)) letGo()
    for (const app of apps) if (!held.has(app)) held.set(app, awake.hold(app))
  }
}

const blank = ({ app, name }: JobId) => ({
  ...{
    app,
    job: name,
    actor: null,
    release: null,
    attempt: 0,
    startedAt: null,
    endedAt: null,
    retryAt: null,
  },
  ...{ code: null, why: null, first: null, count: 1, kept: false },
})

/** The run of a decision. */
function runFor(job: JobId, decision: Decision, id: string): JobRun {
  const { moment, state } = decision
  const run: JobRun = { ...blank(job), id, moment, state, cause: 'schedule' }
  if (decision.state === 'missed')
    return { ...run, first: decision.first, count: decision.count, endedAt: moment }
  if (decision.state === 'skipped') return { ...run, why: decision.why, endedAt: moment }
  return { ...run, cause: decision.late ? 'late' : 'schedule' }
}

/** A run that somebody asks for. */
export const runByHand = (job: JobId, own: Pick<JobRun, 'id' | 'moment' | 'actor'>): JobRun => ({
  ...blank(job),
  ...own,
  ...{ state: 'due', cause: 'person' },
})
