import type { Selectable } from 'kysely'
import type { Store } from '../../db/db.ts'
import type { Tables } from '../../db/schema.ts'
import type { Entry, Follow, Incident, NewIncident, Stamp } from './incident.ts'
import type { Decision, Open } from './rule.ts'
import type { IncidentChange } from './wire.ts'

type Sql = Store['sql']

const OUTPUT_MS = 24 * 3_600_000

export type IncidentStore = ReturnType<typeof incidentStore>

/** Incidents, what belongs to each, and what is to be done after them. */
export const incidentStore = ({ sql }: Store) => ({
  ...incidents(sql),
  ...entries(sql),
  ...outputs(sql),
  ...followUps(sql),
})

type Values = Partial<Selectable<Tables['incident']>>

function incidents(sql: Sql) {
  const change = (id: number, values: Values, within: Sql = sql) =>
    within.updateTable('incident').set(values).where('id', '=', id).execute()
  /** A keeper that is killed in it has done neither, so whoever does it again has not said it twice. */
  const changeAndSay = (id: number, values: Values, said: readonly Entry[]): Promise<void> =>
    sql.transaction().execute(async at => {
      await change(id, values, at)
      await write(at, id, said)
    })
  return {
    async list(): Promise<Incident[]> {
      return (await sql.selectFrom('incident').selectAll().orderBy('id', 'desc').execute()).map(toIncident)
    },

    async find(id: number): Promise<Incident | null> {
      const row = await sql.selectFrom('incident').selectAll().where('id', '=', id).executeTakeFirst()
      return row === undefined ? null : toIncident(row)
    },

    /** Those that are not resolved; with a moment also those that were resolved after it. */
    async opened(resolvedAfter: number | null = null): Promise<Open[]> {
      const rows = await sql
        .selectFrom('incident')
        .selectAll()
        .where(({ eb, or }) =>
          or([
            eb('resolved_at', 'is', null),
            ...(resolvedAfter === null ? [] : [eb('resolved_at', '>', resolvedAfter)]),
          ]),
        )
        .execute()
      const ids = rows.map(({ id }) => id)
      const own = await sql.selectFrom('incident_alert').selectAll().where('incident', 'in', ids).execute()
      return rows.map(row => ({
        ...toIncident(row),
        occurrences: own.filter(one => one.incident === row.id).map(one => one.occurrence),
      }))
    },

    /**
     * Which of these occurrences of alerts an incident has, so that none opens two, and when the last such incident was
     * resolved; null: it is open.
     */
    async taken(occurrences: readonly string[]): Promise<Map<string, number | null>> {
      const rows = await sql
        .selectFrom('incident_alert')
        .innerJoin('incident', 'incident.id', 'incident_alert.incident')
        .select(['occurrence', 'resolved_at'])
        .where('occurrence', 'in', occurrences)
        .orderBy('incident.id')
        .execute()
      return new Map(rows.map(row => [row.occurrence, row.resolved_at]))
    },

    /** Returns the number of an incident that a person opened, with what is known of it already. */
    open: (incident: NewIncident, known: readonly Entry[]): Promise<number> =>
      sql.transaction().execute(async at => {
        const id = await insert(at, incident)
        await write(at, id, known)
        return id
      }),

    /** What was decided of alerts, as a whole: a keeper that is killed in it decides it again. */
    apply: ({ open, join, acknowledge, resolve }: Decision): Promise<void> =>
      sql.transaction().execute(async at => {
        for (const { occurrences, ...incident } of open) {
          const id = await insert(at, incident)
          const rows = occurrences.map(occurrence => ({ occurrence, incident: id }))
          await at.insertInto('incident_alert').values(rows).execute()
        }
        for (const { incident, occurrence } of join)
          await at.insertInto('incident_alert').values({ occurrence, incident }).execute()
        for (const { incident, stamp } of acknowledge) await change(incident, ackedBy(stamp), at)
        for (const { incident, stamp } of resolve) await change(incident, resolvedBy(stamp), at)
      }),

    change: (id: number, values: IncidentChange, said: readonly Entry[]) => changeAndSay(id, values, said),
    acknowledge: (id: number, stamp: Stamp, lead: string) => change(id, { ...ackedBy(stamp), lead }),
    resolve: (id: number, stamp: Stamp, said: readonly Entry[]) => changeAndSay(id, resolvedBy(stamp), said),
    measured: (id: number, values: Pick<Incident, 'requests' | 'errors'>) => change(id, values),
  }
}

