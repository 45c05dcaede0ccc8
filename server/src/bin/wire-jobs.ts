import { randomUUID } from 'node:crypto'
import { programName } from '../apps/app/names.ts'
import { createJobs, type Jobs } from '../apps/jobs/jobs.ts'
import type { JobPorts } from '../apps/jobs/ports.ts'
import { jobStore } from '../apps/jobs/store.ts'
import type { Sleeping } from '../apps/sleeping/sleeping.ts'
import { nextRun } from '../drivers/croner/schedule.ts'
import { groupOf, jobRunner } from '../drivers/host/jobs.ts'
import { describe } from '../kernel/failure.ts'
import type { Keeper } from './wire.ts'

/** The jobs of apps. `jobGroups`: control groups of those that run on while the keeper starts again. */
export function wireJobs(
  keeper: Keeper,
  { config, commandOf, sleeping }: Pick<JobPorts, 'config' | 'commandOf'> & { sleeping: Sleeping },
): { jobs: Jobs; jobGroups(): Promise<string[]> } {
  const { home, apps, releases, awake, clock, log } = keeper
  const store = jobStore(keeper.store)
  const jobs = createJobs({
    ...{ apps, config, commandOf, awake, clock, nextRun, store },
    release: (app, release) => releases.get(app, release),
    runner: jobRunner(home.jobs),
    asleep: sleeping.isAsleep,
    wake: sleeping.ask,
    newId: () => randomUUID().replaceAll('-', '').slice(0, 12),
    onDefect: error => log('error', 'a run of a job could not be carried on', { error: describe(error) }),
  })
  return {
    jobs,
    jobGroups: async () => (await store.active()).map(({ app, id }) => groupOf(programName(app, 'job'), id)),
  }
}
