import { showDuration } from '../../kernel/durations.ts'
import { describe } from '../../kernel/failure.ts'
import { showSize } from '../../kernel/sizes.ts'
import type { App } from '../app/app.ts'
import { currentRelease } from '../app/app.ts'
import type { Job, JobRun } from './job.ts'
import type { JobPorts } from './ports.ts'
import { programOf, releaseFor } from './program.ts'
import { type Ended, endingOf, MADE_UP_MS, ON_TIME_MS, verdict } from './rule.ts'
import { KEPT } from './store.ts'

/** A program that did not begin within this cannot be started. */
const BEGINS_WITHIN_MS = 60_000
/** One that was just started is not started again. */
const AGAIN_MS = 5_000
const AWAKE_WITHIN_MS = 600_000

/** A run with the job that it is of; null: what serves has no such job. */
interface Carried {
  run: JobRun
  job: Job | null
  /** Whether another run of the job goes on. */
  busy: boolean
}

/**
 * Takes one run a step further. What is going to be done is written down before it is done, and each step may be taken
 * twice: after the death of a keeper the next one looks at the same row. `beginning`: since when this keeper starts
 * programs of which nothing was seen.
 */
export async function carryOut(
  ports: JobPorts,
  carried: Carried,
  beginning: Map<string, number>,
): Promise<void> {
  const { run, job } = carried
  if (run.state === 'running') return attend(ports, carried, beginning)
  if (job === null) return leftOut(ports, run, 'the job was taken out of innkeeper.yaml')
  if (job.state.pausedAt !== null && run.cause !== 'person') return leftOut(ports, run, 'the job was paused')
  if (run.state === 'waiting' && carried.busy) return
  if (run.state === 'retrying' && ports.clock.now() < run.retryAt!) return
  const old = await tooOld(ports, run, job)
  if (old !== null) return leftOut(ports, run, old)
  await begin(ports, job, run)
}

/** Why a run begins no more; null: it does. A keeper that was away for days begins nothing of before. */
async function tooOld({ store, clock }: JobPorts, run: JobRun, job: Job): Promise<string | null> {
  // One that waits for its app to be awake is on its time as long as it may wait.
  const meant = run.state === 'waiting' ? await turnOf(store, run, job) : (run.retryAt ?? run.moment)
  const late = clock.now() - meant
  if (job.config.missed === 'skip') return late > ON_TIME_MS ? 'nobody was there at its time' : null
  return late > MADE_UP_MS + AWAKE_WITHIN_MS ? 'nobody was there within a day of its time' : null
}

/** When a run that waits may begin: when the one before has ended. */
async function turnOf(store: JobPorts['store'], { moment }: JobRun, job: Job): Promise<number> {
  const runs = await store.history(job, KEPT.runs)
  const before = runs.filter(one => one.moment < moment)
  return Math.max(moment, ...before.map(one => one.endedAt ?? moment))
}

/** A run that does not begin (again): one that was tried has failed. */
async function leftOut({ store, clock }: JobPorts, run: JobRun, why: string): Promise<void> {
  const tried = run.attempt > 0
  const over = { ...run, endedAt: run.endedAt ?? clock.now(), retryAt: null }
  if (!tried) return store.change({ ...over, state: 'skipped', why })
  await store.ended({ ...over, state: 'failed', why: `${run.why}; ${why}` }, { failed: run.id })
}

async function begin(ports: JobPorts, job: Job, run: JobRun): Promise<void> {
  const { apps, store, clock } = ports
  const app = await apps.find(run.app)
  if (app === null || app.state !== 'running') return beginLater(ports, app, run)
  const current = currentRelease(app)
  const config = current === null ? null : await ports.config(app.name, current)
  if (config === null) return leftOut(ports, run, `nothing of ${app.name} serves`)
  const started: JobRun = {
    ...run,
    ...{ state: 'running', attempt: run.attempt + 1, release: releaseFor(app, config, job.config) },
    ...{ startedAt: clock.now(), retryAt: null, code: null, why: null, kept: true },
  }
  // The release is noted first, so that its files stay, and a keeper that starts this again starts the same.
  await store.change(started)
  await start(ports, { app, job, run: started })
}

async function start(ports: JobPorts, { app, job, run }: { app: App; job: Job; run: JobRun }): Promise<void> {
  try {
    await ports.runner.start(tryOf(run), await programOf(ports, { app, job: job.config, run }))
  } catch (error) {
    const { what, why } = describe(error)
    const ended: Ended = { how: 'launch', code: null, signal: null }
    await finish(ports, { run, job, said: `${what}: ${why}` }, { ended, endedAt: ports.clock.now() })
  }
}

