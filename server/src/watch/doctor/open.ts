import { z } from 'zod'
import type { Answer } from '../../api/begin.ts'
import type { Routes } from '../../api/routes.ts'
import { elsewhere } from '../../apps/databases/unasked.ts'
import { performing } from '../../engine/run.ts'
import { ChangeAnswer } from '../../engine/wire-change.ts'
import { Failure } from '../../kernel/failure.ts'
import { iso } from '../../kernel/moments.ts'
import type { OpenPart } from '../../parts/part.ts'
import type { DatabaseFacts } from './facts.ts'
import { planTune, planVacuum } from './plan.ts'
import { diagnose } from './rule.ts'
import type { DoctorStep } from './step.ts'
import { type TuningFacts, tuned } from './tuning.ts'
import type { createWatch } from './watch.ts'
import { DatabaseHealth, DatabaseTuning, TuneRequest, VacuumRequest } from './wire.ts'

export interface Needs {
  /** Failure `app.unknown`. */
  knownApp(app: string): Promise<unknown>
  doctor: {
    /** What the catalogs of an app's database say, wherever it is. null: it has none. Failure `database.unreachable`. */
    facts(app: string): Promise<DatabaseFacts | null>
    /** Vacuums a table as its owner, and counts it. Ends early, and rejects with the signal's reason, when that aborts. */
    vacuum(app: string, table: string, signal: AbortSignal): Promise<void>
    /** What a cluster runs with. null: the app has none here. Failure `database.unreachable`. */
    tuning(app: string): Promise<TuningFacts | null>
    restart(app: string, signal: AbortSignal): Promise<void>
  }
  databaseWatch: ReturnType<typeof createWatch>
  answer: Answer
}

const ByApp = z.object({ app: z.string() })
/** Tables that are named. */
const LARGEST = 12

export const open = (needs: Needs): OpenPart<DoctorStep> => ({
  perform: performing<DoctorStep>({
    'database.vacuum': ({ app, table }, { signal }) => needs.doctor.vacuum(app, table, signal),
    'database.tune': ({ app }, { signal }) => needs.doctor.restart(app, signal),
  }),
  timers: [{ name: 'databases', everyMs: 60_000, work: () => needs.databaseWatch.tick() }],
  alarms: () => needs.databaseWatch.alarms(),
  routes(app) {
    lookRoute(app, needs)
    vacuumRoute(app, needs)
    tuneRoutes(app, needs)
  },
})

async function factsOf({ knownApp, doctor }: Needs, app: string): Promise<DatabaseFacts> {
  await knownApp(app)
  const facts = await doctor.facts(app)
  if (facts !== null) return facts
  throw new Failure('database.none', `${app} has no PostgreSQL`, {
    why: 'no service of the release that serves has a DATABASE_URL',
    fix: '`database: { postgres: true }` in innkeeper.yaml gives it one',
  })
}

function lookRoute(app: Routes, needs: Needs): void {
  app.get(
    '/api/apps/:app/database',
    {
      config: { permission: 'viewer' },
      schema: {
        summary: "How an app's database is, what is wrong with it, and the SQL that mends it",
        params: ByApp,
        response: { 200: DatabaseHealth },
      },
    },
    async request => healthOf(request.params.app, await factsOf(needs, request.params.app)),
  )
}

function vacuumRoute(app: Routes, needs: Needs): void {
  app.post(
    '/api/apps/:app/vacuum',
    {
      config: { permission: 'operator', wakes: true },
      schema: {
        summary: 'Removes dead rows of a table, or of those that have many, and counts it anew',
        params: ByApp,
        body: VacuumRequest,
        response: { 200: ChangeAnswer },
      },
    },
    async request => {
      const { app: name } = request.params
      const { tables } = await factsOf(needs, name)
      return needs.answer(request, request.body, planVacuum(name, tables, request.body.table))
    },
  )
}

async function tuningOf({ knownApp, doctor }: Needs, app: string): Promise<TuningFacts> {
  await knownApp(app)
  const facts = await doctor.tuning(app)
  if (facts !== null) return facts
  throw elsewhere(app)
}

function tuneRoutes(app: Routes, needs: Needs): void {
  app.get(
    '/api/apps/:app/tuning',
    {
      config: { permission: 'viewer' },
      schema: {
        summary: 'The settings that the PostgreSQL of an app runs with, and those that fit the machine',
        params: ByApp,
        response: { 200: DatabaseTuning },
      },
    },
    async request => {
      const { app: name } = request.params
      const facts = await tuningOf(needs, name)
      return { app: name, sizes: facts.sizes, settings: tuned(facts) }
    },
  )
  app.post(
    '/api/apps/:app/tuning',
    {
      config: { permission: 'operator', wakes: true },
      schema: {
        summary: 'Starts the PostgreSQL of an app with the settings that fit the machine',
        params: ByApp,
        body: TuneRequest,
        response: { 200: ChangeAnswer },
      },
    },
    async request => {
      const { app: name } = request.params
      return needs.answer(request, request.body, planTune(name, tuned(await tuningOf(needs, name))))
    },
  )
}

export function healthOf(app: string, facts: DatabaseFacts): DatabaseHealth {
  const { at, since, bytes, tables, connections, blocks } = facts
  const asked = blocks.found + blocks.read
  return {
    ...{ app, at: iso(at), since: since === null ? null : iso(since), bytes, tables: tables.length },
    ...{ connections, fromMemory: asked === 0 ? null : blocks.found / asked },
    largest: [...tables]
      .sort((a, b) => b.bytes - a.bytes)
      .slice(0, LARGEST)
      .map(({ name, bytes: size, indexBytes, rows, deadRows, vacuumedAt }) => ({
        ...{ name, bytes: size, indexBytes, rows, deadRows },
        vacuumedAt: vacuumedAt === null ? null : iso(vacuumedAt),
      })),
    findings: diagnose(facts).map(({ sql, ...one }) => ({ ...one, sql: [...sql] })),
  }
}
