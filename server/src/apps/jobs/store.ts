import type { Selectable } from 'kysely'
import type { Store } from '../../db/db.ts'
import type { Tables } from '../../db/schema.ts'
import { ACTIVE, type JobId, type JobRun, type JobState, type RunState } from './job.ts'

export type JobStore = ReturnType<typeof jobStore>

type Row = Selectable<Tables['job_run']>

/** Jobs with what is remembered of them, and their runs. */
export const jobStore = (store: Store) => ({
  ...stateStore(store),
  ...runStore(store),
  ...historyStore(store),
})

const stateStore = ({ sql }: Store) => ({
  async states(): Promise<Array<JobId & { state: JobState }>> {
    return (await sql.selectFrom('job').selectAll().execute()).map(row => ({
      ...{ app: row.app, name: row.name },
      state: {
        ...{ schedule: row.schedule, decidedTo: row.decided_to, since: row.since, goodAt: row.good_at },
        ...{ failed: row.failed, pausedAt: row.paused_at, pausedBy: row.paused_by },
      },
    }))
  },

  async keep({ app, name }: JobId, changed: Partial<JobState>): Promise<void> {
    const row = stateRow(changed)
    if (Object.keys(row).length === 0) return
    await sql
      .insertInto('job')
      .values({ app, name, schedule: '', ...row })
      .onConflict(c => c.columns(['app', 'name']).doUpdateSet(row))
      .execute()
  },

  async forget({ app, name }: JobId): Promise<void> {
    await sql.transaction().execute(async changed => {
      await changed.deleteFrom('job').where('app', '=', app).where('name', '=', name).execute()
      await changed.deleteFrom('job_run').where('app', '=', app).where('job', '=', name).execute()
      await changed.deleteFrom('job_past').where('app', '=', app).where('job', '=', name).execute()
    })
  },
})

const COLUMNS = {
  schedule: 'schedule',
  decidedTo: 'decided_to',
  since: 'since',
  goodAt: 'good_at',
  failed: 'failed',
  pausedAt: 'paused_at',
  pausedBy: 'paused_by',
} as const satisfies Record<keyof JobState, keyof Tables['job']>

const stateRow = (state: Partial<JobState>): Partial<Omit<Tables['job'], 'app' | 'name'>> =>
  Object.fromEntries(Object.entries(state).map(([key, value]) => [COLUMNS[key as keyof JobState], value]))

const runStore = ({ sql }: Store) => ({
  /**
   * Writes down what was decided of moments, and up to when, together. A moment that has a run already keeps it: that no
   * two runs of a job have the same moment is what makes each run once.
   */
  async decided({ app, name }: JobId, decidedTo: number, runs: readonly JobRun[]): Promise<void> {
    await sql.transaction().execute(async changed => {
      for (const run of runs)
        await changed
          .insertInto('job_run')
          .values(rowOf(run))
          .onConflict(c => c.columns(['app', 'job', 'moment']).doNothing())
          .execute()
      const row = { decided_to: decidedTo }
      await changed.updateTable('job').set(row).where('app', '=', app).where('name', '=', name).execute()
    })
  },

  /** A run that somebody asks for. false: its job has one of this moment. */
  async add(run: JobRun): Promise<boolean> {
    const made = await sql
      .insertInto('job_run')
      .values(rowOf(run))
      .onConflict(c => c.columns(['app', 'job', 'moment']).doNothing())
      .executeTakeFirst()
    return made.numInsertedOrUpdatedRows === 1n
  },

  /** Runs that have not ended, the oldest first. */
  async active(): Promise<JobRun[]> {
    const rows = sql.selectFrom('job_run').selectAll().where('state', 'in', ACTIVE).orderBy('moment')
    return (await rows.execute()).map(runOf)
  },

  async change(run: JobRun): Promise<void> {
    await sql.updateTable('job_run').set(rowOf(run)).where('id', '=', run.id).execute()
  },

  /** What became of a run, and what it means for its job, together. */
  async ended(run: JobRun, changed: Pick<JobState, 'failed'> & { goodAt?: number }): Promise<void> {
    await sql.transaction().execute(async writing => {
      await writing.updateTable('job_run').set(rowOf(run)).where('id', '=', run.id).execute()
      await writing
        .updateTable('job')
        .set(stateRow(changed))
        .where('app', '=', run.app)
        .where('name', '=', run.job)
        .execute()
    })
  },
})