/** An app that sleeps is started first; one that was stopped runs no jobs. */
async function beginLater(ports: JobPorts, app: App | null, run: JobRun): Promise<void> {
  if (app === null || !(await ports.asleep(app))) return leftOut(ports, run, `${run.app} was stopped`)
  const until = run.retryAt ?? ports.clock.now() + AWAKE_WITHIN_MS
  if (ports.clock.now() >= until) return leftOut(ports, run, `${run.app} sleeps, and did not start`)
  if (run.retryAt === null) await ports.store.change({ ...run, state: 'due', retryAt: until })
  await ports.wake(run.app)
}

const tryOf = ({ app, id, attempt }: JobRun) => ({ app, run: id, attempt })

/** Looks at a run that goes on. */
async function attend(ports: JobPorts, { run, job }: Carried, beginning: Map<string, number>): Promise<void> {
  const now = await ports.runner.state(tryOf(run))
  if (now.state !== 'none') beginning.delete(run.id)
  if (now.state === 'ended') return finish(ports, { run, job }, now)
  const app = await ports.apps.find(run.app)
  const stopped = app === null || (app.state !== 'running' && !(await ports.asleep(app)))
  if (now.state === 'running') return stopped ? ports.runner.stop({ app: run.app, run: run.id }) : undefined
  await attendUnseen(ports, { run, job, app: stopped ? null : app }, beginning)
}

/**
 * Of a try of which nothing is here: the keeper ended before the program began, or it is about to. Started twice, the
 * two know that they are one. Found after its time it may have run on a server that is gone, and counts as cut off. `app` null: it
 * was stopped.
 */
async function attendUnseen(
  ports: JobPorts,
  { run, job, app }: { run: JobRun; job: Job | null; app: App | null },
  beginning: Map<string, number>,
): Promise<void> {
  const at = ports.clock.now()
  const since = beginning.get(run.id) ?? at
  const age = Math.abs(at - run.startedAt!)
  const lost = !beginning.has(run.id) && age > ON_TIME_MS
  if (job !== null && app !== null && !lost && Math.abs(at - since) <= BEGINS_WITHIN_MS) {
    beginning.set(run.id, since)
    if (age > AGAIN_MS) await start(ports, { app, job, run })
    return
  }
  beginning.delete(run.id)
  const ended: Ended = { how: app === null ? 'stopped' : lost ? 'lost' : 'launch', code: null, signal: null }
  // A try that comes hours later is what `missed: skip` keeps a job from.
  const again = lost && job?.config.missed === 'skip' ? null : job
  await finish(ports, { run, job: again }, { ended, endedAt: lost ? run.startedAt! : at })
}

/** Writes down what became of a try, and what follows from it. */
async function finish(
  { store, clock, runner }: JobPorts,
  { run, job, said }: { run: JobRun; job: Job | null; said?: string },
  { ended, endedAt }: { ended: Ended; endedAt: number },
): Promise<void> {
  const { config } = job ?? {}
  const bounds = { timeout: showDuration(config?.timeout ?? 0), memory: showSize(config?.memory ?? 0) }
  const next = verdict(ended, { attempt: run.attempt, retries: config?.retries ?? 0, now: clock.now() })
  const why = next.state === 'done' ? null : (said ?? run.why ?? endingOf(ended, bounds))
  const over: JobRun = { ...run, endedAt, code: ended.code, why, state: next.state }
  if (next.state === 'retrying') return store.change({ ...over, retryAt: next.retryAt })
  if (next.state === 'stopped') await store.change(over)
  else if (next.state === 'failed') await store.ended(over, { failed: run.id })
  else await store.ended(over, { failed: null, goodAt: Math.max(run.moment, job?.state.goodAt ?? 0) })
  await tidy({ store, runner }, run)
}

/** Outputs take more room than rows, so that fewer of them stay. They go first: a keeper that ends in between does it again. */
async function tidy({ store, runner }: Pick<JobPorts, 'store' | 'runner'>, run: JobRun): Promise<void> {
  const id = { app: run.app, name: run.job }
  const old = await store.old(id, KEPT)
  for (const one of old) await runner.forget({ app: run.app, run: one })
  store.prune(id, KEPT, old)
}
