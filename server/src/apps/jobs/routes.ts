import { z } from 'zod'
import { mayIn } from '../../api/actor.ts'
import type { Routes } from '../../api/routes.ts'
import type { Audit } from '../../reach/audit/audit.ts'
import { goesOn, type JobId } from './job.ts'
import type { Jobs } from './jobs.ts'
import { jobView, runView } from './view.ts'
import { JobOutput, JobRunView, JobView, SHOWN_RUNS } from './wire.ts'

export interface JobRoutePorts {
  jobs: Jobs
  audit: Pick<Audit, 'write'>
  /** Failure `app.unknown`. */
  knownApp(app: string): Promise<unknown>
}

const ByJob = z.object({ app: z.string(), job: z.string().max(64) })
const ByRun = ByJob.extend({ run: z.string().max(64) })
const idOf = ({ app, job }: z.infer<typeof ByJob>): JobId => ({ app, name: job })

export function jobRoutes(app: Routes, ports: JobRoutePorts): void {
  lookRoutes(app, ports)
  changeRoutes(app, ports)
}

function lookRoutes(app: Routes, { jobs, knownApp }: JobRoutePorts): void {
  app.get(
    '/api/jobs',
    {
      config: { permission: 'viewer', sorts: true },
      schema: {
        summary: 'Every job with its next moment and its newest runs',
        querystring: z.object({ app: z.string().optional() }),
        response: { 200: z.array(JobView) },
      },
    },
    async request => {
      const { app: name } = request.query
      if (name !== undefined) request.demand(name)
      if (name !== undefined) await knownApp(name)
      return (await jobs.list(name ?? null, SHOWN_RUNS))
        .filter(({ job }) => request.permits(job.app))
        .map(one => jobView(one, mayIn(request.actor, 'operator', one.job.app)))
    },
  )
  app.get(
    '/api/apps/:app/jobs/:job/runs',
    {
      config: { permission: 'viewer' },
      schema: {
        summary: 'Runs of a job, the newest first',
        params: ByJob,
        querystring: z.object({ limit: z.coerce.number().int().min(1).max(1000).default(50) }),
        response: { 200: z.array(JobRunView) },
      },
    },
    async ({ params, query }) => {
      await knownApp(params.app)
      return (await jobs.history(idOf(params), query.limit)).map(runView)
    },
  )
  app.get(
    '/api/apps/:app/jobs/:job/runs/:run',
    { config: { permission: 'viewer' }, schema: { params: ByRun, response: { 200: JobRunView } } },
    async ({ params }) => runView(await jobs.run(idOf(params), params.run)),
  )
  app.get(
    '/api/apps/:app/jobs/:job/runs/:run/output',
    {
      config: { permission: 'viewer' },
      schema: {
        summary:
          'What a run printed, from a byte on: ask again from `next` until it has ended and the piece is empty',
        params: ByRun,
        querystring: z.object({ from: z.coerce.number().int().min(0).default(0) }),
        response: { 200: JobOutput },
      },
    },
    async ({ params, query }) => {
      // Asked before the output is read, so that an empty piece of a run that had ended is the end.
      const run = await jobs.run(idOf(params), params.run)
      const { bytes, from, next } = await jobs.output(idOf(params), run.id, query.from)
      return { bytes: bytes.toString('base64'), from, next, ended: !goesOn(run) }
    },
  )
}

function changeRoutes(app: Routes, { jobs, audit }: JobRoutePorts): void {
  const config = { permission: 'operator' } as const
  const told = ({ app: name, job }: z.infer<typeof ByJob>, actor: { name: string }, action: string) =>
    audit.write({ actor: actor.name, action, app: name, detail: job })
  app.post(
    '/api/apps/:app/jobs/:job/runs',
    {
      config: { ...config, verb: 'run' },
      schema: { summary: 'Run a job now', params: ByJob, response: { 200: JobRunView } },
    },
    async ({ params, actor }) => {
      const run = await jobs.begin(idOf(params), actor.name)
      await told(params, actor, 'job run')
      return runView(run)
    },
  )
  app.post(
    '/api/apps/:app/jobs/:job/stop',
    {
      config: { ...config, verb: 'run' },
      schema: { summary: 'End the run of a job that goes on', params: ByJob, response: { 200: JobRunView } },
    },
    async ({ params, actor }) => {
      const run = await jobs.stop(idOf(params), actor.name)
      await told(params, actor, 'job stop')
      return runView(run)
    },
  )
  const Done = z.object({ done: z.literal(true) })
  for (const action of ['pause', 'resume'] as const)
    app.post(
      `/api/apps/:app/jobs/:job/${action}`,
      { config, schema: { params: ByJob, response: { 200: Done } } },
      async ({ params, actor }) => {
        await jobs[action](idOf(params), actor.name)
        await told(params, actor, `job ${action}`)
        return { done: true as const }
      },
    )
}