const historyStore = ({ sql, raw }: Store) => ({
  /** The newest runs of a job, the newest first. */
  async history({ app, name }: JobId, most: number): Promise<JobRun[]> {
    const rows = await sql
      .selectFrom('job_run')
      .selectAll()
      .where('app', '=', app)
      .where('job', '=', name)
      .orderBy('moment', 'desc')
      .limit(most)
      .execute()
    return rows.map(runOf)
  },

  /**
   * How runs of all jobs ended whose moments lie between two. Of moments that were missed together there is one row.
   * `since`: from when on none is missing, within the hour; null: none was ever forgotten.
   */
  async counts(from: number, to: number) {
    const rows = [...(await rowsBetween(sql, from, to)), ...(await pastBetween(sql, from, to))]
    return [...Map.groupBy(rows, row => `${row.app} ${row.job}`).values()].map(own => {
      const of = (state: string) =>
        own.filter(row => row.state === state).reduce((sum, row) => sum + Number(row.n), 0)
      const { app, job } = own[0]!
      const oldest = raw.prepare(FIRST).get(app, job, app, job, app, job, KEPT.runs - 1)
      const since = oldest?.['since'] == null ? null : Number(oldest['since'])
      return { app, name: job, good: of('done'), failed: of('failed'), missed: of('missed'), since }
    })
  },

  async run({ app, name }: JobId, id: string): Promise<JobRun | null> {
    const row = await sql
      .selectFrom('job_run')
      .selectAll()
      .where('app', '=', app)
      .where('job', '=', name)
      .where('id', '=', id)
      .executeTakeFirst()
    return row === undefined ? null : runOf(row)
  },

  /** Releases of an app in which runs go on. */
  async releases(app: string): Promise<string[]> {
    const rows = await sql
      .selectFrom('job_run')
      .select('release')
      .where('app', '=', app)
      .where('state', 'in', ACTIVE)
      .execute()
    return rows.flatMap(({ release }) => release ?? [])
  },

  /** Ended runs whose output is to go, because others are newer. */
  async old({ app, name }: JobId, most: Kept): Promise<string[]> {
    const rows = raw
      .prepare(
        `select id, ended_at, row_number() over (order by moment desc) > ? as beyond from job_run
          where app = ? and job = ? and kept = 1
        union select id, ended_at, 1 from job_run where app = ? and job = ? and kept = 1 and moment < ${BEYOND}`,
      )
      .all(most.outputs, app, name, app, name, app, name, most.runs - 1)
    return rows.flatMap(row => (row['beyond'] === 1 && row['ended_at'] !== null ? [String(row['id'])] : []))
  },

  /** Forgets all but the newest runs of a job, and that the output of these is there. */
  prune({ app, name }: JobId, most: Kept, old: readonly string[]): void {
    for (const id of old) raw.prepare('update job_run set kept = 0 where id = ?').run(id)
    const gone = `app = ? and job = ? and kept = 0 and moment < ${BEYOND}`
    const of = [app, name, app, name, most.runs - 1]
    raw.exec('savepoint prune')
    raw
      .prepare(
        `insert into job_past (app, job, hour, state, n)
         select app, job, moment / ${HOUR_MS} * ${HOUR_MS}, state, sum(count) from job_run where ${gone} group by 1, 2, 3, 4
         on conflict do update set n = n + excluded.n`,
      )
      .run(...of)
    raw.prepare(`delete from job_run where ${gone}`).run(...of)
    raw
      .prepare(`delete from job_past where app = ? and job = ? and hour <
        (select max(moment) from job_run where app = ? and job = ?) - ${PAST_MS}`)
      .run(app, name, app, name)
    raw.exec('release prune')
  },
})

/** Runs that are forgotten are still counted, by the hour, for longer than a report goes back. */
const HOUR_MS = 3_600_000
const PAST_MS = 40 * 24 * HOUR_MS

const rowsBetween = (sql: Store['sql'], from: number, to: number) =>
  sql
    .selectFrom('job_run')
    .select(['app', 'job', 'state', ({ fn }) => fn.sum<number>('count').as('n')])
    .where('moment', '>=', from)
    .where('moment', '<=', to)
    .groupBy(['app', 'job', 'state'])
    .execute()

const pastBetween = (sql: Store['sql'], from: number, to: number) =>
  sql
    .selectFrom('job_past')
    .select(['app', 'job', 'state', 'n'])
    .where('hour', '>', from - HOUR_MS)
    .where('hour', '<=', to)
    .execute()

/** How many of a job's newest runs stay, and of how many of those that began the output does. */
export interface Kept {
  runs: number
  outputs: number
}

/** Of each job. */
export const KEPT: Kept = { runs: 1_000, outputs: 50 }

/** The moment of the oldest run that stays; nothing: none has to go. */
const OLDEST = 'select moment from job_run where app = ? and job = ? order by moment desc limit 1 offset ?'
const BEYOND = `(${OLDEST})`
/** From when on runs of a job are counted, where there are more than are kept. */
const FIRST = `select min((select min(hour) from job_past where app = ? and job = ?), (select min(moment) from job_run where app = ? and job = ?)) as since
  where exists (${OLDEST})`

const rowOf = (run: JobRun): Row => ({
  ...{ id: run.id, app: run.app, job: run.job, moment: run.moment, cause: run.cause, actor: run.actor },
  ...{ state: run.state, release: run.release, attempt: run.attempt, code: run.code, why: run.why },
  ...{ started_at: run.startedAt, ended_at: run.endedAt, retry_at: run.retryAt },
  ...{ first: run.first, count: run.count, kept: Number(run.kept) },
})

const runOf = (row: Row): JobRun => ({
  ...{ id: row.id, app: row.app, job: row.job, moment: row.moment, cause: row.cause as JobRun['cause'] },
  ...{ actor: row.actor, state: row.state as RunState, release: row.release, attempt: row.attempt },
  ...{ startedAt: row.started_at, endedAt: row.ended_at, retryAt: row.retry_at, code: row.code },
  ...{ why: row.why, first: row.first, count: row.count, kept: row.kept === 1 },
})
