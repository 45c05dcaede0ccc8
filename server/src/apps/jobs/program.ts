import { type AppConfig, type ServiceConfig, serviceOf } from '../../config/config.ts'
import type { JobConfig } from '../../config/jobs.ts'
import { iso } from '../../kernel/moments.ts'
import { type App, currentRelease } from '../app/app.ts'
import { logRulesOf } from '../releases/log-rules.ts'
import type { JobRun } from './job.ts'
import type { JobPorts } from './ports.ts'
import type { JobProgram } from './runner.ts'

/** The service whose release, environment and folder a job has. The file was checked: there is one. */
export const jobService = (config: AppConfig, { service }: Pick<JobConfig, 'service'>): ServiceConfig =>
  serviceOf(config, service ?? config.services.find(one => one.start !== undefined)!.name)

/** The release in which a job runs now: the one from which its service serves; null: none does. */
export const releaseFor = (app: App, config: AppConfig, job: JobConfig): string | null =>
  app.live[jobService(config, job).name]?.release ?? currentRelease(app)

/** What a run starts, in the release that is noted in it. Failures of reading that release. */
export async function programOf(
  ports: Pick<JobPorts, 'release' | 'commandOf'>,
  { app, job, run }: { app: App; job: JobConfig; run: JobRun },
): Promise<JobProgram> {
  const release = await ports.release(app.name, run.release!)
  const service = jobService(release.config, job)
  const env = {
    INNKEEPER_JOB: run.job,
    INNKEEPER_JOB_RUN: run.id,
    INNKEEPER_JOB_MOMENT: iso(run.moment),
    INNKEEPER_JOB_TRY: String(run.attempt),
  }
  const command = await ports.commandOf(
    { app, release, service: service.name, argv: job.command, env, terminal: null },
    'job',
  )
  return {
    ...command,
    timeoutMs: job.timeout,
    graceMs: service.stopGrace,
    memoryBytes: job.memory ?? null,
    hidden: logRulesOf(release, service.name, command.env).secrets,
  }
}
