import { runsIn } from '../../config/jobs.ts'
import { type App, currentRelease } from '../app/app.ts'
import { type Job, type JobState, scheduleOf } from './job.ts'
import type { JobPorts } from './ports.ts'

const NEW: JobState = {
  ...{
    schedule: '',
    decidedTo: null,
    since: null,
    goodAt: null,
    failed: null,
    pausedAt: null,
    pausedBy: null,
  },
}

type LookPorts = Pick<JobPorts, 'apps' | 'config' | 'store' | 'clock' | 'asleep' | 'runner'>

/**
 * Every job that is deployed, with what is remembered of it. One that is new, or has another schedule than before, is
 * decided on from now. What is remembered stays while its app is there: a release without the job may be taken back.
 */
export async function lookAtJobs(ports: LookPorts): Promise<Job[]> {
  const apps = await ports.apps.all()
  const states = await ports.store.states()
  const found = (await Promise.all(apps.map(app => jobsOf(ports, app)))).flat()
  for (const job of found) {
    const known = states.find(one => one.app === job.app && one.name === job.name)?.state ?? NEW
    job.state = { ...known, ...changed(known, job, ports.clock.now()) }
    if (differs(known, job.state)) await ports.store.keep(job, job.state)
  }
  const gone = states.filter(one => !apps.some(app => app.name === one.app))
  for (const job of gone) await ports.store.forget(job)
  if (gone.length > 0) await forgetFiles(ports, new Set(gone.map(({ app }) => app)))
  return found
}

async function jobsOf({ config, asleep }: LookPorts, app: App): Promise<Job[]> {
  const release = currentRelease(app)
  const said = release === null ? null : await config(app.name, release)
  const named = Object.entries(said?.jobs ?? {})
  if (named.length === 0) return []
  const awake = app.state === 'running' || (await asleep(app))
  const preview = said!.preview !== null
  return named.map(([name, own]) => ({ app: app.name, name, config: own, state: NEW, awake, preview }))
}

/** From when it is decided on, and waited for. While its app is stopped, moments wait to be decided on. */
function changed(known: JobState, { app, config, awake }: Job, now: number): Partial<JobState> {
  const schedule = scheduleOf(config)
  if (!runsIn(config, app)) return { schedule, decidedTo: null, since: null }
  const decidedTo = known.schedule === schedule ? (known.decidedTo ?? now) : now
  const waited = awake && known.pausedAt === null
  return { schedule, decidedTo, since: waited ? (known.since ?? now) : null }
}

const differs = (one: JobState, other: JobState): boolean =>
  (Object.keys(one) as Array<keyof JobState>).some(key => one[key] !== other[key])

async function forgetFiles({ runner }: Pick<LookPorts, 'runner'>, apps: ReadonlySet<string>): Promise<void> {
  for (const run of await runner.kept()) if (apps.has(run.app)) await runner.forget(run)
}