const ackedBy = ({ by, at }: Stamp) => ({ acked_by: by, acked_at: at })
const resolvedBy = ({ by, at }: Stamp) => ({ resolved_by: by, resolved_at: at })

async function insert(sql: Sql, incident: NewIncident): Promise<number> {
  const { app, title, severity, impact, lead, beganAt, openedAt, openedBy } = incident
  const { insertId } = await sql
    .insertInto('incident')
    .values({
      ...{ app, title, severity, impact, lead, requests: 0, errors: 0 },
      ...{ began_at: beganAt, opened_at: openedAt, opened_by: openedBy },
    })
    .executeTakeFirstOrThrow()
  return Number(insertId)
}

const stampOf = (by: string | null, at: number | null): Stamp | null =>
  by === null || at === null ? null : { by, at }

const toIncident = (row: Selectable<Tables['incident']>): Incident => ({
  ...{ id: row.id, app: row.app, title: row.title, severity: row.severity },
  ...{ impact: row.impact, lead: row.lead, requests: row.requests, errors: row.errors },
  ...{ beganAt: row.began_at, openedAt: row.opened_at, openedBy: row.opened_by },
  acked: stampOf(row.acked_by, row.acked_at),
  resolved: stampOf(row.resolved_by, row.resolved_at),
})

async function write(sql: Sql, incident: number, all: readonly Entry[]): Promise<void> {
  for (const { key, ...values } of all) {
    await sql
      .insertInto('incident_entry')
      .values({ incident, key, ...values })
      .onConflict(c => c.columns(['incident', 'key']).doUpdateSet(values))
      .execute()
  }
}

function entries(sql: Sql) {
  return {
    /** Writes entries of a timeline down; one of the same key becomes what it is now. */
    keep: (incident: number, all: readonly Entry[]): Promise<void> =>
      sql.transaction().execute(at => write(at, incident, all)),

    /** Oldest first. */
    timeline: (incident: number): Promise<Entry[]> =>
      sql
        .selectFrom('incident_entry')
        .select(['key', 'at', 'kind', 'who', 'what', 'detail'])
        .where('incident', '=', incident)
        .orderBy('at')
        .orderBy('key')
        .execute(),
  }
}

function outputs(sql: Sql) {
  return {
    /** Keeps the end of what a command printed until the timeline has it. */
    async printed(entry: number, text: string, at: number): Promise<void> {
      await sql
        .deleteFrom('command_output')
        .where('at', '<', at - OUTPUT_MS)
        .execute()
      await sql.insertInto('command_output').values({ entry, at, text }).execute()
    },

    /** By the id of the command's entry in the audit log. */
    async outputs(): Promise<Map<number, string>> {
      const rows = await sql.selectFrom('command_output').select(['entry', 'text']).execute()
      return new Map(rows.map(({ entry, text }) => [entry, text]))
    },
  }
}

function followUps(sql: Sql) {
  return {
    /** Those of an incident; null: all that are not done. */
    async followUps(incident: number | null): Promise<Follow[]> {
      const rows = await sql
        .selectFrom('follow_up')
        .innerJoin('incident', 'incident.id', 'follow_up.incident')
        .selectAll('follow_up')
        .select('incident.app')
        .$if(incident !== null, query => query.where('incident', '=', incident!))
        .$if(incident === null, query => query.where('done_at', 'is', null))
        .orderBy('due_at')
        .execute()
      return rows.map(row => ({
        ...{ id: row.id, incident: row.incident, app: row.app, what: row.what, dueAt: row.due_at },
        ...{ by: row.made_by, done: stampOf(row.done_by, row.done_at) },
      }))
    },

    async follow({ incident, what, dueAt, by }: Omit<Follow, 'id' | 'app' | 'done'>): Promise<number> {
      const { insertId } = await sql
        .insertInto('follow_up')
        .values({ incident, what, due_at: dueAt, made_by: by })
        .executeTakeFirstOrThrow()
      return Number(insertId)
    },

    async findFollow(id: number): Promise<Pick<Follow, 'incident' | 'what'> | null> {
      const row = await sql
        .selectFrom('follow_up')
        .select(['incident', 'what'])
        .where('id', '=', id)
        .executeTakeFirst()
      return row ?? null
    },

    async done(id: number, { by, at }: Stamp): Promise<void> {
      await sql.updateTable('follow_up').set({ done_by: by, done_at: at }).where('id', '=', id).execute()
    },
  }
}
